import { CohortError, START, type EventMetadata, type GroupEvent, type Position } from '@cohort/contracts';
import { isKnown, upcast, type StoredEvent } from '@cohort/event-store';
import { evolve, initialState, weigh, type GroupState } from '@cohort/group';
import { CommandMemory } from './command-memory';

/** A group as far as its events are known. */
export interface RecordedGroup {
  readonly state: GroupState;
  /** Revision of the newest event; -1 for a group without events. */
  readonly revision: number;
  readonly position: Position;
  /** Time of the newest event, in milliseconds since 1970. */
  readonly lastAt: number;
  /** Shared by the states of this group: it only ever learns facts. */
  readonly memory: CommandMemory;
  /** What was added since the newest snapshot that is known. */
  readonly sinceSnapshot: Growth;
}

export interface Growth {
  readonly events: number;
  /** About how many bytes of JSON. */
  readonly bytes: number;
  /** Bytes of the snapshot itself; 0 when there is none. */
  readonly snapshotBytes: number;
}

export const unwritten = (): RecordedGroup => ({
  state: initialState,
  revision: -1,
  position: START,
  lastAt: 0,
  memory: new CommandMemory(),
  sinceSnapshot: { events: 0, bytes: 0, snapshotBytes: 0 },
});

export const grown = ({ events, bytes, snapshotBytes }: Growth, event: GroupEvent): Growth => ({
  events: events + 1,
  bytes: bytes + 512 + ('members' in event.data ? 64 * event.data.members.length : 0),
  snapshotBytes,
});

/** About how many bytes of memory a group takes in the cache. O(1). */
export const weighRecorded = ({ state, memory }: RecordedGroup): number => weigh(state) + memory.weigh() + 256;

/**
 * The group after one more stored event. Throws `UNAVAILABLE` at an event that a newer version wrote: to decide without
 * it could break a rule it stands for.
 */
export function record(group: RecordedGroup, stored: StoredEvent): RecordedGroup {
  if (!isKnown(stored)) {
    const message = 'A newer version of this service wrote to the group; this node must be upgraded before it can.';
    throw new CohortError('UNAVAILABLE', message, { type: stored.type, schemaVersion: stored.metadata.schemaVersion });
  }
  const { revision, position, type, data, metadata } = upcast(stored);
  const event = { type, data } as GroupEvent;
  const { commandId, commandHash: hash, at: happenedAt, batch, refused } = metadata as unknown as EventMetadata;
  const at = Math.max(group.lastAt, Date.parse(happenedAt));
  group.memory.replay(commandId, { hash, revision, position, at, ...(refused ? { refused } : {}) }, batch);
  return {
    state: evolve(group.state, event),
    revision,
    position,
    lastAt: at,
    memory: group.memory,
    sinceSnapshot: grown(group.sinceSnapshot, event),
  };
}
