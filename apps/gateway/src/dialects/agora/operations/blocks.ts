import type { Caller } from '../../../dialect/caller';
import { body, group, inPath, someUsers, user, userList, VERSION } from '../fields';
import { ofMembers } from '../members-only';
import { operation } from '../operation';
import { entriesOf, ENTRY, entryExample, entryOf, MOST, mustDoSome, mustSucceed } from '../results';
import { list, STRING } from '../views';
import { firstOf } from '../whole-list';

/** The vendor blocks members only. */
const block = (as: Caller, groupId: string, userIds: string[]) =>
  ofMembers(as, groupId, userIds, (members) => as.command('block', { groupId, userIds: members }));

/** Users who can't be members. */
export const blocks = [
  operation('block', 'POST', '/chatgroups/{group_id}/blocks/users/{username}', {
    source: 'SDKs',
    summary: 'blocks a member, who leaves the group by that; `version=v3` returns a list',
    access: 'admin',
    input: { group_id: inPath(group), username: inPath(user), version: VERSION },
    does: async ({ as, actor, input: { group_id: groupId, username, version } }) => {
      const answer = await block(as, groupId, [username]);
      mustSucceed(answer);
      const data = entriesOf(answer, groupId, actor, entryOf('add_blocks', groupId, version));
      return { data: version === 'v3' ? data : data[0] };
    },
    data: { schema: ENTRY, example: entryExample('add_blocks') },
  }),

  operation('blockMany', 'POST', '/chatgroups/{group_id}/blocks/users', {
    source: 'SDKs',
    summary: `blocks up to ${MOST} members`,
    access: 'admin',
    input: {
      group_id: inPath(group),
      usernames: body.required(someUsers(MOST, `userNames is more than max limit : ${MOST}`)),
      version: VERSION,
    },
    does: async ({ as, actor, input: { group_id: groupId, usernames, version } }) => {
      const answer = await block(as, groupId, usernames);
      mustDoSome(answer);
      return { data: entriesOf(answer, groupId, actor, entryOf('add_blocks', groupId, version)) };
    },
    data: { schema: list(ENTRY), example: [entryExample('add_blocks')] },
  }),

  operation('unblock', 'DELETE', '/chatgroups/{group_id}/blocks/users/{usernames}', {
    source: 'SDKs',
    summary: `ends the blocks of up to ${MOST} users; returns a list for several, and with \`version=v3\``,
    access: 'anyone',
    input: {
      group_id: inPath(group),
      usernames: inPath(userList(MOST, `removeBlacklist: list size more than max limit : ${MOST}`)),
      version: VERSION,
    },
    does: async ({ as, actor, input: { group_id: groupId, usernames: userIds, version } }) => {
      const answer = await as.command('unblock', { groupId, userIds });
      const data = entriesOf(answer, groupId, actor, entryOf('remove_blocks', groupId, version));
      return { data: data.length === 1 && version !== 'v3' ? data[0] : data };
    },
    data: { schema: ENTRY, example: entryExample('remove_blocks') },
  }),

  operation('blocked', 'GET', '/chatgroups/{group_id}/blocks/users', {
    source: 'SDKs',
    summary: 'returns the blocked users; to admins',
    access: 'admin',
    input: { group_id: inPath(group) },
    does: async ({ as, input: { group_id: groupId } }) => {
      const { entries: blocked, total: count } = await firstOf(async (page) => {
        const answer = await as.query('blocked', { groupId, ...page });
        return { ...answer, entries: answer.blocked };
      });
      return { data: blocked.map(({ userId }) => userId), count };
    },
    data: { schema: list(STRING), example: ['u2'] },
  }),
];
