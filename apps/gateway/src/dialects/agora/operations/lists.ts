import { everyPage } from '@cohort/client';
import { PAGE, type GroupView } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { AgoraError, notMembers } from '../errors';
import { group, inPath, query, text, user, VERSION, whole } from '../fields';
import { operation } from '../operation';
import { appEntry, BOOLEAN, INTEGER, list, object, STRING, userEntry } from '../views';

const CURSOR = query.optional(text(1_024, { oneLine: true }));
const LIMIT = query.optional(whole(1, PAGE.maxLimit));
const PAGENUM = query.optional(whole(0, 1_000_000));

/** A user whom the tenant's directory doesn't know has no lists. */
async function mustBeKnown(as: Caller, userId: string): Promise<void> {
  if (!(await as.isKnown(userId))) throw new AgoraError('notFound', `username ${userId} doesn't exist!`);
}

const of = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor });

/** A group in a user's list: by both names that SDKs read. */
const joined = (isV3: boolean) => (view: GroupView & { readonly role: string }) =>
  isV3
    ? { id: view.groupId, name: view.name, disabled: view.status === 'disabled', permission: view.role }
    : { groupid: view.groupId, groupname: view.name };

const USER_GROUP = object({
  ...{ name: STRING, avatar: STRING, owner: STRING, id: STRING, groupId: STRING, description: STRING },
  ...{ disabled: BOOLEAN, public: BOOLEAN, membersonly: BOOLEAN, allowinvites: BOOLEAN, maxusers: INTEGER },
  created: INTEGER,
});

/** Lists of groups. */
export const lists = [
  operation('appGroups', 'GET', '/chatgroups', {
    source: 'both',
    summary: "returns the app's groups, the newest first",
    access: 'app',
    input: { limit: LIMIT, cursor: CURSOR },
    does: async ({ as, input: { limit = 10, cursor }, shape, call }) => {
      const page = await as.query('appGroups', { limit, ...of(cursor) });
      const data = page.groups.map((view) => appEntry(view, call.tenant.settings.name, shape));
      return { data, count: data.length, cursor: page.cursor };
    },
    data: {
      schema: list({ type: 'object' }),
      example: [
        {
          ...{ owner: 'demo#demo_u1', groupid: '2306414607729', affiliations: 2, type: 'group' },
          ...{ last_modified: '1790000000000', groupname: 'Sales' },
        },
      ],
    },
  }),

  operation('userGroups', 'GET', '/chatgroups/user/{username}', {
    source: 'Shengwang',
    summary: "returns a user's groups in `entities`, the latest joined first; pages count from 0",
    access: 'own',
    input: {
      username: inPath(user),
      pagesize: query.optional(whole(1, 20)),
      pagenum: PAGENUM,
      needRole: query.optional(text(8)),
      needAffiliations: query.optional(text(8)),
    },
    does: async ({ as, input }) => {
      const { username: userId, pagesize: limit = 5, pagenum: page = 0, needRole, needAffiliations } = input;
      await mustBeKnown(as, userId);
      const { groups, total } = await as.query('userGroups', { userId, limit, page });
      const entry = (view: (typeof groups)[number]) =>
        userEntry(view, needRole === 'true', needAffiliations === 'true');
      return { entities: groups.map(entry), total };
    },
    data: { schema: list(USER_GROUP), example: undefined },
  }),

  operation('joinedGroups', 'GET', '/users/{username}/joined_chatgroups', {
    source: 'Agora',
    summary: "returns a user's groups, the latest joined first: all, or a page; pages count from 1",
    access: 'own',
    input: {
      username: inPath(user),
      pagesize: query.optional(whole(1, 500)),
      pagenum: PAGENUM,
      limit: LIMIT,
      cursor: CURSOR,
      version: VERSION,
    },
    does: async ({ as, input: { username: userId, pagesize, pagenum, limit, cursor, version } }) => {
      await mustBeKnown(as, userId);
      const entry = joined(version === 'v3');
      const isPaged = pagesize !== undefined || pagenum !== undefined;
      if (!isPaged && (limit !== undefined || cursor !== undefined)) {
        const page = await as.query('userGroups', { userId, limit: limit ?? 10, ...of(cursor) });
        return { data: page.groups.map(entry), count: page.groups.length, cursor: page.cursor };
      }
      const pages = isPaged
        ? [await as.query('userGroups', { userId, limit: pagesize ?? 5, page: Math.max(0, (pagenum ?? 1) - 1) })]
        : await everyPage((next?: string) => as.query('userGroups', { userId, limit: PAGE.maxLimit, ...of(next) }));
      const data = pages.flatMap(({ groups }) => groups.map(entry));
      return { data, count: data.length, properties: isPaged };
    },
    data: {
      schema: list(object({ groupid: STRING, groupname: STRING })),
      example: [{ groupid: '2306414607729', groupname: 'Sales' }],
    },
  }),

  operation('isJoined', 'GET', '/chatgroups/{group_id}/user/{username}/is_joined', {
    source: 'Shengwang',
    summary: 'returns whether the user is a member',
    access: 'anyone',
    input: { group_id: inPath(group), username: inPath(user) },
    does: async ({ as, actor, input: { group_id: groupId, username: userId } }) => {
      const isMember = async (one: string) => (await as.query('isMember', { groupId, userId: one })).isMember;
      if (actor.type === 'user' && actor.id !== userId && !(await isMember(actor.id))) {
        throw notMembers(actor.id);
      }
      await mustBeKnown(as, userId);
      return { data: await isMember(userId), form: 'check' };
    },
    data: { schema: BOOLEAN, example: true },
  }),

  operation('joinedCount', 'GET', '/chatgroups/user/{username}/joined_count', {
    source: 'Web SDK',
    summary: "returns the number of a user's groups",
    access: 'own',
    input: { username: inPath(user) },
    does: async ({ as, input: { username: userId } }) => {
      await mustBeKnown(as, userId);
      return { data: (await as.query('joinedCount', { userId })).count };
    },
    data: { schema: INTEGER, example: 2 },
  }),

  operation('publicGroups', 'GET', '/publicchatgroups', {
    source: 'Web SDK',
    summary: 'returns the public groups, the newest first',
    access: 'anyone',
    input: { limit: LIMIT, cursor: CURSOR, version: VERSION },
    does: async ({ as, input: { limit = 10, cursor, version } }) => {
      const page = await as.query('publicGroups', { limit, ...of(cursor) });
      const data = page.groups.map(({ groupId, name }) =>
        version === 'v3' ? { id: groupId, name } : { groupid: groupId, groupname: name },
      );
      return { data, count: data.length, cursor: page.cursor };
    },
    data: {
      schema: list(object({ groupid: STRING, groupname: STRING })),
      example: [{ groupid: '2306414607729', groupname: 'Sales' }],
    },
  }),
];
