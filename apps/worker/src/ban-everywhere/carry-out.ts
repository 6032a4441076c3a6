import { allUserGroups, everyPage, type CohortClient } from '@cohort/client';
import {
  CohortError,
  comparePositions,
  derivedCommandId,
  PAGE,
  START,
  USER_BAN_EVENTS,
  userBanStream,
  type ErrorCode,
  type EventMetadata,
  type Owned,
  type Position,
  type UserBanEventData,
} from '@cohort/contracts';
import type { EventStore } from '@cohort/event-store';
import { appendCompletion } from '../duty/append-completion';
import { eachOf } from '../duty/each-of';
import type { CarryOut } from '../duty/jobs';
import { newestRequest, type BanRequest } from './newest-request';

/** Most commands that one user's request has in flight. */
const COMMANDS_AT_ONCE = 8;
/** Groups that a completion lists as skipped. */
const MOST_SKIPPED = 1_000;

/** Errors that no retry overcomes: the group ended, is disabled, or can't be read. */
const IMPOSSIBLE: readonly ErrorCode[] = [
  'GROUP_DISMISSED',
  'GROUP_DISABLED',
  'GROUP_NOT_FOUND',
  'DATA_ERASED',
  'DATA_DAMAGED',
];
/** The group's command was carried out long ago. */
const DONE: readonly ErrorCode[] = ['COMMAND_EXPIRED', 'COMMAND_ID_REUSED'];

export interface BanDependencies {
  readonly store: Pick<EventStore, 'append' | 'read'>;
  readonly client: Pick<CohortClient, 'command' | 'query'>;
  readonly signal: AbortSignal;
  /** Called when this worker completed a request. */
  readonly onCompleted: (user: Owned) => void;
}

/** The groups that a request was carried out in, all that the user had at a position. */
interface Reached {
  readonly position: Position;
  readonly skipped: readonly string[];
}

/**
 * Carries out the newest request to ban a user, or to lift their bans, in all their groups. Each group gets one command, whose id
 * follows from the request and the group, so that another worker, or this one after a crash, sends the same command. The
 * request is completed when a look at the user's groups, at or after the last command, shows no further group.
 */
export const carryOutBan =
  (deps: BanDependencies): CarryOut =>
  async (user, work, newest) => {
    const stream = userBanStream(user.app, user.id);
    for (;;) {
      const request = await newestRequest(deps.store, stream);
      if (!request) return;
      const superseded = () => (newest() ?? -1) > request.number;
      const reached = await reach(deps, user, request, { after: work.position, superseded });
      if (reached === undefined) continue;
      // False if a newer request, or another worker's completion, is in the stream by now: look again.
      if (await complete(deps, user, request, reached)) return;
    }
  };

interface Sent {
  /** Whether the group can be changed. */
  readonly isPossible: boolean;
  /** What was written is before this. */
  readonly position: Position;
}

/** Undefined if a newer request was seen meanwhile. */
async function reach(
  deps: BanDependencies,
  user: Owned,
  request: BanRequest,
  { after, superseded }: { after: Position; superseded: () => boolean },
): Promise<Reached | undefined> {
  const done = new Set<string>();
  const skipped: string[] = [];
  for (let position = after; ;) {
    const groups = await groupsOf(deps, user, request, position);
    const left = groups.ids.filter((groupId) => !done.has(groupId));
    if (left.length === 0) return { position: groups.position, skipped: skipped.slice(0, MOST_SKIPPED) };
    await eachOf(left, COMMANDS_AT_ONCE, async (groupId) => {
      deps.signal.throwIfAborted();
      if (superseded()) return;
      const sent = await send(deps, user, request, groupId);
      if (!sent.isPossible) skipped.push(groupId);
      if (comparePositions(sent.position, position) > 0) position = sent.position;
      done.add(groupId);
    });
    if (superseded()) return undefined;
  }
}

/** The user's groups; for an unban also groups that they have left. */
async function groupsOf(
  { client }: BanDependencies,
  { app, id: userId }: Owned,
  { wanted }: BanRequest,
  after: Position,
) {
  const { groups, position } = await allUserGroups(client, { app, userId, after });
  if (wanted.kind === 'ban') return { ids: [...groups.keys()], position };
  const pages = await everyPage((cursor) =>
    client.query('userBans', { app, userId, limit: PAGE.maxLimit, after, cursor }),
  );
  const banned = pages.flatMap((page) => page.bans.map(({ groupId }) => groupId));
  return { ids: [...new Set([...groups.keys(), ...banned])], position };
}

/** Sends one group's command. @throws errors that may be retried */
async function send(
  { client }: BanDependencies,
  { app, id: userId }: Owned,
  { event, wanted }: BanRequest,
  groupId: string,
): Promise<Sent> {
  const { actor } = event.metadata as unknown as EventMetadata;
  const command = { app, actor, commandId: derivedCommandId(event.id, groupId), groupId, userIds: [userId] };
  try {
    const { position } =
      wanted.kind === 'unban'
        ? await client.command('unban', command)
        : await client.command('ban', wanted.until === undefined ? command : { ...command, until: wanted.until });
    return { isPossible: true, position };
  } catch (error) {
    const code = error instanceof CohortError ? error.code : undefined;
    if (code !== undefined && IMPOSSIBLE.includes(code)) return { isPossible: false, position: START };
    if (code !== undefined && DONE.includes(code)) return { isPossible: true, position: START };
    throw error;
  }
}

/** Appends the completion; false when the stream has changed since it was read. */
async function complete(
  { store, onCompleted }: BanDependencies,
  user: Owned,
  { number, event: request, revision }: BanRequest,
  { position, skipped }: Reached,
): Promise<boolean> {
  const data: UserBanEventData['banEverywhereCompleted'] = { request: number, position, skipped };
  const { version } = USER_BAN_EVENTS.banEverywhereCompleted;
  const event = { type: 'banEverywhereCompleted', version, data, command: 'completeBanEverywhere' };
  const isAppended = await appendCompletion(store, { ...event, app: user.app, cause: request.id, request, revision });
  if (isAppended) onCompleted(user);
  return isAppended;
}
