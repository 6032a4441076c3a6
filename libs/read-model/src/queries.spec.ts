import Database from 'libsql';
import type { CohortError, ErrorCode } from '@cohort/contracts';
import {
  infoChanged,
  created,
  dismissed,
  adminGranted,
  joined,
  kicked,
  left,
  adminRevoked,
  transferred,
} from '@cohort/contracts/testing';
import type { Connection } from './database';
import { MAX_ANSWER_BYTES } from './pages';
import { openFeatures } from './open-features';
import type { ReadModel } from './read-model';
import { EVENTS, FEATURES } from './registry';
import { SCHEMA_VERSION } from './tables/schema';
import { applyAll, Log, openModel, scratch, STORE } from './testing/log';

const { file, remove } = scratch();
const models: ReadModel[] = [];
let count = 0;
afterEach(() => models.splice(0).forEach((model) => model.close()));
afterAll(remove);

async function modelOf(log: Log): Promise<ReadModel> {
  const model = openModel(file(`${count++}.db`));
  models.push(model);
  await applyAll(model, log);
  return model;
}

const refusal = (ask: () => unknown): Pick<CohortError, 'code' | 'message'> | undefined => {
  try {
    ask();
    return undefined;
  } catch (error) {
    return error as CohortError;
  }
};
const code = (ask: () => unknown): ErrorCode | undefined => refusal(ask)?.code;
const app = 'demo';
const time = (second: number) => new Date(Date.parse('2026-01-01T00:00:00.000Z') + second * 1_000).toISOString();

/** Three groups: `sales` with admins, `support`, and `old`, which was dismissed. */
function threeGroups(): Log {
  const log = new Log();
  log.group(
    'sales',
    created('ann', { name: 'Sales', numericId: '4503599627370496' }),
    joined('add', 4, 'bob', 'cid', 'dot'),
  );
  log.group('old', created('ann', { name: 'Old', numericId: '4503599627370497' }), joined('add', 2, 'bob'));
  log.group('support', created('bob', { name: 'Support', numericId: '4503599627370498' }), joined('add', 2, 'ann'));
  log.group('sales', adminGranted('cid'));
  log.group('old', dismissed());
  log.group('support', infoChanged({ description: 'Who helps', avatar: 'https://a/b.png', ext: '{"a":1}' }));
  return log;
}

const support = {
  groupId: 'support',
  numericId: '4503599627370498',
  name: 'Support',
  description: 'Who helps',
  avatar: 'https://a/b.png',
  ext: '{"a":1}',
  owner: 'bob',
  capacity: 10,
  memberCount: 2,
  status: 'live',
  createdAt: time(2),
  updatedAt: time(5),
  revision: '2',
};
const sales = {
  groupId: 'sales',
  numericId: '4503599627370496',
  name: 'Sales',
  description: '',
  avatar: '',
  ext: '',
  owner: 'ann',
  capacity: 10,
  memberCount: 4,
  status: 'live',
  createdAt: time(0),
  updatedAt: time(3),
  revision: '2',
};
/** What an answer says of itself that holds a whole list, or a page of it. */
const whole = { full: true, basis: `${STORE}/${SCHEMA_VERSION}` };
const old = { ...sales, groupId: 'old', numericId: '4503599627370497', name: 'Old', memberCount: 2 };
const oldGroup = { ...old, status: 'dismissed', createdAt: time(1), updatedAt: time(4) };

describe('every query answers', () => {
  let model: ReadModel;
  beforeEach(async () => {
    model = await modelOf(threeGroups());
  });
  const queries = () => model.queries;

  it('group', () => {
    expect(queries().group({ app, groupId: 'support' })).toEqual(support);
    expect(queries().group({ app, groupId: 'old' })).toEqual(oldGroup);
    expect(code(() => queries().group({ app, groupId: 'none' }))).toBe('GROUP_NOT_FOUND');
    expect(code(() => queries().group({ app: 'other', groupId: 'sales' }))).toBe('GROUP_NOT_FOUND');
  });

  it('groups, in the asked-for order, repeats once', () => {
    const groupIds = ['old', 'x', 'support', 'old', 'y', 'x'];
    expect(queries().groups({ app, groupIds })).toEqual({ groups: [oldGroup, support], missing: ['x', 'y'] });
  });

  it('appGroups: the live ones, newest first', () => {
    expect(queries().appGroups({ app })).toEqual({ groups: [support, sales] });
    expect(queries().appGroups({ app: 'other' })).toEqual({ groups: [] });
  });

  it('members, in the order they joined', () => {
    const members = [
      { userId: 'ann', role: 'owner', joinedAt: time(0) },
      { userId: 'bob', role: 'member', joinedAt: time(0) },
      { userId: 'cid', role: 'admin', joinedAt: time(0) },
      { userId: 'dot', role: 'member', joinedAt: time(0) },
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

  it('member', () => {
    expect(queries().member({ app, groupId: 'sales', userId: 'cid' })).toEqual({
      groupId: 'sales',
      userId: 'cid',
      role: 'admin',
      joinedAt: time(0),
      revision: '2',
    });
    expect(refusal(() => queries().member({ app, groupId: 'sales', userId: 'eve' }))).toMatchObject({
      code: 'NOT_A_MEMBER',
      message: 'User eve is not a member of group sales.',
    });
    expect(code(() => queries().member({ app, groupId: 'none', userId: 'ann' }))).toBe('GROUP_NOT_FOUND');
    expect(code(() => queries().member({ app, groupId: 'old', userId: 'ann' }))).toBe('GROUP_DISMISSED');
  });

  it('isMember, the same when asked again', () => {
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

  it('userGroups: the live ones, the latest joined first', () => {
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

  it('joinedCount', () => {
    expect(queries().joinedCount({ app, userId: 'ann' })).toEqual({ count: 2 });
    expect(queries().joinedCount({ app: 'other', userId: 'ann' })).toEqual({ count: 0 });
  });
});

describe('isMember after a commit', () => {
  it('says what the commit says, for what was asked before it', async () => {
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

describe('pages', () => {
  const users = Array.from({ length: 25 }, (_, i) => `u${String(i).padStart(2, '0')}`);
  const pages = <P extends { cursor?: string }>(ask: (cursor?: string) => P, between?: () => void): P[] => {
    const all = [ask()];
    for (let cursor = all[0]!.cursor; cursor !== undefined; cursor = all.at(-1)!.cursor) {
      between?.();
      all.push(ask(cursor));
    }
    return all;
  };
  const given = (cursor?: string) => (cursor === undefined ? {} : { cursor });

  it('of members: all of them, once, in order; the last has no cursor', async () => {
    const log = new Log();
    log.group('g', created('owner'), joined('add', 26, ...users));
    const { queries } = await modelOf(log);
    for (const limit of [1, 5, 13, 25, 26, 27]) {
      const all = pages((cursor) => queries.members({ app, groupId: 'g', limit, ...given(cursor) }));
      expect(all.flatMap(({ members }) => members.map(({ userId }) => userId))).toEqual(['owner', ...users]);
      expect(all).toHaveLength(Math.ceil(26 / limit));
    }
  });

  it('of members, while some join and leave: who stays is there once, and the first revision is on every page', async () => {
    const log = new Log();
    log.group('g', created('owner'), joined('add', 26, ...users));
    const model = await modelOf(log);
    const { queries } = model;
    let cursor: string | undefined;
    const seen: string[] = [];
    const revisions = new Set<string>();
    let members = 26;
    for (let i = 0; ; i++) {
      const page = queries.members({ app, groupId: 'g', limit: 4, ...given(cursor) });
      seen.push(...page.members.map(({ userId }) => userId));
      revisions.add(page.revision);
      cursor = page.cursor;
      if (cursor === undefined) break;
      // One of an earlier page goes, and comes in again at the end; one of a later page goes.
      const [earlier, later] = [users[i]!, users[24 - i]!];
      if (i >= 4) continue;
      members -= 1;
      log.group('g', left(members - 1, earlier, later));
      await applyAll(model, { events: log.group('g', joined('add', members, earlier)) });
      await applyAll(model, log);
    }
    const stayed = users.slice(4, 21);
    expect(seen.filter((user) => stayed.includes(user))).toEqual(stayed);
    expect([...revisions]).toEqual(['1']);
  });

  it('of members of a group that is dismissed meanwhile: GROUP_DISMISSED', async () => {
    const log = new Log();
    log.group('g', created('owner'), joined('add', 26, ...users));
    const model = await modelOf(log);
    const { cursor } = model.queries.members({ app, groupId: 'g', limit: 5 });
    await applyAll(model, { events: log.group('g', dismissed()) });
    expect(code(() => model.queries.members({ app, groupId: 'g', cursor: cursor! }))).toBe('GROUP_DISMISSED');
  });

  it('of an app, and of a user, by cursor and by number', async () => {
    const log = new Log();
    // Several in one append: joined in the same millisecond.
    for (const id of users) log.group(`${id} a`, created('ann'));
    log.append('group-demo/same 1', [created('ann')], { at: time(30) });
    log.append('group-demo/same 2', [created('ann')], { at: time(30) });
    log.append('group-demo/same 3', [created('ann')], { at: time(30) });
    const { queries } = await modelOf(log);
    const expected = ['same 3', 'same 2', 'same 1', ...users.map((id) => `${id} a`).reverse()];
    for (const limit of [1, 4, 28, 100]) {
      const ofApp = pages((cursor) => queries.appGroups({ app, limit, ...given(cursor) }));
      expect(ofApp.flatMap(({ groups }) => groups.map(({ groupId }) => groupId))).toEqual(expected);
      const ofUser = pages((cursor) => queries.userGroups({ app, userId: 'ann', limit, ...given(cursor) }));
      expect(ofUser.flatMap(({ groups }) => groups.map(({ groupId }) => groupId))).toEqual(expected);
      expect(new Set(ofUser.map(({ total }) => total))).toEqual(new Set([28]));
    }
    const numbered = [0, 1, 2, 3].map((page) => queries.userGroups({ app, userId: 'ann', limit: 10, page }));
    expect(numbered.flatMap(({ groups }) => groups.map(({ groupId }) => groupId))).toEqual(expected);
    expect(numbered.map(({ groups }) => groups.length)).toEqual([10, 10, 8, 0]);
  });

  it('of groups, while one of an earlier page is dismissed: the rest are there once', async () => {
    const log = new Log();
    for (const id of users) log.group(id, created('ann'));
    const model = await modelOf(log);
    const first = model.queries.appGroups({ app, limit: 10 });
    await applyAll(model, { events: log.group(first.groups[9]!.groupId, dismissed()) });
    const second = model.queries.appGroups({ app, limit: 100, cursor: first.cursor! });
    expect(second.groups.map(({ groupId }) => groupId)).toEqual(users.slice(0, 15).reverse());
  });

  it('take no cursor of another list, group, role, user, app or store', async () => {
    const log = new Log();
    log.group('g', created('u00'), joined('add', 3, 'u01', 'u02'));
    log.group('h', created('u00'), joined('add', 3, 'u01', 'u02'));
    const { queries } = await modelOf(log);
    const { cursor } = queries.members({ app, groupId: 'g', limit: 1 });
    const refused = [
      () => queries.members({ app, groupId: 'h', cursor: cursor! }),
      () => queries.members({ app, groupId: 'g', role: 'member', cursor: cursor! }),
      () => queries.appGroups({ app, cursor: cursor! }),
      () => queries.userGroups({ app, userId: 'u00', cursor: cursor! }),
      () => queries.members({ app, groupId: 'g', cursor: 'AAAA' }),
    ];
    expect(refused.map(code)).toEqual(refused.map(() => 'CURSOR_INVALID'));
    const foreign = openModel(file('foreign.db'), { store: '22222222-2222-4222-8222-222222222222' });
    await applyAll(foreign, log);
    expect(refusal(() => foreign.queries.members({ app, groupId: 'g', cursor: cursor! }))).toMatchObject({
      code: 'CURSOR_INVALID',
      message: 'cursor belongs to another event store: begin at the first page.',
    });
    foreign.close();
  });

  it('fit into an answer: they end early, with a cursor; groups by id are TOO_LARGE', async () => {
    const log = new Log();
    const ext = '\u0001"é'.repeat(5_000);
    for (let i = 0; i < 30; i++) log.group(`g${i}`, created('ann'), infoChanged({ ext }));
    const { queries } = await modelOf(log);
    const all = pages((cursor) => queries.appGroups({ app, ...given(cursor) }));
    expect(all.length).toBeGreaterThan(1);
    for (const page of all) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(MAX_ANSWER_BYTES + 2_048);
    expect(all.flatMap(({ groups }) => groups)).toHaveLength(30);
    const ids = Array.from({ length: 30 }, (_, i) => `g${i}`);
    expect(code(() => queries.groups({ app, groupIds: ids }))).toBe('TOO_LARGE');
    expect(queries.groups({ app, groupIds: ids.slice(0, 5) }).groups).toHaveLength(5);
  });
});

describe('the indexes', () => {
  it('answer every query without looking at what is not on the page, and without sorting', async () => {
    await (await modelOf(threeGroups())).indexForQueries();
    const connection = new Database(file(`${count - 1}.db`));
    const statements: string[] = [];
    const listening = { prepare: (sql: string) => statements.push(sql) && connection.prepare(sql) };
    openFeatures(connection, listening as unknown as Connection, {
      store: STORE,
      features: FEATURES,
      events: EVENTS,
      keptChanges: 1,
      position: () => '0',
    });
    const plansOf = (sql: string) =>
      (connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]).map(({ detail }) => detail);
    const plans = statements
      .filter((sql) => !/failed_events|unknown_types/.test(sql))
      .map((sql) => [sql, plansOf(sql)]);
    expect(plans.length).toBeGreaterThan(15);
    // How parts are put together, each in order already.
    const joints = /^(MERGE \(UNION ALL\)|LEFT|RIGHT|CO-ROUTINE c|SCAN c|CORRELATED SCALAR SUBQUERY \d)$/;
    // A user's groups that changed, in the order of their changes: the ones in question are sorted, and then the page.
    const sorted = (sql: string) => (sql.includes(' c JOIN groups g ') ? 2 : 0);
    for (const [sql, plan] of plans as [string, string[]][]) {
      const rest = plan.filter((detail) => !detail.startsWith('SEARCH') && !joints.test(detail));
      expect([sql, rest]).toEqual([sql, Array(sorted(sql)).fill('USE TEMP B-TREE FOR ORDER BY')]);
    }
    connection.close();
  });
});
