import type { Caller } from '../../../dialect/caller';
import { mustRead } from '../access';
import { body, group, inPath, someUsers, user, userList, VERSION } from '../fields';
import { operation } from '../operation';
import { entriesOf, ENTRY, entryExample, entryOf, MOST, mustDoSome, mustSucceed } from '../results';
import { BOOLEAN, list, object, STRING } from '../views';
import { firstOf } from '../whole-list';

const ADD = 'add_user_whitelist';
const REMOVE = 'remove_user_whitelist';

const allowedOf = (as: Caller, groupId: string, most?: number) =>
  firstOf(async (page) => {
    const answer = await as.query('allowList', { groupId, ...page });
    return { ...answer, entries: answer.members };
  }, most);

/** Members who may speak while all are muted. */
export const allowList = [
  operation('allow', 'POST', '/chatgroups/{group_id}/white/users/{username}', {
    source: 'SDKs',
    summary: 'puts a member on the allow-list; `version=v3` returns a list',
    access: 'anyone',
    input: { group_id: inPath(group), username: inPath(user), version: VERSION },
    does: async ({ as, actor, input: { group_id: groupId, username, version } }) => {
      const answer = await as.command('allowToSpeak', { groupId, userIds: [username] });
      mustSucceed(answer);
      const data = entriesOf(answer, groupId, actor, entryOf(ADD, groupId, version));
      return { data: version === 'v3' ? data : data[0] };
    },
    data: { schema: ENTRY, example: entryExample(ADD) },
  }),

  operation('allowMany', 'POST', '/chatgroups/{group_id}/white/users', {
    source: 'SDKs',
    summary: `puts up to ${MOST} members on the allow-list`,
    access: 'anyone',
    input: {
      group_id: inPath(group),
      usernames: body.required(someUsers(MOST, `usernames size is more than max limit : ${MOST}`)),
      version: VERSION,
    },
    does: async ({ as, actor, input: { group_id: groupId, usernames: userIds, version } }) => {
      const answer = await as.command('allowToSpeak', { groupId, userIds });
      mustDoSome(answer);
      return { data: entriesOf(answer, groupId, actor, entryOf(ADD, groupId, version)) };
    },
    data: { schema: list(ENTRY), example: [entryExample(ADD)] },
  }),

  operation('disallow', 'DELETE', '/chatgroups/{group_id}/white/users/{usernames}', {
    source: 'SDKs',
    summary: `takes up to ${MOST} users off the allow-list`,
    access: 'anyone',
    input: {
      group_id: inPath(group),
      usernames: inPath(userList(MOST, `removeWhitelist size is more than max limit : ${MOST}`)),
      version: VERSION,
    },
    does: async ({ as, actor, input: { group_id: groupId, usernames: userIds, version } }) => {
      const answer = await as.command('disallowToSpeak', { groupId, userIds });
      return { data: entriesOf(answer, groupId, actor, entryOf(REMOVE, groupId, version)) };
    },
    data: { schema: list(ENTRY), example: [entryExample(REMOVE)] },
  }),

  operation('allowed', 'GET', '/chatgroups/{group_id}/white/users', {
    source: 'SDKs',
    summary: 'returns the members on the allow-list; to admins',
    access: 'admin',
    input: { group_id: inPath(group) },
    does: async ({ as, input: { group_id: groupId } }) => {
      const { entries: allowed, total: count } = await allowedOf(as, groupId);
      return { data: allowed.map(({ userId }) => userId), count };
    },
    data: { schema: list(STRING), example: ['u2'] },
  }),

  operation('isAllowed', 'GET', '/chatgroups/{group_id}/white/users/{username}', {
    source: 'Web SDK',
    summary: 'returns whether a user is on the allow-list; to that user and to admins',
    access: 'member',
    input: { group_id: inPath(group), username: inPath(user), version: VERSION },
    does: async ({ as, actor, input: { group_id: groupId, username: member } }) => {
      if (actor.type === 'user' && actor.id !== member) await mustRead(as, actor.id, groupId, 'admin');
      const { entries: allowed } = await allowedOf(as, groupId, Infinity);
      return { data: { member, white: allowed.some(({ userId }) => userId === member) } };
    },
    data: { schema: object({ member: STRING, white: BOOLEAN }), example: { member: 'u2', white: true } },
  }),
];
