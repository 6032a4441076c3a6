import { PAGE, type BanView, type MemberProfileView, type QueryAnswers } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { data, ms, pageOf, results, yes } from '../envelope';
import { durationMs, groupId, groupIdInQuery, page, userList } from '../fields';
import { toEach } from '../named-users';
import { operation } from '../operation';
import { partOf } from '../paging';
import { BAN_ALL_END, banExpiryOf, INT64, member, MEMBER_EXAMPLE, MS, MS_OR_NEVER, object, STRING } from '../views';

/** A banned user; their name and time of joining while they are a member. */
type Banned = BanView & Partial<Pick<MemberProfileView, 'displayName' | 'joinedAt'>>;

const NEVER = -1;
const EPOCH = new Date(0).toISOString();
const BANNED = object({ user_id: INT64, display_name: STRING, join_time: MS, expired_time: MS_OR_NEVER });

async function withProfiles(as: Caller, groupId: string, banned: readonly BanView[]): Promise<Banned[]> {
  if (banned.length === 0) return [];
  const { profiles } = await as.query('memberProfiles', { groupId, userIds: banned.map(({ userId }) => userId) });
  const byUser = new Map(profiles.map((profile) => [profile.userId, profile]));
  return banned.map((one) => ({ ...byUser.get(one.userId), ...one }));
}

/** Who may not speak. */
export const bans = [
  operation('ban', 'POST', '/group/ban', {
    source: '7.15',
    summary: 'bans members for some minutes or for ever; by an admin',
    access: 'actor',
    input: { group_id: groupId, user_list: userList, duration: durationMs },
    does: ({ as, input: { group_id: groupId, user_list: users, duration: durationMs } }) =>
      toEach(users, (userIds) => as.command('ban', { groupId, userIds, durationMs })),
    answer: results,
  }),

  operation('unban', 'POST', '/group/unban', {
    source: '7.73',
    summary: 'lifts bans; by an admin',
    access: 'actor',
    input: { group_id: groupId, user_list: userList },
    does: ({ as, input: { group_id: groupId, user_list: users } }) =>
      toEach(users, (userIds) => as.command('unban', { groupId, userIds })),
    answer: results,
  }),

  operation('banned', 'GET', '/group/banned_list', {
    source: '7.16',
    summary: 'returns the banned users; to admins',
    access: 'admin',
    input: { group_id: groupIdInQuery, ...page(PAGE.maxLimit) },
    does: ({ as, input }) =>
      partOf(as, input, async ({ limit, cursor, since, basis }) => {
        const answer = await as.query('banned', {
          ...{ groupId: input.group_id, limit },
          ...(since === undefined ? { cursor } : { sinceRevision: since, basis }),
        });
        return {
          ...answer,
          entries: await withProfiles(as, input.group_id, answer.banned),
          version: answer.revision,
        };
      }),
    answer: pageOf(
      BANNED,
      { ...MEMBER_EXAMPLE, expired_time: NEVER },
      ({ until, joinedAt = EPOCH, ...one }: Banned, ids) => ({
        ...member({ ...one, joinedAt }, ids),
        expired_time: until === undefined ? NEVER : ms(until),
      }),
    ),
  }),

  operation('banAll', 'POST', '/group/settings/ban_all', {
    source: '7.63',
    summary: 'bans all plain members for some minutes or for ever; by an admin. The answer has the end in seconds',
    access: 'actor',
    input: { group_id: groupId, duration: durationMs },
    does: async ({ as, input: { group_id: groupId, duration } }) => {
      const { position } = await as.command('banAll', { groupId, durationMs: duration });
      return as.query('group', { groupId, after: position });
    },
    answer: data(
      object({ ban_expire_time: BAN_ALL_END }),
      { ban_expire_time: NEVER },
      (group: QueryAnswers['group']) => ({
        ban_expire_time: banExpiryOf(group),
      }),
    ),
  }),

  operation('unbanAll', 'POST', '/group/settings/unban_all', {
    source: '7.70',
    summary: 'lifts the ban of all members; by an admin',
    access: 'actor',
    input: { group_id: groupId },
    does: ({ as, input }) => as.command('unbanAll', { groupId: input.group_id }),
    answer: yes,
  }),
];
