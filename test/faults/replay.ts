import {
  eventId,
  groupStream,
  isGroupEventType,
  parseGroupStream,
  type EventMetadata,
  type GroupCommand,
  type GroupEvent,
  type GroupEventData,
  usersNamedIn,
} from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';
import { evolve, initialState, type GroupState } from '@cohort/group';
import { holds, isRepeatable, membersOf } from '@cohort/group/testing';
import type { Acknowledged, Journal } from './journal';
import { APP, type PlannedCommand } from './plan';

export interface Replay {
  /** By stream. */
  readonly groups: ReadonlyMap<string, GroupState>;
  /** Events of groups, by id, in the order of the log. */
  readonly groupEventIds: readonly string[];
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** Commands that wrote events, by `keyOf`. */
  readonly writers: ReadonlySet<string>;
  /** Other rules that didn't hold. */
  readonly broken: readonly string[];
}

/** Reads the log, and compares every revision of every group with the rules and with the answers that callers got. */
export function replay(log: readonly StoredEvent[], journal: Journal): Replay {
  const lost: string[] = [];
  const doubled: string[] = [];
  const broken: string[] = [];
  const groups = new Map<string, GroupState>();
  const groupEventIds: string[] = [];
  const numericIds = new Set<string>();
  const seen = new Set<string>();
  /** Of each group: its newest revision, and the command that wrote it with how many of its events so far. */
  const ends = new Map<string, { revision: number; commandId: string; written: number }>();
  /** Commands that wrote something, with their stream. */
  const writers = new Set<string>();
  /** The ids of what commands made. */
  const made = new Map<string, string>();
  const told = byPlace(journal.acknowledged);
  const erasing = new Set(
    journal.acknowledged
      .filter(({ command }) => command.name === 'eraseMember' || command.name === 'eraseRequests')
      .map(({ command }) => command.data.commandId),
  );
  /** Answers that name a later position, by stream and position. */
  const later = new Map<string, string>();

  for (const [i, event] of log.entries()) {
    const owned = parseGroupStream(event.stream);
    if (owned === undefined) continue;
    const { stream, revision, id, position } = event;
    const place = `${stream}@${revision}`;
    if (!isGroupEventType(event.type)) {
      broken.push(`${place} is of the unknown type ${event.type}`);
      continue;
    }
    const metadata = event.metadata as unknown as EventMetadata;
    const { commandId, batch } = metadata;
    const appendEnd = log[i + batch.size - 1 - batch.index];
    if (appendEnd?.stream !== stream) broken.push(`${place}: its append has not all of its ${batch.size} events`);
    const end = ends.get(stream) ?? { revision: -1, commandId: '', written: 0 };
    const before = groups.get(stream) ?? initialState;
    const state = evolve(before, { type: event.type, data: event.data } as GroupEvent);

    if (revision !== end.revision + 1) broken.push(`${place} follows revision ${end.revision}`);
    const written = end.commandId === commandId ? end.written : 0;
    const key = `${stream} ${commandId}`;
    // A command's events follow each other, and their ids contain their index.
    if (
      seen.has(id) ||
      (written === 0 && writers.has(key)) ||
      id !== eventId({ stream, ...metadata, index: written })
    ) {
      doubled.push(`${place} is event ${id} of ${commandId} once more`);
    }
    broken.push(...rulesBroken(before, state, event.type, event.data).map((rule) => `${place}: ${rule}`));
    if (isDisabled(before) && !mayFollowDisabled(event, erasing, journal)) {
      broken.push(`${place}: ${event.type} by ${commandId} while the group was disabled`);
    }
    if (event.type === 'created') {
      const { numericId } = event.data as GroupEventData['created'];
      if (numericIds.has(numericId)) broken.push(`${place} has another group's number ${numericId}`);
      numericIds.add(numericId);
    }
    for (const acknowledged of told.get(place) ?? []) {
      // An answer names the position at the end of its append, because the events of an append become visible together.
      // If two nodes received the same commands, they may have appended them separately and together; then both ends are
      // valid.
      const { position: named } = acknowledged.answer;
      if (named !== position && named !== appendEnd?.position) {
        later.set(`${stream} ${named}`, `${say(acknowledged)}: it is at ${position}`);
      }
      if (!isDone(acknowledged, state)) lost.push(`${say(acknowledged)}, and it does not hold there`);
    }
    told.delete(place);
    later.delete(`${stream} ${position}`);
    groups.set(stream, state);
    groupEventIds.push(id);
    seen.add(id);
    writers.add(key);
    if (event.type === 'announcementPosted')
      made.set(key, (event.data as GroupEventData['announcementPosted']).announcementId);
    if (event.type === 'fileShared') made.set(key, (event.data as GroupEventData['fileShared']).fileId);
    ends.set(stream, { revision, commandId, written: written + 1 });
  }
  lost.push(...later.values());
  for (const left of told.values()) lost.push(...left.map((one) => `${say(one)}, and there is no such revision`));
  for (const acknowledged of journal.acknowledged) {
    const { command, answer } = acknowledged;
    const key = keyOf(command);
    const { announcementId, fileId } = answer;
    if (isRepeatable({ type: command.name, data: command.data } as GroupCommand)) continue;
    if (!writers.has(key)) lost.push(`${say(acknowledged)}, and it wrote nothing`);
    if (made.get(key) !== (announcementId ?? fileId)) {
      lost.push(`${say(acknowledged)}, and it made ${made.get(key)}, not ${announcementId ?? fileId}`);
    }
  }
  const acknowledgedIds = new Set(journal.acknowledged.map(({ command }) => keyOf(command)));
  for (const [key, { inDoubt }] of journal.refused) {
    // One that was sent twice may be refused first, and carried out when the group has changed.
    if (writers.has(key) && !acknowledgedIds.has(key) && !inDoubt) broken.push(`${key} was refused, and wrote events`);
  }
  return { groups, groupEventIds, lost, doubled, broken, writers };
}

const isDisabled = (state: GroupState): boolean => state.status === 'live' && state.lifecycle.disabled;

/** Events by which an erased user leaves a group. */
const ERASURE: ReadonlySet<string> = new Set([
  'memberLeft',
  'ownerTransferred',
  'applicationWithdrawn',
  'invitationWithdrawn',
]);

/** Whether an event may be written to a disabled group: it ends that, announces an end, or erases a user. */
function mayFollowDisabled(
  { type, data, metadata }: StoredEvent,
  erasing: ReadonlySet<string>,
  { erased }: Journal,
): boolean {
  if (type === 'enabled' || type === 'dismissed' || type === 'applicationExpired' || type === 'invitationExpired')
    return true;
  if (type === 'unbanned' || type === 'allUnbanned') return (data as { reason: string }).reason === 'expired';
  if (!ERASURE.has(type)) return false;
  const { commandId } = metadata as unknown as EventMetadata;
  if (erasing.has(commandId)) return true;
  const users = type === 'ownerTransferred' ? [(data as { from: string }).from] : usersNamedIn(data as object);
  return users.every((userId) => erased.has(userId));
}

/** Stream and command id: what tells a command from any other. */
export const keyOf = ({ data }: PlannedCommand): string => `${groupStream(APP, data.groupId)} ${data.commandId}`;

const say = ({ command, answer }: Acknowledged): string =>
  `${command.name} ${command.data.commandId} was acknowledged at revision ${answer.revision} of ${answer.groupId}, position ${answer.position}`;

/** Whether the group, as it was at the revision of the answer, shows that the command was done. */
const isDone = ({ command: { name, data }, answer }: Acknowledged, state: GroupState): boolean =>
  holds({ type: name, data } as GroupCommand, state, answer.results);

function byPlace(acknowledged: readonly Acknowledged[]): Map<string, Acknowledged[]> {
  const places = new Map<string, Acknowledged[]>();
  for (const one of acknowledged) {
    const place = `${groupStream(APP, one.answer.groupId)}@${one.answer.revision}`;
    const others = places.get(place);
    if (others) others.push(one);
    else places.set(place, [one]);
  }
  return places;
}

function rulesBroken(before: GroupState, after: GroupState, type: string, data: unknown): string[] {
  if (before.status === 'dismissed') return [`${type} after the group was dismissed`];
  if (before.status === 'none' && type !== 'created') return [`${type} before the group was made`];
  if (before.status === 'live' && type === 'created') return ['made a second time'];
  if (after.status !== 'live') return [];
  const broken: string[] = [];
  const { owner } = after.roles;
  const { members, capacity } = after.membership;
  const owners = membersOf(after).filter(({ role }) => role === 'owner');
  if (owners.length !== 1) broken.push(`the owner ${owner} is no member`);
  const { memberCount } = data as { memberCount?: number };
  if (memberCount !== undefined && memberCount !== members.size) {
    broken.push(`memberCount ${memberCount} of ${members.size} members`);
  }
  if (members.size > capacity) broken.push(`${members.size} members of at most ${capacity}`);
  return broken;
}
