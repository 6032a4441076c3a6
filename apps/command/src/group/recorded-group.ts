import { START, type CohortError, type EventMetadata, type GroupEvent } from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';
import { evolve, initialState, weigh, type GroupState } from '@cohort/group';
import { CommandMemory } from '../mailbox/command-memory';
import { dataDamaged } from '../refusals';
import { readable } from '../mailbox/readable';
import type { Recorded } from '../mailbox/stream-kind';

/** A group as far as its events are known. */
export interface RecordedGroup extends Recorded<GroupState> {
  /** Id of the newest event; empty for a group without events. */
  readonly eventId: string;
  /** Shared by the states of this group. */
  readonly gauge: SnapshotGauge;
  /** Shared by the states of this group. */
  readonly stored: StoredGroup;
}

/**
 * A group as its stored events make it, as far as this node has read them. A node's own appends aren't read, so the group on
 * which it decides is usually newer (`readBack`).
 */
export class StoredGroup {
  #state: GroupState;
  #revision: number;
  #lastAt: number;
  #beforeFixed: GroupBefore | undefined;
  #differs = false;

  constructor(state: GroupState, revision: number, lastAt: number) {
    this.#state = state;
    this.#revision = revision;
    this.#lastAt = lastAt;
  }

  get state(): GroupState {
    return this.#state;
  }

  get revision(): number {
    return this.#revision;
  }

  get lastAt(): number {
    return this.#lastAt;
  }

  /**
   * The group before its newest events, if these follow from their ids and from the group before them. Undefined if any of them may
   * be stored otherwise than this node made it.
   */
  get beforeFixed(): GroupBefore | undefined {
    return this.#beforeFixed;
  }

  advance(state: GroupState, revision: number, at: number): void {
    this.#state = state;
    this.#revision = revision;
    this.#lastAt = Math.max(this.#lastAt, at);
  }

  /** This node appended events to a group. */
  appended({ state, revision, eventId }: GroupBefore, events: readonly { readonly type: string }[]): void {
    if (this.#differs || !events.every(({ type }) => FIXED.has(type))) this.#beforeFixed = undefined;
    else this.#beforeFixed ??= { state, revision, eventId };
  }

  /** The group in this node's memory isn't the stored one. */
  differs(): void {
    this.#differs = true;
    this.#beforeFixed = undefined;
  }
}

export type GroupBefore = Pick<RecordedGroup, 'state' | 'revision' | 'eventId'>;

/**
 * Types of events that have no other data in the event store than this node gave them. An event's id contains the hash of its
 * command and its time. A chunk of an import, and its end, are made of these and of the group alone: no setting of the tenant changes
 * them, and they have no number and no text. So a stored one with the same id, after the same events, is the same.
 */
const FIXED: ReadonlySet<string> = new Set<GroupEvent['type']>(['membersImported', 'importCompleted']);

/** Events after which a snapshot is due. */
const SNAPSHOT_EVENTS = 1_000;
/** Bytes of events after which a snapshot is due. */
const SNAPSHOT_BYTES = 512 * 1024;
/** The same while the group is being imported: it grows fast, and nobody waits for it but its import. They are read in a second or two. */
const SNAPSHOT_BYTES_OF_IMPORT = 32 * 1024 * 1024;

/**
 * Counts what was written to a group since its newest snapshot. The states of a group share it, like the memory. After a
 * large snapshot the next one is due only after events of a quarter of its size, so that writing stays in proportion.
 */
export class SnapshotGauge {
  #events = 0;
  #bytes = 0;

  constructor(private snapshotBytes = 0) {}

  get due(): boolean {
    const much = this.#events >= SNAPSHOT_EVENTS || this.#bytes >= SNAPSHOT_BYTES;
    return much && this.#bytes >= this.snapshotBytes / 4;
  }

  /** Whether a snapshot is due while the group is being imported: it doubles, at least, between two of them. */
  get dueInImport(): boolean {
    return this.#bytes >= SNAPSHOT_BYTES_OF_IMPORT && this.#bytes >= 4 * this.snapshotBytes;
  }

  add(events: number, bytes: number): void {
    this.#events += events;
    this.#bytes += bytes;
  }

  /** A snapshot is begun: later events count for the next one. */
  begin(): void {
    this.#events = 0;
    this.#bytes = 0;
  }

  /** A snapshot of this many bytes is written. */
  taken(bytes: number): void {
    this.snapshotBytes = bytes;
  }
}

export const unwritten = (): RecordedGroup => ({
  state: initialState,
  revision: -1,
  eventId: '',
  position: START,
  lastAt: 0,
  memory: new CommandMemory(),
  gauge: new SnapshotGauge(),
  stored: new StoredGroup(initialState, -1, 0),
});

/** Approximate bytes of JSON of an event that was read. */
const bytesOf = ({ data }: GroupEvent): number => 512 + ('members' in data ? 64 * data.members.length : 0);

/** Approximate bytes of memory of a group in the cache. O(1). */
export const weighRecorded = ({ state, memory }: RecordedGroup): number => weigh(state) + memory.weigh() + 256;

/**
 * The group after one more stored event. Throws `UNAVAILABLE` at an event that a newer version wrote, and `DATA_DAMAGED` at an
 * event that can't be used or doesn't follow the one before it.
 */
export function record(group: RecordedGroup, stored: StoredEvent): RecordedGroup {
  const { event: newest, at: ownAt, place } = readable(stored);
  const { revision, position, id: eventId, type, data, metadata } = newest;
  if (revision !== group.revision + 1) throw eventsMissing(group.revision + 1, revision);
  const event = { type, data } as GroupEvent;
  const { commandId, commandHash: hash, refused, made } = metadata as Partial<EventMetadata>;
  const { memory, gauge, stored: read } = group;
  const at = Math.max(group.lastAt, ownAt);
  if (commandId !== undefined && hash !== undefined)
    memory.replay(
      commandId,
      {
        ...{ hash, revision, position, at },
        ...(refused ? { refused } : {}),
        ...(made === undefined ? {} : { made }),
      },
      place,
    );
  gauge.add(1, bytesOf(event));
  const state = evolve(group.state, event);
  if (read.revision === group.revision && read.state === group.state) read.advance(state, revision, ownAt);
  return { state, revision, eventId, position, lastAt: at, memory, gauge, stored: read };
}

const eventsMissing = (expected: number, found: number): CohortError =>
  dataDamaged(`Its stream continues at revision ${found} instead of ${expected}: events were deleted or truncated.`);
