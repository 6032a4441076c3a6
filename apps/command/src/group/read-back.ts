import { isDeepStrictEqual } from 'node:util';
import { groupStream, START } from '@cohort/contracts';
import type { EventStore } from '@cohort/event-store';
import type { GroupState } from '@cohort/group';
import { CommandMemory } from '../mailbox/command-memory';
import type { GroupKey } from './group-key';
import { record, SnapshotGauge, StoredGroup, type GroupBefore, type RecordedGroup } from './recorded-group';

/**
 * Whether two states of a group at one revision are equal, as far as they can differ: in what a command's node adds to the
 * command, which are the number and what the tenant's settings decide.
 */
function isSame(a: GroupState, b: GroupState): boolean {
  if (a.status !== 'live' || b.status !== 'live') return a.status === b.status;
  const [mine, others] = [a.membership, b.membership];
  return (
    isDeepStrictEqual([a.info, a.roles.owner, a.imports], [b.info, b.roles.owner, b.imports]) &&
    mine.capacity === others.capacity &&
    mine.nextSeq === others.nextSeq &&
    mine.members.size === others.members.size
  );
}

/**
 * Reads the events that this node appended to a group since it last read the group, and returns the group as the stored
 * events make it. The event store accepts a repeat of what another node wrote in the same millisecond, so that a stored event
 * can have another `numericId` than this node gave it. The group's memory of commands is corrected.
 *
 * Newest events that can't be stored otherwise aren't read: an import would read all its members once more.
 */
export async function readBack(
  store: Pick<EventStore, 'read'>,
  key: GroupKey,
  group: RecordedGroup,
): Promise<RecordedGroup> {
  const { stored } = group;
  const { beforeFixed } = stored;
  if (beforeFixed !== undefined && (await isStored(store, key, group, beforeFixed))) {
    stored.advance(group.state, group.revision, group.lastAt);
    return group;
  }
  const read = await readUpTo(store, key, group, group);
  const isRight = isSame(read.state, group.state);
  if (!isRight) stored.differs();
  // Equal states are one object from now on: a copy of a large group's members would double its memory.
  const same = isRight ? group.state : read.state;
  stored.advance(same, read.revision, read.lastAt);
  return { ...read, state: same, memory: group.memory, gauge: group.gauge, stored };
}

/** Whether the group before its newest events is the stored one. */
async function isStored(
  store: Pick<EventStore, 'read'>,
  key: GroupKey,
  group: RecordedGroup,
  before: GroupBefore,
): Promise<boolean> {
  if (before.revision <= group.stored.revision) return true;
  return isSame((await readUpTo(store, key, group, before)).state, before.state);
}

/** The group as it is stored, up to one of the events that were appended since it was read. */
async function readUpTo(
  store: Pick<EventStore, 'read'>,
  key: GroupKey,
  { memory, stored: { state, revision, lastAt } }: RecordedGroup,
  last: GroupBefore,
): Promise<RecordedGroup> {
  let read: RecordedGroup = {
    state,
    revision,
    lastAt,
    eventId: '',
    position: START,
    memory: new CommandMemory(Infinity),
    gauge: new SnapshotGauge(),
    stored: new StoredGroup(state, revision, lastAt),
  };
  const newer = { from: revision + 1, limit: last.revision - revision };
  for await (const event of store.read(groupStream(key.app, key.groupId), newer)) read = record(read, event);
  if (read.eventId !== last.eventId) throw new Error('the events read are not those that were written');

  for (const [commandId, command] of read.memory.entries()) {
    memory.correct(commandId, command);
  }
  return read;
}
