import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DEFAULT_SETTINGS,
  QUERIES,
  QUERY_APPLIED_SUBJECT,
  querySubject,
  type GroupEvent,
  type QueryNodeApplied,
} from '@cohort/contracts';
import {
  adminGranted,
  created,
  dismissed,
  joined,
  left,
  syncCompleted,
  syncRequested,
} from '@cohort/contracts/testing';
import type { Part } from '../support/stack';
import { waitFor } from '../support/wait-for';
import { Surroundings } from './support';

let around: Surroundings;
let node: Part;
let position = '0';
const app = 'demo';
const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
const POSITION = expect.stringMatching(/^\d+$/) as string;

beforeAll(async () => {
  around = await Surroundings.start();
  const { writer } = around;
  await writer.group('sales', created('ann'), joined('add', 4, 'bob', 'cid', 'dot'));
  await writer.group('sales', adminGranted('cid'));
  await writer.group('old', created('ann', { name: 'Old' }));
  await writer.group('old', dismissed());
  await writer.user('cid', syncRequested([]));
  ({ position } = await writer.group('support', created('bob', { name: 'Support' }), joined('add', 2, 'ann')));
  node = await around.node('one', { QUERY_AFTER_TIMEOUT_MS: '5000' });
});
afterAll(() => around?.stop());

const group = (groupId: string, over: object = {}) => ({
  groupId,
  numericId: '4503599627370496',
  name: 'Sales',
  description: '',
  avatar: '',
  ext: '',
  owner: 'ann',
  capacity: 10,
  memberCount: 1,
  settings: DEFAULT_SETTINGS,
  status: 'live',
  createdAt: ISO,
  updatedAt: ISO,
  revision: '0',
  ...over,
});
const sales = group('sales', { memberCount: 4, revision: '2' });
const support = group('support', { name: 'Support', owner: 'bob', memberCount: 2, revision: '1' });
const old = group('old', { name: 'Old', status: 'dismissed', revision: '1' });
const member = (userId: string, role: string) => ({
  userId,
  role,
  joinedAt: ISO,
  joinedVia: role === 'owner' ? 'create' : 'add',
});

/** The fields of an answer that mark a whole list. */
const whole = { full: true, basis: expect.stringMatching(/^[0-9a-f-]{36}\/\d+$/) as string };

const cases: [name: string, body: object, answer: unknown][] = [
  ['group', { groupId: 'sales' }, sales],
  ['group', { groupId: 'old' }, old],
  ['groups', { groupIds: ['support', 'none', 'sales'] }, { groups: [support, sales], missing: ['none'] }],
  ['appGroups', {}, { groups: [support, sales] }],
  [
    'members',
    { groupId: 'sales' },
    {
      members: [member('ann', 'owner'), member('bob', 'member'), member('cid', 'admin'), member('dot', 'member')],
      total: 4,
      revision: '2',
      ...whole,
    },
  ],
  [
    'members',
    { groupId: 'sales', role: 'admin' },
    { members: [member('cid', 'admin')], total: 1, revision: '2', ...whole },
  ],
  ['member', { groupId: 'sales', userId: 'cid' }, { groupId: 'sales', ...member('cid', 'admin'), revision: '2' }],
  ['isMember', { groupId: 'sales', userId: 'bob' }, { isMember: true, role: 'member' }],
  ['isMember', { groupId: 'sales', userId: 'eve' }, { isMember: false }],
  [
    'userGroups',
    { userId: 'ann' },
    {
      groups: [
        { ...support, role: 'member', joinedAt: ISO },
        { ...sales, role: 'owner', joinedAt: ISO },
      ],
      total: 2,
      position: POSITION,
      ...whole,
    },
  ],
  ['joinedCount', { userId: 'ann' }, { count: 2 }],
  ['groupCounts', { userIds: ['ann'], upTo: 1 }, { groups: 1, users: [{ userId: 'ann', owned: 1, joined: 2 }] }],
  ['wasMember', { groupId: 'old', userId: 'ann' }, { wasMember: true }],
  ['userSync', { userId: 'cid', sync: 0 }, { completed: false, position: POSITION }],
  ['status', {}, { store: expect.any(String) as string, position: POSITION, lagSeconds: 0, degraded: [] }],
];

describe('every query', () => {
  it.each(cases)('(%s %j) returns its whole answer on both forms of its subject', async (name, body, answer) => {
    expect(await around.ask(name, { app, ...body })).toEqual(answer);
    expect(await around.ask(name, body, `group.v1.app.demo.query.${name}`)).toEqual(answer);
    expect(await around.ask(name, { app, ...body }, `group.v1.app.demo.query.${name}`)).toEqual(answer);
  });

  it('(events) returns a group’s events, the oldest first, in pages', async () => {
    const view = (revision: number, { type, data }: GroupEvent) => ({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      revision: String(revision),
      position: POSITION,
      type,
      data,
      actor: { type: 'user', id: 'ann' },
      commandId: expect.any(String) as string,
      at: ISO,
    });
    const events = [
      view(0, created('ann')),
      view(1, joined('add', 4, 'bob', 'cid', 'dot')),
      view(2, adminGranted('cid')),
    ];
    const ask = (body: object) => around.ask('events', { app, groupId: 'sales', ...body });
    expect(await ask({})).toEqual({ events });
    expect(await ask({ limit: 2 })).toEqual({ events: events.slice(0, 2), nextRevision: '2' });
    expect(await ask({ fromRevision: '2' })).toEqual({ events: events.slice(2) });
    expect(await ask({ fromRevision: '99' })).toEqual({ events: [] });
    expect(await around.ask('events', { app, groupId: 'none' })).toMatchObject({ error: { code: 'GROUP_NOT_FOUND' } });
  });

  it('has a test in this folder or beside its commands: of later features, in the file of the feature', () => {
    const folders = [__dirname, join(__dirname, '../command')];
    const specs = folders.flatMap((folder) =>
      readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8')),
    );
    const isAsked = (name: string) => specs.some((spec) => spec.includes(`'${name}'`));
    expect(Object.keys(QUERIES).filter((name) => !isAsked(name))).toEqual([]);
  });
});

describe('a query is refused', () => {
  it.each([
    ['group', { app, groupId: 'none' }, 'GROUP_NOT_FOUND', '404'],
    ['members', { app, groupId: 'old' }, 'GROUP_DISMISSED', '410'],
    ['member', { app, groupId: 'sales', userId: 'eve' }, 'NOT_A_MEMBER', '403'],
    ['group', { app: 'elsewhere', groupId: 'sales' }, 'APP_NOT_FOUND', '404'],
    ['isMember', { app: 'elsewhere', groupId: 'sales', userId: 'ann' }, 'APP_NOT_FOUND', '404'],
    ['isMember', { app, groupId: 'sales' }, 'VALIDATION_FAILED', '400'],
    ['isMember', { app, groupId: 'sales', userId: 'a', no: 1 }, 'VALIDATION_FAILED', '400'],
    ['members', { app, groupId: 'sales', limit: 1_001 }, 'VALIDATION_FAILED', '400'],
    ['members', { app, groupId: 'sales', limit: 0 }, 'VALIDATION_FAILED', '400'],
    ['members', { app, groupId: 'sales', cursor: 'x' }, 'CURSOR_INVALID', '400'],
    ['userGroups', { app, userId: 'ann', page: -1 }, 'VALIDATION_FAILED', '400'],
    ['userGroups', { app, userId: 'ann', page: 1, cursor: 'x' }, 'VALIDATION_FAILED', '400'],
    ['userGroups', { app, userId: 'ann', sincePosition: '1' }, 'VALIDATION_FAILED', '400'],
    ['userGroups', { app, userId: 'ann', sincePosition: '1', basis: 'b', page: 0 }, 'VALIDATION_FAILED', '400'],
    ['userGroups', { app, userId: 'ann', sinceRevision: '1', basis: 'b' }, 'VALIDATION_FAILED', '400'],
    ['members', { app, groupId: 'sales', sinceRevision: '1', basis: 'b', cursor: 'x' }, 'VALIDATION_FAILED', '400'],
    ['groups', { app, groupIds: [] }, 'VALIDATION_FAILED', '400'],
    ['group', { groupId: 'sales' }, 'VALIDATION_FAILED', '400'],
    ['group', [], 'VALIDATION_FAILED', '400'],
    ['groupAt', { app, groupId: 'sales', revision: '3' }, 'VALIDATION_FAILED', '400'],
    ['membersAt', { app, groupId: 'sales', revision: '3' }, 'VALIDATION_FAILED', '400'],
    ['groupAt', { app, groupId: 'none', revision: '3' }, 'GROUP_NOT_FOUND', '404'],
    ['userSync', { app, userId: 'cid', sync: 1, waitMs: 10_000 }, 'VALIDATION_FAILED', '400'],
    ['userSync', { app, userId: 'dot', sync: 0, waitMs: 10_000 }, 'VALIDATION_FAILED', '400'],
  ])('%s %j: %s', async (name, body, code, status) => {
    const reply = await around.client.request(querySubject(name), JSON.stringify(body), { timeout: 15_000 });
    expect(reply.json()).toMatchObject({ error: { code, message: expect.stringMatching(/\w/) as string } });
    expect(reply.headers?.get('Nats-Service-Error-Code')).toBe(status);
  });

  it('if body and subject have different tenants', async () => {
    for (const name of ['group', 'isMember']) {
      const body = { app: 'other', groupId: 'sales', userId: 'ann' };
      const answer = await around.ask(name, body, `group.v1.app.demo.query.${name}`);
      expect(answer).toMatchObject({ error: { code: 'FORBIDDEN' } });
    }
  });

  it('if its subject has an unknown tenant', async () => {
    const answer = await around.ask('group', { groupId: 'sales' }, 'group.v1.app.nobody.query.group');
    expect(answer).toMatchObject({ error: { code: 'APP_NOT_FOUND' } });
  });
});

describe('a query with `after`', () => {
  it('reads the caller’s own writes every time', async () => {
    for (let i = 2; i < 60; i++) {
      const { position: after } = await around.writer.group('support', joined('add', i + 1, `user ${i}`));
      const asked = { app, groupId: 'support', userId: `user ${i}`, after };
      expect(await around.ask('isMember', asked)).toEqual({ isMember: true, role: 'member' });
    }
    const { position: after } = await around.writer.group('support', left(59, 'user 2'));
    const asked = { app, groupId: 'support', userId: 'user 2', after };
    expect(await around.ask('isMember', asked)).toEqual({ isMember: false });
    expect(await around.ask('group', { app, groupId: 'support', after })).toMatchObject({ memberCount: 59 });
  });

  it('is READ_MODEL_BEHIND when the node does not get there in time', async () => {
    const began = performance.now();
    const asked = { app, groupId: 'sales', userId: 'ann', after: '9'.repeat(18) };
    for (const answer of await Promise.all(['isMember', 'member'].map((name) => around.ask(name, asked)))) {
      expect(answer).toMatchObject({ error: { code: 'READ_MODEL_BEHIND' } });
    }
    expect(performance.now() - began).toBeGreaterThan(4_900);
  });
});

describe('the sync of a user', () => {
  it('is waited for until its completion is applied', async () => {
    const requested = syncRequested([]);
    await around.writer.user('ann', requested);
    const waiting = around.ask('userSync', { app, userId: 'ann', sync: 0, waitMs: 10_000 });
    const brief = { app, userId: 'ann', sync: 0, waitMs: 50 };
    expect(await around.ask('userSync', brief)).toEqual({ completed: false, position: POSITION });
    await around.writer.user('ann', syncCompleted(0, '0'));
    expect(await waiting).toEqual({ completed: true, position: POSITION });
  });
});

describe('the node', () => {
  const health = async () => {
    const response = await fetch(`${node.healthUrl}/health/ready`);
    return { status: response.status, text: await response.text() };
  };

  it('announces each applied position immediately, and its end', async () => {
    const said: { at: number; value: QueryNodeApplied }[] = [];
    const subscription = around.client.subscribe(QUERY_APPLIED_SUBJECT, {
      callback: (_error, message) => said.push({ at: performance.now(), value: message.json() }),
    });
    await around.client.flush();
    const delays: number[] = [];
    for (let i = 0; i < 100; i++) {
      const written = await around.writer.group(`announced ${i}`, created('ann'));
      const began = performance.now();
      const has = () => said.find(({ value }) => BigInt(value.position) >= BigInt(written.position));
      await waitFor(() => has() !== undefined, { everyMs: 1 });
      delays.push(has()!.at - began);
    }
    delays.sort((a, b) => a - b);
    // With the periodic announcements alone, it would be 800 ms.
    expect(delays[50]).toBeLessThan(400);
    expect(new Set(said.map(({ value }) => value.store))).toEqual(new Set([around.store.storeId]));

    const other = await around.node('two');
    await waitFor(() => new Set(said.map(({ value }) => value.node)).size === 2);
    await other.stop();
    await waitFor(() => said.findLast(({ value }) => value.node.startsWith('two'))!.value.leaseMs === 0);
    subscription.unsubscribe();
  });

  it('is ready, shows its metrics, and is found by discovery', async () => {
    expect(await health()).toMatchObject({ status: 200 });
    const metrics = await (await fetch(`${node.healthUrl}/metrics`)).text();
    expect(metrics).toMatch(/^cohort_projection_events_total [1-9]\d+$/m);
    expect(metrics).toMatch(/^cohort_projection_failed_events_total 0$/m);
    expect(metrics).toMatch(/^cohort_query_duration_seconds_count\{query="isMember",outcome="ok"\} [1-9]/m);
    const info = (await around.client.request('$SRV.INFO.cohort-query', '', { timeout: 15_000 })).json<{
      endpoints: { subject: string }[];
    }>();
    const subjects = info.endpoints.map(({ subject }) => subject);
    for (const name of Object.keys(QUERIES)) {
      expect(subjects).toEqual(expect.arrayContaining([`group.v1.query.${name}`, `group.v1.app.*.query.${name}`]));
    }
  });

  it('stays ready but degraded after an event that it can not apply and one that it does not know', async () => {
    await around.writer.group('odd', created('ann'), { type: 'memberJoined', data: {} });
    const { position: after } = await around.writer.group('odd', { type: 'pinned', data: { by: 'ann' } });
    expect(await around.ask('group', { app, groupId: 'odd', after })).toMatchObject({ memberCount: 1, revision: '2' });
    const degraded = [
      expect.stringMatching(
        /^1 event\(s\) could not be applied, the first at position \d+; see the table failed_events/,
      ),
      expect.stringMatching(/^Events "pinned" of version 1 are not known to this node and were skipped/),
    ];
    expect(await around.ask('status', { app })).toMatchObject({ degraded });
    const { status, text } = await health();
    expect(status).toBe(200);
    expect(text).toContain('could not be applied');
    const metrics = await (await fetch(`${node.healthUrl}/metrics`)).text();
    expect(metrics).toMatch(/^cohort_projection_failed_events_total 1$/m);
    expect(metrics).toMatch(/^cohort_projection_skipped_events_total 1$/m);
    expect(BigInt(after) > BigInt(position)).toBe(true);
  });

  it('returns an empty page of events, not GROUP_NOT_FOUND, past the end of a group that the read model does not know', async () => {
    const metadata = { at: '2026-01-01T00:00:00.000Z', schemaVersion: 99 };
    const newer = { id: randomUUID(), type: 'created', data: {}, metadata };
    const { position: after } = await around.store.append('group-demo/unread', [newer], 'none');
    const notFound = { error: { code: 'GROUP_NOT_FOUND' } };
    expect(await around.ask('group', { app, groupId: 'unread', after })).toMatchObject(notFound);
    const ask = (fromRevision: string) => around.ask('events', { app, groupId: 'unread', fromRevision });
    expect(await ask('0')).toMatchObject({ events: [{ revision: '0', type: 'created' }] });
    expect(await ask('1')).toEqual({ events: [] });
  });
});
