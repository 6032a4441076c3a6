import { CohortError, PAGE, type MemberView } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { AgoraError, badField, notMembers } from '../errors';
import { body, group, inPath, query, text, user, userList, userNames, VERSION, whole } from '../fields';
import { operation } from '../operation';
import { done, DONE, entries, MOST, mustSucceed, profilesOf } from '../results';
import { list, ms, object, STRING } from '../views';

const EXAMPLE = done('add_member', 'u2', '2306414607729');

/** In pages by number an admin is a member; in pages by cursor each role has its name. */
const asMember = ({ userId, role }: MemberView): object => (role === 'owner' ? { owner: userId } : { member: userId });
const byRole = ({ userId, role }: MemberView): object => ({ [role]: userId });
const asId = ({ userId }: MemberView): string => userId;
const withTime =
  (shown: (member: MemberView) => object) =>
  (member: MemberView): object => ({ ...shown(member), joined_time: ms(member.joinedAt) });

const pageAt = (as: Caller, groupId: string, limit: number, cursor?: string) =>
  as.query('members', { groupId, limit, ...(cursor !== undefined && { cursor }) });

/** A page by number, from 1. It costs the pages before it, unless it is past the end. */
async function numbered(as: Caller, groupId: string, page: number, size: number): Promise<MemberView[]> {
  const from = (page - 1) * size;
  const found: MemberView[] = [];
  let passed = 0;
  let cursor: string | undefined;
  do {
    const limit = Math.min(from + size - passed, PAGE.maxLimit);
    const part: Awaited<ReturnType<typeof pageAt>> = await pageAt(as, groupId, limit, cursor);
    if (part.total <= from) return [];
    found.push(...part.members.slice(Math.max(0, from - passed)));
    passed += part.members.length;
    ({ cursor } = part);
  } while (cursor !== undefined && passed < from + size);
  return found;
}

/** The members of a group. */
export const members = [
  operation('members', 'GET', '/chatgroups/{group_id}/users', {
    source: 'SDKs',
    summary: 'returns the members, the first who joined first; `joined_time=true` adds when. Pages count from 1',
    access: 'reader',
    input: {
      group_id: inPath(group),
      pagenum: query.optional(whole(1, 1_000_000)),
      pagesize: query.optional(whole(1, PAGE.maxLimit)),
      limit: query.optional(whole(1, PAGE.maxLimit)),
      cursor: query.optional(text(1_024, { oneLine: true })),
      version: VERSION,
      joined_time: query.optional(text(8)),
    },
    does: async ({ as, input }) => {
      const { group_id: groupId, pagenum, pagesize, limit, cursor, version, joined_time: time } = input;
      const isV3 = version === 'v3';
      const hasTimes = time === 'true';
      const isNumbered = pagenum !== undefined || (limit === undefined && cursor === undefined && !isV3);
      if (isNumbered) {
        const found = await numbered(as, groupId, pagenum ?? 1, pagesize ?? limit ?? PAGE.maxLimit);
        const data = found.map(hasTimes ? withTime(asMember) : asMember);
        return { data, count: data.length };
      }
      const page = await pageAt(as, groupId, limit ?? pagesize ?? 10, cursor);
      const shown: (member: MemberView) => object | string = hasTimes ? withTime(byRole) : isV3 ? asId : asMember;
      const data = page.members.map(shown);
      return { data, count: data.length, cursor: page.cursor };
    },
    data: { schema: list({ type: 'object' }), example: [{ owner: 'u1' }, { member: 'u2' }] },
  }),

  operation('addMember', 'POST', '/chatgroups/{group_id}/users/{username}', {
    source: 'SDKs',
    summary: 'adds a user who is no member',
    access: 'anyone',
    input: { group_id: inPath(group), username: inPath(user) },
    does: async ({ as, input: { group_id: groupId, username: userId } }) => {
      const { isMember } = await as.query('isMember', { groupId, userId });
      mustSucceed(await as.command('addMembers', { groupId, userIds: [userId] }));
      if (isMember) throw new CohortError('ALREADY_A_MEMBER', 'is a member');
      return { data: done('add_member', userId, groupId) };
    },
    data: { schema: DONE, example: EXAMPLE },
  }),

  operation('addMembers', 'POST', '/chatgroups/{group_id}/users', {
    source: 'SDKs',
    summary: `adds up to ${MOST} users; \`newmembers\` are those who were added`,
    access: 'anyone',
    input: {
      group_id: inPath(group),
      usernames: body.required(userNames(MOST, () => `userNames size is more than max limit : ${MOST}`)),
    },
    does: async ({ as, input: { group_id: groupId, usernames: userIds } }) => {
      const { missing } = await profilesOf(as, groupId, userIds);
      const answer = await addAll(as, groupId, userIds);
      const failed = new Set((answer.results ?? []).flatMap(({ ok, userId }) => (ok ? [] : [userId])));
      const newmembers = missing.filter((userId) => !failed.has(userId));
      if (newmembers.length === 0) {
        mustSucceed(answer);
        throw new CohortError('ALREADY_A_MEMBER', 'are members', { userIds });
      }
      return { data: { newmembers, groupid: groupId, action: 'add_member' } };
    },
    data: {
      schema: object({ newmembers: list(STRING), groupid: STRING, action: STRING }),
      example: { newmembers: ['u2'], groupid: '2306414607729', action: 'add_member' },
    },
  }),

  operation('removeMembers', 'DELETE', '/chatgroups/{group_id}/users/{usernames}', {
    source: 'SDKs',
    summary: `removes up to ${MOST} members; the owner stays. \`data\` is one result for one user, else a list`,
    access: 'anyone',
    input: {
      group_id: inPath(group),
      usernames: inPath(userList(MOST, `kickMember: kickMembers number more than maxSize : ${MOST}`)),
    },
    does: async ({ as, actor, input: { group_id: groupId, usernames: userIds } }) => {
      const { missing } = await profilesOf(as, groupId, userIds);
      const answer = await as.command('kick', { groupId, userIds });
      const notIn = new Set(missing);
      if (notIn.size === userIds.length) throw notMembers(...missing);
      if (userIds.length === 1) mustSucceed(answer);
      const results = (answer.results ?? []).map((result) =>
        notIn.has(result.userId) ? { ...result, ok: false, code: 'NOT_A_MEMBER' as const } : result,
      );
      const data = entries({ results }, 'remove_member', groupId, actor);
      return { data: userIds.length === 1 ? data[0]! : data };
    },
    data: { schema: DONE, example: { ...EXAMPLE, action: 'remove_member' } },
  }),

  operation('quit', 'DELETE', '/chatgroups/{group_id}/quit', {
    source: 'Web SDK',
    summary: 'the acting user leaves; the owner may not',
    access: 'member',
    input: { group_id: inPath(group) },
    does: async ({ as, actor, input: { group_id: groupId } }) => {
      if (actor.type !== 'user') throw badField('a user quits with their own token');
      const userId = actor.id;
      // The vendor's rule for owners holds, whatever the tenant's policy is; only a service may choose the policy.
      const service = { type: 'service', onBehalfOf: userId } as const;
      await as.by(service).command('leave', { groupId, userId, ownerPolicy: 'refuse' });
      return { data: done('quit', userId, groupId) };
    },
    data: { schema: DONE, example: { ...EXAMPLE, action: 'quit' } },
  }),
];

/** Adds users. If a group has no room for several, the vendor's error is another one than for one user. */
async function addAll(as: Caller, groupId: string, userIds: string[]) {
  try {
    return await as.command('addMembers', { groupId, userIds });
  } catch (error) {
    if (userIds.length === 1 || !(error instanceof CohortError) || error.code !== 'CAPACITY_REACHED') throw error;
    throw new AgoraError('exceeds', 'members size is greater than max user size !');
  }
}
