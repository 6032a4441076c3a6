/** Where an event with a given id was last written. */
interface Place {
  stream: string;
  revision: number;
  position: number;
}

const REMEMBERED = 65_536;

/**
 * The ids of the newest events, one place for each: how a repeated append is recognised that names no revision.
 * Kept in memory only, as a real server does: after a restart such an append is written again.
 */
export class RecentEvents {
  private readonly places = new Map<string, Place>();

  constructor(private readonly capacity = REMEMBERED) {}

  add(id: string, place: Place): void {
    // Deleted first, so that it counts as the newest.
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
