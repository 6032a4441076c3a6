import { CohortError, LIMITS, type BanView } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { mustRead } from '../access';
import { notMembers } from '../errors';
import { body, duration, group, inPath, someUsers, user, userList, VERSION } from '../fields';
import { strangersAmong } from '../members-only';
import { operation } from '../operation';
import { entriesOf, MOST, mustDoSome } from '../results';
import { BOOLEAN, list, ms, object, STRING } from '../views';
import { firstOf } from '../whole-list';

const TOO_MANY = `size is more than max limit : ${MOST}`;
const NEVER = -1;
const EXPIRE = { type: 'integer', format: 'int64', description: 'milliseconds since 1970; -1: it never ends' } as const;

/** The vendor mutes members only, and never the owner. */
async function mustBeMutable(as: Caller, groupId: string, userIds: string[]): Promise<void> {
  const { owner } = await as.query('group', { groupId });
  const strangers = await strangersAmong(as, groupId, userIds);
  if (strangers.length > 0) throw notMembers(...strangers);
  if (userIds.includes(owner)) throw new CohortError('OWNER_CANNOT_BE_BANNED', 'owns the group');
}

/** When the mute of a user ends that was made just now. */
async function endOf(as: Caller, groupId: string, userId: string, durationMs: number): Promise<number> {
  const { reason, until } = await as.query('canSpeak', { groupId, userId });
  return reason === 'banned' && until !== undefined ? ms(until) : Date.now() + durationMs;
}

const mutesOf = async (as: Caller, groupId: string, most?: number): Promise<readonly BanView[]> => {
  const { entries: found } = await firstOf(async (page) => {
    const answer = await as.query('banned', { groupId, ...page });
    return { ...answer, entries: answer.banned };
  }, most);
  return found;
};

/** Whether a user is muted, in a disabled group too, and while they are no member. */
async function isMuted(as: Caller, groupId: string, userId: string): Promise<boolean> {
  const { canSpeak, reason } = await as.query('canSpeak', { groupId, userId });
  if (canSpeak || reason === 'banned' || reason === 'allBanned') return reason === 'banned';
  const all = await mutesOf(as, groupId, Infinity);
  return all.some((mute) => mute.userId === userId);
}

const muted = (mute: boolean) => ({ schema: object({ mute: BOOLEAN }), example: { mute } });

/** Who may not speak. */
export const mutes = [
  operation('mute', 'POST', '/chatgroups/{group_id}/mute', {
    source: 'SDKs',
    summary: `mutes up to ${MOST} members for some time or for ever`,
    access: 'admin',
    input: {
      group_id: inPath(group),
      usernames: body.required(someUsers(MOST, `userNames ${TOO_MANY}`)),
      mute_duration: body.optional(duration(LIMITS.banMs)),
    },
    does: async ({ as, actor, input: { group_id: groupId, usernames: userIds, mute_duration: durationMs } }) => {
      await mustBeMutable(as, groupId, userIds);
      const answer = await as.command('ban', { groupId, userIds, durationMs });
      mustDoSome(answer);
      const done = answer.results?.find(({ ok }) => ok)?.userId;
      const isTimed = durationMs !== undefined && done !== undefined;
      const expire = isTimed ? await endOf(as, groupId, done, durationMs) : NEVER;
      return { data: entriesOf(answer, groupId, actor, (one) => ({ expire, user: one })) };
    },
    data: {
      schema: list(object({ result: BOOLEAN, expire: EXPIRE, user: STRING })),
      example: [{ result: true, expire: 1790000000000, user: 'u2' }],
    },
  }),

  operation('unmute', 'DELETE', '/chatgroups/{group_id}/mute/{usernames}', {
    source: 'SDKs',
    summary: `ends the mutes of up to ${MOST} users`,
    access: 'anyone',
    input: {
      group_id: inPath(group),
      usernames: inPath(userList(MOST, `removeMute member ${TOO_MANY}`)),
    },
    does: async ({ as, actor, input: { group_id: groupId, usernames: userIds } }) => {
      const answer = await as.command('unban', { groupId, userIds });
      mustDoSome(answer);
      return { data: entriesOf(answer, groupId, actor, (one) => ({ user: one })) };
    },
    data: { schema: list(object({ result: BOOLEAN, user: STRING })), example: [{ result: true, user: 'u2' }] },
  }),

  operation('muted', 'GET', '/chatgroups/{group_id}/mute', {
    source: 'SDKs',
    summary: 'returns the muted users; to admins',
    access: 'admin',
    input: { group_id: inPath(group) },
    does: async ({ as, input: { group_id: groupId } }) => ({
      data: (await mutesOf(as, groupId)).map(({ userId, until }) => ({
        expire: until === undefined ? NEVER : ms(until),
        user: userId,
      })),
    }),
    data: {
      schema: list(object({ expire: EXPIRE, user: STRING })),
      example: [{ expire: 1790000000000, user: 'u2' }],
    },
  }),

  operation('isMuted', 'GET', '/chatgroups/{group_id}/mute/{username}', {
    source: 'Web SDK',
    summary: 'returns whether a user is muted; to that user and to admins',
    access: 'member',
    input: { group_id: inPath(group), username: inPath(user), version: VERSION },
    does: async ({ as, actor, input: { group_id: groupId, username: userId } }) => {
      if (actor.type === 'user' && actor.id !== userId) await mustRead(as, actor.id, groupId, 'admin');
      return { data: await isMuted(as, groupId, userId) };
    },
    data: { schema: BOOLEAN, example: true },
  }),

  operation('muteAll', ['POST', 'PUT'], '/chatgroups/{group_id}/ban', {
    source: 'SDKs',
    summary: 'mutes all plain members but those on the allow-list',
    access: 'anyone',
    input: { group_id: inPath(group) },
    does: async ({ as, input: { group_id: groupId } }) => {
      await as.command('banAll', { groupId });
      return { data: { mute: true } };
    },
    data: muted(true),
  }),

  operation('unmuteAll', 'DELETE', '/chatgroups/{group_id}/ban', {
    source: 'SDKs',
    summary: 'lets all members speak again who are not muted themselves',
    access: 'anyone',
    input: { group_id: inPath(group) },
    does: async ({ as, input: { group_id: groupId } }) => {
      await as.command('unbanAll', { groupId });
      return { data: { mute: false } };
    },
    data: muted(false),
  }),
];
