import type { Actor, SyncedGroup } from '@cohort/contracts';
import { APP, SERVICE, type PlannedCommand } from '../faults/plan';
import type { Random } from '../faults/random';

/** All that is sent is a function of the seed. */

/** The one group that everything meets in; these members of it are left alone, so that it never ends. */
export const HOT = 'hot';
export const STAYING = ['stays-0', 'stays-1', 'stays-2'] as const;
/** Groups that only syncs change. */
export const SYNCED = ['synced-0', 'synced-1', 'synced-2'] as const;
/** A group that is full most of the time. */
export const FULL = { groupId: 'full', capacity: 20 } as const;
/** Groups that are dismissed while users join. */
export const ENDING = Array.from({ length: 4 }, (_, i) => `ending-${i}`);
/** Groups whose owner transfers them to two members at the same time. */
export const CONTESTED = Array.from({ length: 10 }, (_, i) => `contested-${i}`);
/** A group that several callers change, each at the revision that it read. */
export const EXPECTED = 'expected';
/** Users changed only by syncs, and one user who joins groups while they are dismissed. */
export const LATE_USER = 'late';
export const SYNC_USERS = Array.from({ length: 12 }, (_, i) => `synced-user-${i}`);

const USERS = Array.from({ length: 40 }, (_, i) => `u${i}`);
const service = SERVICE;
const byUser = (id: string): Actor => ({ type: 'user', id });

/** How a command is sent. */
export interface Sending {
  readonly command: PlannedCommand;
  /**
   * - `once`.
   * - `twice`: over two connections at the same time.
   * - `abandoned`: first without waiting for the answer, and then once more.
   * - `again`: once more when it is answered.
   */
  readonly how: 'once' | 'twice' | 'abandoned' | 'again';
}

const sendingOf = (random: Random, command: PlannedCommand): Sending => {
  const kind = random.next();
  const how = kind < 0.6 ? 'once' : kind < 0.75 ? 'twice' : kind < 0.85 ? 'abandoned' : 'again';
  return { command, how };
};

/** Members join, leave and are kicked, and the group is transferred. */
export function hotCommands(random: Random, name: string, count: number): Sending[] {
  return Array.from({ length: count }, (_, i) => sendingOf(random, hotCommand(random, `${name}-${i}`)));
}

function hotCommand(random: Random, commandId: string): PlannedCommand {
  const to = { app: APP, groupId: HOT, commandId };
  const [userId, other] = [random.pick(USERS), random.pick([...USERS, ...STAYING])];
  const some = () => random.some(USERS, random.between(1, 5));
  /** The actor: the user, or the service on their behalf. */
  const self = random.chance(0.4) ? byUser(userId) : service;
  /** Any user, who may have the permission or not. */
  const any = random.chance(0.4) ? byUser(other) : service;
  const kind = random.next();
  if (kind < 0.2) return featureCommand(random, to, any, some());
  if (kind < 0.4) return { name: 'join', data: { ...to, actor: self, userId } };
  if (kind < 0.55) {
    const ownerPolicy = random.pick(['refuse', 'oldestAdmin', 'oldestMember'] as const);
    return { name: 'leave', data: { ...to, actor: service, userId, ownerPolicy } };
  }
  if (kind < 0.6) return { name: 'leave', data: { ...to, actor: byUser(userId), userId } };
  if (kind < 0.74) return { name: 'kick', data: { ...to, actor: any, userIds: some() } };
  if (kind < 0.88) return { name: 'transfer', data: { ...to, actor: any, newOwner: random.pick([userId, other]) } };
  if (kind < 0.95) return { name: 'addMembers', data: { ...to, actor: any, userIds: some() } };
  return { name: 'changeInfo', data: { ...to, actor: service, description: commandId } };
}

/**
 * A command of a later feature, but none that stops the group: syncs skip a disabled one. Bans have no end: what they mean
 * would depend on the time at which no event was written.
 */
function featureCommand(
  random: Random,
  to: { readonly app: string; readonly groupId: string; readonly commandId: string },
  actor: Actor,
  userIds: string[],
): PlannedCommand {
  const data = { ...to, actor, userIds };
  const kind = random.next();
  if (kind < 0.2) return { name: 'grantAdmins', data };
  if (kind < 0.3) return { name: 'revokeAdmins', data: { ...data, userIds: random.some(USERS, 20) } };
  if (kind < 0.45) return { name: 'ban', data };
  if (kind < 0.55) return { name: 'unban', data };
  if (kind < 0.65) return { name: 'block', data };
  if (kind < 0.78) return { name: 'unblock', data };
  if (kind < 0.83) return { name: 'postAnnouncement', data: { ...to, actor, title: 'News', content: to.commandId } };
  return { name: 'changeSettings', data: { ...to, actor, readAck: random.chance(0.5) } };
}

/** More users join than the capacity allows, alone or several together, and some leave. */
export function fullCommands(random: Random, count: number): Sending[] {
  return Array.from({ length: count }, (_, i) => {
    const to = { app: APP, groupId: FULL.groupId, commandId: `full-${i}`, actor: service };
    const kind = random.next();
    const userId = random.pick(USERS);
    const userIds = random.some(USERS, random.between(2, 6));
    return sendingOf(
      random,
      kind < 0.6
        ? { name: 'join', data: { ...to, userId } }
        : kind < 0.8
          ? { name: 'addMembers', data: { ...to, userIds } }
          : { name: 'leave', data: { ...to, userId } },
    );
  });
}

/** Users join and leave while the group is dismissed; some try to create it again. */
export function endingCommands(random: Random, groupId: string, count: number): Sending[] {
  const end = random.between(count / 4, count / 2);
  return Array.from({ length: count }, (_, i) => {
    const to = { app: APP, groupId, commandId: `${groupId}-${i}`, actor: service };
    const kind = random.next();
    const userId = random.pick(USERS);
    if (i === end) return { command: { name: 'dismiss', data: to }, how: 'twice' };
    return sendingOf(
      random,
      kind < 0.5
        ? { name: 'join', data: { ...to, userId } }
        : kind < 0.7
          ? { name: 'createOrJoin', data: { ...to, userIds: [userId], rename: true, name: `${groupId} ${i}` } }
          : kind < 0.9
            ? { name: 'leave', data: { ...to, userId, ownerPolicy: 'oldestMember' } }
            : { name: 'create', data: { ...to, name: groupId, owner: userId } },
    );
  });
}

/** The owner transfers the group twice at the same time. */
export const contestedCommands = (groupId: string): Sending[] =>
  ['a', 'b'].map((newOwner) => {
    const data = { app: APP, groupId, commandId: `to-${newOwner}`, actor: byUser('o'), newOwner };
    return { command: { name: 'transfer', data }, how: 'once' };
  });

/** Each is for the group as it was made. */
export function expectingCommands(count: number): Sending[] {
  return Array.from({ length: count }, (_, i) => {
    const to = { app: APP, groupId: EXPECTED, commandId: `expects-${i}`, actor: service, expectedRevision: '0' };
    return { command: { name: 'join', data: { ...to, userId: `u${i}` } }, how: 'once' };
  });
}

/** A list of groups that a user shall be in; `twice`: sent over two connections. */
export interface PlannedSync {
  readonly commandId: string;
  readonly groups: SyncedGroup[];
  readonly twice: boolean;
}

export function syncsOf(random: Random, groupIds: readonly string[], name: string, count: number): PlannedSync[] {
  return Array.from({ length: count }, (_, i) => ({
    commandId: `${name}-${i}`,
    groups: random.some(groupIds, random.between(0, groupIds.length)).map((groupId) => ({ groupId, name: groupId })),
    twice: random.chance(0.3),
  }));
}
