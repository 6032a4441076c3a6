/** The last place of an event with a given id. */
interface Place {
  stream: string;
  revision: number;
  position: number;
}

const REMEMBERED = 65_536;

/**
 * The ids of the newest events, with one place each. They identify a repeated append without an expected revision. As in a
 * real server they are only in memory: after a restart, such an append is written again.
 */
export class RecentEvents {
  private readonly places = new Map<string, Place>();

  constructor(private readonly capacity = REMEMBERED) {}

  add(id: string, place: Place): void {
    // A Map keeps the order of insertion. The deletion makes the id the newest.
    this.places.delete(id);
    this.places.set(id, place);
    if (this.places.size > this.capacity) {
      const oldest = this.places.keys().next();
      if (!oldest.done) this.places.delete(oldest.value);
    }
  }

  find(id: string, stream: string): { revision: number; position: number } | undefined {
    const place = this.places.get(id);
    return place?.stream === stream ? { revision: place.revision, position: place.position } : undefined;
  }

  clear(): void {
    this.places.clear();
  }
}
