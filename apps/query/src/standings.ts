import { METADATA_STREAM_PREFIX, parseGroupStream, groupStream, type Owned, type Position } from '@cohort/contracts';
import { hasLimit, standingOf, type EventStore, type StoredEvent } from '@cohort/event-store';
import type { GroupStanding, ReadModel } from '@cohort/read-model';

/** Streams that are looked at together. */
const AT_ONCE = 16;

interface Noticed {
  readonly owner: Owned;
  /** Whether the stream has a limit that may hide events later. */
  readonly limited: boolean;
}

/**
 * Learns from streams' metadata which groups' streams an operator deleted or limited, looks at what is left of them, and stores
 * that in the read model. A stream with a limit is looked at again with each event, since the limit may hide the first one then.
 */
export class StreamStandings {
  private readonly noticed = new Map<string, Noticed>();
  private readonly limited: Map<string, Owned>;

  constructor(
    private readonly model: Pick<ReadModel, 'limitedGroups' | 'setStanding'>,
    private readonly store: Pick<EventStore, 'read'>,
  ) {
    this.limited = new Map(model.limitedGroups.map((owner) => [groupStream(owner.app, owner.id), owner]));
  }

  /** Notes what an event means for its stream. Returns true for an event of a group's metadata, which isn't applied. */
  notice({ stream, data }: StoredEvent): boolean {
    if (!stream.startsWith(METADATA_STREAM_PREFIX)) {
      const owner = this.limited.get(stream);
      if (owner !== undefined) this.noticed.set(stream, { owner, limited: true });
      return false;
    }
    const described = stream.slice(METADATA_STREAM_PREFIX.length);
    const owner = parseGroupStream(described);
    if (owner === undefined) return false;
    this.noticed.set(described, { owner, limited: hasLimit(data) });
    return true;
  }

  /** Notes all streams with limits: a limit of the age hides events without any other event. */
  noticeLimited(): void {
    for (const [stream, owner] of this.limited) this.noticed.set(stream, { owner, limited: true });
  }

  /** Looks at the noticed streams, and stores what is left of them as it is at this position. */
  async settle(position: Position): Promise<void> {
    const all = [...this.noticed];
    for (let i = 0; i < all.length; i += AT_ONCE) {
      const some = all.slice(i, i + AT_ONCE);
      const found = await Promise.all(some.map(([stream]) => standingOf(this.store, stream)));
      for (const [j, [stream, { owner, limited }]] of some.entries()) {
        const standing = STANDINGS[found[j]!] ?? (limited ? 'limited' : 'whole');
        this.model.setStanding(owner, standing, position);
        if (standing === 'limited') this.limited.set(stream, owner);
        else this.limited.delete(stream);
        this.noticed.delete(stream);
      }
    }
  }
}

/** Standings of streams that aren't whole, as the read model has them. */
const STANDINGS: Readonly<Partial<Record<string, GroupStanding>>> = { erased: 'erased', cut: 'damaged' };
