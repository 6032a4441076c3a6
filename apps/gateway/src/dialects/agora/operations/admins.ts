import { everyPage } from '@cohort/client';
import { CohortError, PAGE } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { AgoraError } from '../errors';
import { body, group, inPath, user, VERSION } from '../fields';
import { operation } from '../operation';
import { mustSucceed } from '../results';
import { list, object, STRING } from '../views';

async function adminsOf(as: Caller, groupId: string): Promise<string[]> {
  const pages = await everyPage((cursor?: string) =>
    as.query('members', { groupId, role: 'admin', limit: PAGE.maxLimit, ...(cursor !== undefined && { cursor }) }),
  );
  return pages.flatMap(({ members }) => members.map(({ userId }) => userId));
}

/** The admins of a group. */
export const admins = [
  operation('admins', 'GET', '/chatgroups/{group_id}/admin', {
    source: 'SDKs',
    summary: 'returns the admins, without the owner',
    access: 'reader',
    input: { group_id: inPath(group) },
    does: async ({ as, input: { group_id: groupId } }) => {
      const data = await adminsOf(as, groupId);
      return { data, count: data.length };
    },
    data: { schema: list(STRING), example: ['u2'] },
  }),

  operation('roles', 'GET', '/chatgroups/{group_id}/roles', {
    source: 'SDKs',
    summary: 'returns the owner and the admins',
    access: 'reader',
    input: { group_id: inPath(group), version: VERSION },
    does: async ({ as, input: { group_id: groupId } }) => {
      const roles = (await adminsOf(as, groupId)).map((admin) => ({ admin }));
      const { owner } = await as.query('group', { groupId });
      return { data: [{ id: groupId, owner, roles }], count: 1 };
    },
    data: {
      schema: list(object({ id: STRING, owner: STRING, roles: list(object({ admin: STRING })) })),
      example: [{ id: '2306414607729', owner: 'u1', roles: [{ admin: 'u2' }] }],
    },
  }),

  operation('addAdmin', 'POST', '/chatgroups/{group_id}/admin', {
    source: 'SDKs',
    summary: 'makes a member an admin; only the owner and the app may',
    access: 'anyone',
    input: { group_id: inPath(group), newadmin: body.required(user) },
    does: async ({ as, input: { group_id: groupId, newadmin } }) => {
      const answer = await as.command('grantAdmins', { groupId, userIds: [newadmin] });
      if (answer.results?.[0]?.code === 'NOT_A_MEMBER') {
        throw new AgoraError('notFound', `user: ${newadmin} doesn't exist in group: ${groupId}`);
      }
      mustSucceed(answer);
      return { data: { result: 'success', newadmin } };
    },
    data: { schema: object({ result: STRING, newadmin: STRING }), example: { result: 'success', newadmin: 'u2' } },
  }),

  operation('removeAdmin', 'DELETE', '/chatgroups/{group_id}/admin/{username}', {
    source: 'SDKs',
    summary: 'makes an admin a plain member; only the owner and the app may',
    access: 'anyone',
    input: { group_id: inPath(group), username: inPath(user) },
    does: async ({ as, input: { group_id: groupId, username: oldadmin } }) => {
      const { role } = await as.query('isMember', { groupId, userId: oldadmin });
      mustSucceed(await as.command('revokeAdmins', { groupId, userIds: [oldadmin] }));
      if (role === 'owner') throw new CohortError('OWNER_CANNOT_BE_ADMIN', 'is the owner');
      if (role !== 'admin') throw new AgoraError('forbidden', `user:${oldadmin} is not admin of group:${groupId}`);
      return { data: { result: 'success', oldadmin } };
    },
    data: { schema: object({ result: STRING, oldadmin: STRING }), example: { result: 'success', oldadmin: 'u2' } },
  }),
];
