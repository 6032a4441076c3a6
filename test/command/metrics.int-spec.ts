import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groupStream, snapshotStream } from '@cohort/contracts';
import { connectEventStore, type EventStore } from '@cohort/event-store';
import { connect, headers, type NatsConnection } from 'nats';
import { MANIFEST } from '../../apps/command/src/group/snapshot-form';
import { metric } from '../support/metrics';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';
import { startPart, type Part } from '../support/stack';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy';
import { waitFor } from '../support/wait-for';

requires('own event store', 'own nats-server');

const APPS = ['a', 'b', 'c', 'd'];

let directory: string;
let nats: TestNats;
let eventStore: TestEventStore;
let proxy: TcpProxy;
/** What others do: on a connection of its own. */
let store: EventStore;
let command: Part;
let client: NatsConnection;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cohort-metrics-'));
  const appsFile = join(directory, 'apps.json');
  await writeFile(appsFile, JSON.stringify({ apps: APPS.map((id) => ({ id })) }));
  nats = await startNats();
  eventStore = await startEventStore();
  store = await connectEventStore({ url: eventStore.url });
  proxy = await startTcpProxy(eventStore.port);
  environment = {
    NATS_URL: nats.url,
    EVENTSTORE_URL: `esdb://127.0.0.1:${proxy.port}?tls=false`,
    APPS_FILE: appsFile,
    LOG_LEVEL: 'error',
  };
  command = await startPart('command', environment);
  client = await connect({ servers: nats.url });
});
afterAll(async () => {
  await client?.close();
  await command?.stop();
  await proxy?.close();
  await store?.close();
  await eventStore?.stop();
  await nats?.stop();
  await rm(directory, { recursive: true, force: true });
});
let environment: Record<string, string>;

/** Sends a command once; says `ok` or the error's code. */
async function run(name: string, fields: object, app = 'a'): Promise<string> {
  const timeout = headers();
  timeout.set('Cohort-Timeout', '60000');
  const body = JSON.stringify({ app, actor: { type: 'service' }, ...fields });
  const reply = await client.request(`group.v1.command.${name}`, body, { timeout: 60_000, headers: timeout });
  return reply.json<{ error?: { code: string } }>().error?.code ?? 'ok';
}
const create = (groupId: string, app?: string) => run('create', { groupId, name: 'Sales', owner: 'o' }, app);
const joins = (groupId: string, count: number, app?: string) =>
  Array.from({ length: count }, (_, i) => run('join', { groupId, userId: `u${i}` }, app));

const value = (line: string): Promise<number> => metric(command, line);
/** By how much each of these grows while that is done. */
async function growth(lines: readonly string[], during: () => Promise<unknown>): Promise<number[]> {
  const before = await Promise.all(lines.map(value));
  await during();
  return (await Promise.all(lines.map(value))).map((after, i) => after - before[i]!);
}
const append = (stream: string, outcome: string) =>
  `cohort_append_duration_seconds_count{stream="${stream}",outcome="${outcome}"}`;

/** Cuts the node off from the event store; messages in flight are lost. */
async function away<T>(during: () => Promise<T>): Promise<T> {
  proxy.set('blackHole');
  try {
    return await during();
  } finally {
    proxy.set('refuse');
    proxy.set('pass');
  }
}

test('metrics count batches, events, appends and hits of the cache', async () => {
  await create('g');
  const lines = [
    'cohort_batch_commands_sum',
    'cohort_group_events_total',
    'cohort_group_cache_lookups_total{found="miss"}',
  ];
  expect(await growth(lines, () => Promise.all(joins('g', 300)))).toEqual([300, 300, 0]);
  const batches = await value('cohort_batch_commands_count');
  expect(batches).toBeLessThan(300);
  expect(await value('cohort_batch_commands_bucket{le="256"}')).toBe(batches);
  expect(await value(append('group', 'written'))).toBe(batches);
  expect(await value(append('numeric', 'written'))).toBe(1);
  expect(await value('cohort_append_duration_seconds_sum{stream="group",outcome="written"}')).toBeGreaterThan(0);
  expect(await value('cohort_group_cache_lookups_total{found="hit"}')).toBe(batches - 1);
  expect(await value('cohort_group_cache_groups')).toBe(1);
  expect(await value('cohort_group_cache_bytes')).toBeGreaterThan(300 * 50);

  const reads = ['cohort_group_cache_lookups_total{found="miss"}', 'cohort_group_read_duration_seconds_count'];
  expect(await growth(reads, () => run('join', { groupId: 'nobody made it', userId: 'u' }))).toEqual([1, 1]);
});

test('metrics count refusals by code, and no events for them', async () => {
  const lines = [
    'cohort_command_duration_seconds_count{command="transfer",outcome="NOT_A_MEMBER"}',
    'cohort_batch_commands_sum',
    'cohort_group_events_total',
  ];
  const refused = () => run('transfer', { groupId: 'g', newOwner: 'stranger' });
  expect(await growth(lines, refused)).toEqual([1, 1, 0]);
});

test('metrics count a conflict, and the read after it, when another node was first', async () => {
  const stream = groupStream('a', 'g');
  const events = [];
  for await (const event of store.read(stream)) events.push(event);
  const { revision, metadata } = events.at(-1)!;
  const data = { members: [{ userId: 'elsewhere' }], via: 'join', memberCount: revision + 2 };
  const batch = { index: 0, size: 1 };
  const id = '00000000-0000-4000-8000-000000000001';
  const joined = { id, type: 'memberJoined', data, metadata: { ...metadata, commandId: 'elsewhere', batch } };
  await store.append(stream, [joined], revision);

  const lines = [
    append('group', 'conflict'),
    append('group', 'written'),
    'cohort_group_read_duration_seconds_count',
    'cohort_group_events_total',
  ];
  expect(await growth(lines, () => run('join', { groupId: 'g', userId: 'late' }))).toEqual([1, 1, 1, 1]);
});

test('metrics show what is in flight, and count appends that are sent again', async () => {
  const lines = [append('group', 'written'), 'cohort_group_events_total'];
  const unanswered = await value('cohort_append_unanswered_total');
  const grown = await growth(lines, async () => {
    const answers = await away(async () => {
      const lost = proxy.lostBytes();
      const sent = [run('join', { groupId: 'g', userId: 'x' }), run('join', { groupId: 'g', userId: 'y' })];
      await lost;
      await waitFor(async () => (await value('cohort_commands_in_flight')) === 2);
      expect(await value('cohort_groups_in_flight')).toBe(1);
      return sent;
    });
    expect(await Promise.all(answers)).toEqual(['ok', 'ok']);
  });
  expect(grown[1]).toBe(2);
  expect(grown[0]).toBeLessThanOrEqual(2);
  expect(await value('cohort_append_unanswered_total')).toBeGreaterThan(unanswered);
  expect(await value('cohort_commands_in_flight')).toBe(0);
  expect(await value('cohort_groups_in_flight')).toBe(0);
});

test.each<[limit: string, over: () => Promise<string>[]]>([
  ['group', () => joins('1', 2_001, 'a')],
  ['user', () => Array.from({ length: 201 }, () => run('syncUser', { userId: 'u', groups: [] }, 'a'))],
  ['app', () => ['1', '2', '3'].flatMap((groupId) => joins(groupId, 1_667, 'b'))],
  ['node', () => APPS.flatMap((app) => ['1', '2'].flatMap((groupId) => joins(groupId, 1_251, app)))],
])('metrics count OVERLOADED by the limit of the %s', async (limit, over) => {
  for (const app of APPS) for (const groupId of ['1', '2', '3']) await create(groupId, app);
  const count = () => value(`cohort_overloaded_total{limit="${limit}"}`);
  const before = await count();
  const answers = await away(async () => {
    const sent = over();
    await waitFor(async () => (await count()) > before);
    return sent;
  });
  const outcomes = await Promise.all(answers);
  expect(outcomes.filter((outcome) => outcome === 'OVERLOADED')).toHaveLength((await count()) - before);
  expect(await value('cohort_commands_in_flight')).toBe(0);
});

test('metrics count snapshots that are written, and that the next process uses', async () => {
  // The node may still be connecting to the event store again.
  await waitFor(async () => (await create('large')) !== 'UNAVAILABLE');
  for (let n = 0; n < 6; n++) {
    const users = Array.from({ length: 200 }, (_, i) => `${n}-${i}`);
    const answers = await Promise.all(users.map((userId) => run('join', { groupId: 'large', userId })));
    expect(new Set(answers)).toEqual(new Set(['ok']));
  }
  // Snapshots of other tests' groups are counted, too.
  await waitFor(async () => {
    for await (const { type } of store.read(snapshotStream('a', 'large'))) if (type === MANIFEST) return true;
    return false;
  });
  await waitFor(async () => (await value('cohort_snapshot_writes_total{outcome="written"}')) >= 1);
  expect(await value('cohort_snapshot_written_bytes_total')).toBeGreaterThan(10_000);
  expect(await value(append('groupSnapshot', 'written'))).toBeGreaterThan(1);

  await command.stop();
  command = await startPart('command', environment);
  expect(await run('join', { groupId: 'large', userId: 'last' })).toBe('ok');
  expect(await value('cohort_snapshot_reads_total{found="used"}')).toBe(1);
});

test('a command node publishes no event, since the worker does that from the log', async () => {
  const subjects: string[] = [];
  for (const subject of ['group.v1.event.>', 'group.v1.notify.>']) {
    client.subscribe(subject, { callback: (_error, message) => subjects.push(message.subject) });
  }
  expect(await run('create', { groupId: 'published', name: 'Sales', owner: 'o', members: ['u'] })).toBe('ok');
  await client.flush();
  expect(subjects).toEqual([]);
});
