import { user } from '@cohort/contracts/testing';
import type { GroupView, HistoryEntry, MemberThen, QueryAnswers } from '@cohort/contracts';
import { newTenant, sharedService } from '../support/service';
import { TenantClient } from '../support/tenant-client';

let tenant: TenantClient;
beforeAll(async () => {
  const { natsUrl } = await sharedService();
  tenant = await TenantClient.connect(natsUrl, (await newTenant()).id);
});
afterAll(() => tenant?.close());

const short = ({ groupId, revision, type, actor, users }: HistoryEntry) => [groupId, revision, type, actor, users];
const roles = (members: readonly MemberThen[]) => members.map(({ userId, role }) => `${userId} ${role}`);

/** All pages of a list, two entries each. */
async function pages<A extends { readonly cursor?: string }, E>(
  ask: (page: { limit: number; cursor?: string }) => Promise<A>,
  entries: (answer: A) => readonly E[],
): Promise<E[]> {
  const all: E[] = [];
  for (let cursor: string | undefined; ;) {
    const answer = await ask({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
    all.push(...entries(answer));
    cursor = answer.cursor;
    if (cursor === undefined) return all;
  }
}

describe('the history', () => {
  let groupId: string;
  let after: string;
  const views: GroupView[] = [];
  const members: string[][] = [];
  const service = { type: 'service' };

  beforeAll(async () => {
    const note = async ({ position }: { position: string }) => {
      after = position;
      views.push(await tenant.query('group', { groupId, after }));
      const list = await tenant.query('members', { groupId, after });
      members.push(list.members.map(({ userId, role }) => `${userId} ${role}`));
    };
    groupId = await tenant.newGroup();
    await note(await tenant.run('changeInfo', { groupId, name: 'First', actor: user('o') }));
    await note(await tenant.run('addMembers', { groupId, userIds: ['a', 'b'], actor: user('o') }));
    await note(await tenant.run('kick', { groupId, userIds: ['a'] }));
    await note(await tenant.run('addMembers', { groupId, userIds: ['a'] }));
    await note(await tenant.run('transfer', { groupId, newOwner: 'a', actor: user('o') }));
    await note(await tenant.run('changeInfo', { groupId, description: 'D', actor: user('a') }));
  });

  it('of a group says who did what to whom, the newest first, in pages', async () => {
    const entries = await pages(
      (page) => tenant.query('groupHistory', { groupId, after, ...page }),
      (answer: QueryAnswers['groupHistory']) => answer.entries,
    );
    expect(entries.map(short)).toEqual([
      [groupId, '6', 'infoChanged', user('a'), []],
      [groupId, '5', 'ownerTransferred', user('o'), ['o', 'a']],
      [groupId, '4', 'memberJoined', service, ['a']],
      [groupId, '3', 'memberKicked', service, ['a']],
      [groupId, '2', 'memberJoined', user('o'), ['a', 'b', 'o']],
      [groupId, '1', 'infoChanged', user('o'), []],
      [groupId, '0', 'created', service, ['o']],
    ]);
    expect(entries[0]!.details).toEqual({ description: 'D' });
  });

  it('of a user has what they did and what was done to them, in all groups', async () => {
    const other = await tenant.newGroup({ owner: 'a' });
    const { position } = await tenant.run('leave', { groupId, userId: 'b', actor: user('b') });
    const entries = await pages(
      (page) => tenant.query('userHistory', { userId: 'a', after: position, ...page }),
      (answer: QueryAnswers['userHistory']) => answer.entries,
    );
    expect(entries.map(({ groupId: id, revision }) => [id, revision])).toEqual([
      [other, '0'],
      ...['6', '5', '4', '3', '2'].map((revision) => [groupId, revision]),
    ]);
    const { entries: ofB } = await tenant.query('userHistory', { userId: 'b', after: position });
    expect(ofB.map(({ type, actor }) => [type, actor])).toEqual([
      ['memberLeft', user('b')],
      ['memberJoined', user('o')],
    ]);
  });

  it('returns the group and its members as the queries of that moment did, by revision and by time', async () => {
    for (const [i, view] of views.entries()) {
      const { revision, updatedAt } = view;
      expect(await tenant.query('groupAt', { groupId, revision })).toEqual(view);
      const then = await pages(
        (page) => tenant.query('membersAt', 'cursor' in page ? { groupId, ...page } : { groupId, revision, ...page }),
        (answer: QueryAnswers['membersAt']) => answer.members,
      );
      expect(roles(then)).toEqual(members[i]);
      const byTime = await tenant.query('groupAt', { groupId, at: updatedAt, after });
      // Later events may have the same time.
      expect([byTime.updatedAt, Number(byTime.revision) >= Number(revision)]).toEqual([updatedAt, true]);
    }
    for (const role of ['owner', 'admin', 'member'] as const) {
      const { revision } = views[1]!;
      const { members: then, total } = await tenant.query('membersAt', { groupId, revision, role, limit: 1 });
      const expected = members[1]!.filter((member) => member.endsWith(role));
      expect([roles(then), total]).toEqual([expected.slice(0, 1), expected.length]);
    }
    const { total, revision } = await tenant.query('membersAt', { groupId, at: views[1]!.updatedAt, after });
    expect([total, revision]).toEqual([views[1]!.memberCount, views[1]!.revision]);
  });

  it('has no moment before the group, and no members after its end', async () => {
    const before = tenant.query('groupAt', { groupId, at: '2020-01-01T00:00:00.000Z', after });
    await expect(before).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' });
    await expect(tenant.query('groupHistory', { groupId: 'nowhere' })).rejects.toMatchObject({
      code: 'GROUP_NOT_FOUND',
    });
    const { position, revision } = await tenant.run('dismiss', { groupId });
    expect(await tenant.query('groupAt', { groupId, after: position })).toMatchObject({
      status: 'dismissed',
      revision,
    });
    await expect(tenant.query('membersAt', { groupId, after: position })).rejects.toMatchObject({
      code: 'GROUP_DISMISSED',
    });
    const last = await tenant.query('membersAt', { groupId, revision: String(Number(revision) - 1) });
    expect(roles(last.members)).toEqual(['o member', 'a owner']);
  });
});
