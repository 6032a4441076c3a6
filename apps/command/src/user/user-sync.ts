import { allUserGroups, type CohortClient } from '@cohort/client';
import {
  CohortError,
  errorBody,
  GROUP_STREAM_PREFIX,
  USER_STREAM_PREFIX,
  type Position,
  type SyncedGroup,
  type UserCommandName,
  type UserEventData,
} from '@cohort/contracts';
import type { EventStore } from '@cohort/event-store';
import { mustBeKnown, mustFitUser } from '@cohort/group';
import type { CommandRequest } from '../command-request';
import { usersOf } from '../users-of';
import type { Outcome } from '../mailbox';
import type { UserState, UserTypes } from './user-types';

/** Longest wait for the query app to return the groups that the user is in, in milliseconds. */
const ASK_TIMEOUT_MS = 1_000;

/** Decides what becomes of a user's groups. Only a service may. */
export function decideForUser(
  request: CommandRequest<UserCommandName>,
  state: UserState,
  holdsAt: Position | undefined,
): Outcome<UserTypes> {
  if (request.data.actor.type === 'user')
    return { ok: false, error: errorBody('FORBIDDEN', 'Only a service may do this.') };
  const refused = mustBeKnown(usersOf(request), request.learned?.unknownUsers) ?? mustFit(request);
  if (refused) return refused;
  return request.type === 'syncUser' ? decideSync(request, state, holdsAt) : decideErasure(request);
}

const mustFit = (request: CommandRequest<UserCommandName>) =>
  request.type === 'syncUser' ? mustFitUser(request.data.groups.length, request.app.limits) : undefined;

/** A worker carries the erasure out, as a sync to no group. */
function decideErasure({ data: { ownerPolicy } }: CommandRequest<'eraseUser'>): Outcome<UserTypes> {
  const erase = ownerPolicy === undefined ? {} : { ownerPolicy };
  return { ok: true, events: [{ type: 'syncRequested', data: { groups: [], erase } }], result: undefined };
}

/**
 * Nothing is to be done if the sync `holdsAt` a position; else a worker carries it out. The newest request replaces the one before
 * it, so it takes an erasure over that isn't done yet.
 */
function decideSync(
  { data: { groups, capacity } }: CommandRequest<'syncUser'>,
  { settled, erasing }: UserState,
  holdsAt: Position | undefined,
): Outcome<UserTypes> {
  if (settled && holdsAt !== undefined) {
    return { ok: true, events: [], result: { sync: settled.sync, position: holdsAt } };
  }
  const data: UserEventData['syncRequested'] = {
    groups: groups.map(({ groupId, name }) => ({ groupId, name })),
    ...(capacity === undefined ? {} : { capacity }),
    ...(erasing === undefined ? {} : { erase: erasing }),
  };
  return { ok: true, events: [{ type: 'syncRequested', data }], result: undefined };
}

/**
 * The position at which the user is known to be in the groups that the sync asks for, while no sync is on its way. If that
 * can't be learned in time, it is undefined, and the worker finds it out.
 */
export async function positionWhereItHolds(
  store: Pick<EventStore, 'head'>,
  client: Pick<CohortClient, 'query'>,
  { app, data: { actor, userId, groups } }: CommandRequest<'syncUser'>,
  { settled }: UserState,
): Promise<Position | undefined> {
  if (!settled || actor.type === 'user') return undefined;
  try {
    const position = await store.head([GROUP_STREAM_PREFIX, USER_STREAM_PREFIX]);
    const asked = { app: app.id, userId, after: position };
    const actual = await allUserGroups(client, asked, { timeoutMs: ASK_TIMEOUT_MS });
    return equal(groups, settled.skipped, actual.groups) ? position : undefined;
  } catch (error) {
    if (error instanceof CohortError) return undefined;
    throw error;
  }
}

/** Whether these groups (id to name) are the wanted ones, but for groups that can be neither joined nor left. */
function equal(
  wanted: readonly SyncedGroup[],
  skipped: readonly string[],
  actual: ReadonlyMap<string, string>,
): boolean {
  const impossible = new Set(skipped);
  const possible = wanted.filter(({ groupId }) => actual.has(groupId) || !impossible.has(groupId));
  const listed = new Set(wanted.map(({ groupId }) => groupId));
  const others = [...actual.keys()].filter((groupId) => !listed.has(groupId) && !impossible.has(groupId));
  return others.length === 0 && possible.every(({ groupId, name }) => actual.get(groupId) === name);
}
