import {
  adminGranted,
  adminRevoked,
  created,
  dismissed,
  importCompleted,
  importStarted,
  joined,
  joinedBy,
  kicked,
  left,
  membersImported,
  transferred,
} from '@cohort/contracts/testing';
import type { ReadModel } from '../../read-model';
import { Log } from '../../testing/log';
import { groupIn, rolesIn, testModels } from '../../testing/models';
import { refused } from '../../testing/refused';
import { sales, support, threeGroups, time, whole } from '../../testing/three-groups';

const { modelAfter, modelOf, newModel } = testModels();
const app = 'demo';
const code = (ask: () => unknown) => refused(ask)?.code;

describe('in the read model', () => {
  it('`memberJoined`, `memberLeft` and `memberKicked` keep members in the order they joined, and their count', async () => {
    const model = await modelAfter(
      created('u1'),
      joined('add', 4, 'u2', 'u3', 'u4'),
      left(3, 'u3'),
      kicked(2, 'u2'),
      joined('add', 3, 'u3'),
    );
    expect(rolesIn(model)).toEqual(['u1 owner', 'u4 member', 'u3 member']);
    expect(groupIn(model)).toMatchObject({ memberCount: 3, revision: '4' });
  });

  it('a member’s entry says how they joined and who brought them in, also after their role changes', async () => {
    const model = await modelAfter(
      created('u1'),
      joined('join', 2, 'u2'),
      joinedBy('invitation', 'u2', 3, 'u3'),
      joinedBy('add', 'u1', 5, 'u4', 'u5'),
      transferred('u1', 'u3'),
    );
    const { members } = model.queries.members({ app, groupId: 'g' });
    expect(members.map(({ userId, joinedVia, joinedBy: by }) => [userId, joinedVia, by])).toEqual([
      ['u1', 'create', undefined],
      ['u2', 'join', undefined],
      ['u3', 'invitation', 'u2'],
      ['u4', 'add', 'u1'],
      ['u5', 'add', 'u1'],
    ]);
  });

  it('tenants do not see the groups of each other', async () => {
    const model = newModel();
    const [one, other] = [new Log('one'), new Log('other')];
    one.group('g', created('u1'));
    other.group('g', created('u2'), joined('add', 2, 'u1'));
    await model.applyBatch([...one.events, ...other.events.map((event) => ({ ...event, position: '900' }))], '900');
    expect(model.queries.isMember({ app: 'one', groupId: 'g', userId: 'u2' })).toEqual({ isMember: false });
    expect(model.queries.userGroups({ app: 'one', userId: 'u1' }).total).toBe(1);
    expect(model.queries.group({ app: 'other', groupId: 'g' }).owner).toBe('u2');
  });
});

describe('the query', () => {
  let model: ReadModel;
  beforeEach(async () => {
    model = await modelOf(threeGroups());
  });
  const queries = () => model.queries;

  it('members returns members in the order they joined, of every role or of one', () => {
    const members = [
      { userId: 'ann', role: 'owner', joinedAt: time(0), joinedVia: 'create' },
      { userId: 'bob', role: 'member', joinedAt: time(0), joinedVia: 'add' },
      { userId: 'cid', role: 'admin', joinedAt: time(0), joinedVia: 'add' },
      { userId: 'dot', role: 'member', joinedAt: time(0), joinedVia: 'add' },
    ];
    expect(queries().members({ app, groupId: 'sales' })).toEqual({
      members,
      total: 4,
      revision: '2',
      ...whole,
    });
    const ofRole = (role: 'owner' | 'admin' | 'member') => {
      const { members: found, ...rest } = queries().members({ app, groupId: 'sales', role });
      return [found.map(({ userId }) => userId), rest];
    };
    expect(ofRole('owner')).toEqual([['ann'], { total: 1, revision: '2', ...whole }]);
    expect(ofRole('admin')).toEqual([['cid'], { total: 1, revision: '2', ...whole }]);
    expect(ofRole('member')).toEqual([['bob', 'dot'], { total: 2, revision: '2', ...whole }]);
    expect(code(() => queries().members({ app, groupId: 'none' }))).toBe('GROUP_NOT_FOUND');
    expect(code(() => queries().members({ app, groupId: 'old' }))).toBe('GROUP_DISMISSED');
  });

  it('member returns one member, and NOT_A_MEMBER for any other user', () => {
    expect(queries().member({ app, groupId: 'sales', userId: 'cid' })).toEqual({
      groupId: 'sales',
      userId: 'cid',
      role: 'admin',
      joinedAt: time(0),
      joinedVia: 'add',
      revision: '2',
    });
    expect(refused(() => queries().member({ app, groupId: 'sales', userId: 'eve' }))).toMatchObject({
      code: 'NOT_A_MEMBER',
      message: 'User eve is not a member of group sales.',
    });
    expect(code(() => queries().member({ app, groupId: 'none', userId: 'ann' }))).toBe('GROUP_NOT_FOUND');
    expect(code(() => queries().member({ app, groupId: 'old', userId: 'ann' }))).toBe('GROUP_DISMISSED');
  });

  it('isMember returns the role, and the same answer again from memory', () => {
    const ask = (groupId: string, userId: string) => queries().isMember({ app, groupId, userId });
    for (let i = 0; i < 2; i++) {
      expect(ask('sales', 'ann')).toEqual({ isMember: true, role: 'owner' });
      expect(ask('sales', 'cid')).toEqual({ isMember: true, role: 'admin' });
      expect(ask('sales', 'bob')).toEqual({ isMember: true, role: 'member' });
      for (const [group, user] of [
        ['sales', 'eve'],
        ['old', 'ann'],
        ['none', 'ann'],
      ] as const) {
        expect(ask(group, user)).toEqual({ isMember: false });
      }
    }
    expect(queries().isMember({ app: 'other', groupId: 'sales', userId: 'ann' })).toEqual({ isMember: false });
  });

  it('userGroups returns live groups of the user, the latest joined first', () => {
    const joinedSales = { ...sales, role: 'member', joinedAt: time(0) };
    const ownedSupport = { ...support, role: 'owner', joinedAt: time(2) };
    expect(queries().userGroups({ app, userId: 'bob' })).toEqual({
      groups: [ownedSupport, joinedSales],
      total: 2,
      position: '900',
      ...whole,
    });
    const none = { groups: [], total: 0, position: '900', ...whole };
    expect(queries().userGroups({ app, userId: 'nobody' })).toEqual(none);
  });

  it('userGroups by page has long pages, too', async () => {
    const log = new Log();
    const ids = Array.from({ length: 90 }, (_, i) => `g${i}`);
    for (const id of ids) log.group(id, created('zoe'));
    const model = await modelOf(log);
    const page = (number: number) =>
      model.queries.userGroups({ app, userId: 'zoe', limit: 40, page: number }).groups.map(({ groupId }) => groupId);
    expect([page(0), page(1), page(2), page(3)]).toEqual(
      [ids.slice(50), ids.slice(10, 50), ids.slice(0, 10), []].map((some) => some.reverse()),
    );
  });

  it('wasMember is true for members, and for the last members of a dismissed group', () => {
    const ask = (groupId: string, userId: string) => queries().wasMember({ app, groupId, userId }).wasMember;
    expect([ask('sales', 'ann'), ask('old', 'ann')]).toEqual([true, true]);
    expect([ask('sales', 'nobody'), ask('old', 'nobody'), ask('none', 'ann')]).toEqual([false, false, false]);
    expect(queries().wasMember({ app: 'other', groupId: 'old', userId: 'ann' })).toEqual({ wasMember: false });
  });

  it('wasMember is false in a group that is being imported, until the import is complete', async () => {
    const log = new Log();
    log.group('g', created('ann'), importStarted('i1'));
    log.group('g', membersImported(0, 2, { userId: 'bob' }));
    const model = await modelOf(log);
    const ask = () => model.queries.wasMember({ app, groupId: 'g', userId: 'bob' });
    expect(ask()).toEqual({ wasMember: false });
    log.group('g', importCompleted(1, 2));
    await model.applyBatch(log.events.slice(-1), log.head);
    expect(ask()).toEqual({ wasMember: true });
  });

  it('groupCounts counts the live groups of users, and those of the tenant up to a number', () => {
    expect(queries().groupCounts({ app, userIds: ['bob', 'ann', 'bob', 'nobody'], upTo: 9 })).toEqual({
      groups: 2,
      users: [
        { userId: 'bob', owned: 1, joined: 2 },
        { userId: 'ann', owned: 1, joined: 2 },
        { userId: 'nobody', owned: 0, joined: 0 },
      ],
    });
    expect(queries().groupCounts({ app, userIds: [], upTo: 1 })).toEqual({ groups: 1, users: [] });
    expect(queries().groupCounts({ app: 'other', userIds: ['ann'], upTo: 9 })).toEqual({
      groups: 0,
      users: [{ userId: 'ann', owned: 0, joined: 0 }],
    });
  });

  it('joinedCount counts live groups of the user', () => {
    expect(queries().joinedCount({ app, userId: 'ann' })).toEqual({ count: 2 });
    expect(queries().joinedCount({ app: 'other', userId: 'ann' })).toEqual({ count: 0 });
  });

  it('isMember returns an answer in memory as the last commit changed it', async () => {
    const log = threeGroups();
    const model = await modelOf(log);
    const ask = (userId: string) => model.queries.isMember({ app, groupId: 'sales', userId });
    const apply = async (...events: Parameters<Log['group']> extends [string, ...infer E] ? E : never) => {
      const appended = log.group('sales', ...events);
      await model.applyBatch(appended, log.head);
    };
    for (const user of ['ann', 'bob', 'cid', 'dot', 'eve']) ask(user);
    await apply(joined('add', 5, 'eve'));
    expect(ask('eve')).toEqual({ isMember: true, role: 'member' });
    await apply(kicked(4, 'bob'), left(3, 'dot'));
    expect([ask('bob'), ask('dot')]).toEqual([{ isMember: false }, { isMember: false }]);
    await apply(transferred('ann', 'cid'), adminGranted('eve'));
    expect([ask('ann').role, ask('cid').role, ask('eve').role]).toEqual(['member', 'owner', 'admin']);
    await apply(adminRevoked('eve'));
    expect(ask('eve').role).toBe('member');
    await apply(dismissed());
    expect(ask('cid')).toEqual({ isMember: false });
  });
});
