import { QUERY_APPLIED_SUBJECT } from '@cohort/contracts';
import { connect, type NatsConnection } from 'nats';
import { metric } from '../support/metrics';
import { requires } from '../support/servers';
import { FIRST_START_MS, startStack, type Part, type Stack } from '../support/stack';
import { waitFor } from '../support/wait-for';
import { expectDone, RongCloudCaller } from './rongcloud-caller';

requires('own event store', 'own nats-server');

interface Health {
  readonly status: number;
  readonly queries: { readonly status: string; readonly message?: string };
}

async function health({ healthUrl }: Part): Promise<Health> {
  const response = await fetch(`${healthUrl}/health/ready`);
  const { details } = (await response.json()) as { details: Record<string, Health['queries']> };
  return { status: response.status, queries: details.queries! };
}

/** The gateway among clients that publish on the subject of the query nodes' announcements. */
describe('the gateway', () => {
  let stack: Stack;
  let caller: RongCloudCaller;
  let stranger: NatsConnection;
  let store: string;
  beforeAll(async () => {
    stack = await startStack();
    caller = new RongCloudCaller(stack.gateway.url, { appKey: 'demo', appSecret: 'demo-secret' });
    stranger = await connect({ servers: stack.nats.url });
    const status = await stranger.request('group.v1.query.status', '{"app":"demo"}', { timeout: 20_000 });
    ({ store } = status.json<{ store: string }>());
  }, FIRST_START_MS);
  afterAll(async () => {
    await stranger?.close();
    await stack?.stop();
  });

  const announce = (value: unknown) =>
    stranger.publish(QUERY_APPLIED_SUBJECT, typeof value === 'string' ? value : JSON.stringify(value));
  let made = 0;
  const create = async () =>
    expectDone(await caller.post('/group/create.json', { userId: 'u', groupId: `g${++made}`, groupName: 'n' }));
  const notVisible = () => metric(stack.gateway, 'cohort_gateway_writes_not_visible_total');
  const nodes = () => metric(stack.gateway, 'cohort_gateway_query_nodes');

  test('is ready once it reports that it is, and waits for the one query node', async () => {
    expect(await health(stack.gateway)).toEqual({ status: 200, queries: { status: 'up' } });
    expect(await nodes()).toBe(1);
  });

  test('waits for no node that a stranger announces, and for none that does not exist', async () => {
    await create();
    const before = await notVisible();
    const real = { node: 'made-up', store, position: '0', leaseMs: 2_400 };
    for (const announcement of [
      real,
      { ...real, leaseMs: 1e15 },
      { ...real, store: 'another' },
      { ...real, leaseMs: -1 },
      { ...real, leaseMs: '1e15' },
      { ...real, leaseMs: [2_400] },
      { ...real, node: ['n'] },
      { ...real, node: '__proto__' },
      { ...real, node: 'constructor' },
      { ...real, node: 'n'.repeat(900_000) },
      { ...real, position: '9'.repeat(100) },
      { ...real, position: {} },
      [real],
      null,
      '{',
      '',
      `{"node":"n","store":"${store}","position":"0","leaseMs":NaN}`,
      `${'['.repeat(400_000)}${']'.repeat(400_000)}`,
    ]) {
      announce(announcement);
    }
    await stranger.flush();
    for (let i = 0; i < 5; i++) await create();
    expect(await nodes()).toBe(1);
    expect(await notVisible()).toBe(before);
  });

  test('answers writes during a flood of announcements of ever new nodes', async () => {
    const before = await notVisible();
    for (let i = 0; i < 200_000; i++) announce({ node: `n-${i}`, store, position: '0', leaseMs: 60_000 });
    await Promise.all([stranger.flush(), create(), create()]);
    await create();
    expect(await nodes()).toBe(1);
    expect(await notVisible()).toBe(before);
    expect(stack.faults()).toEqual([]);
  });

  test('serves HTTP and NATS beside a stream that takes requests, and every process reports the stream', async () => {
    const { streams } = await stranger.jetstreamManager();
    const processes = [stack.gateway, ...stack.commands, ...stack.queries, stack.worker];
    const reported = async ({ healthUrl }: Part) => {
      const response = await fetch(`${healthUrl}/health/ready`);
      const body = (await response.json()) as { details: { streams: { degraded?: string } } };
      return { ready: response.status === 200, why: body.details.streams.degraded };
    };
    expect(await reported(stack.gateway)).toEqual({ ready: true, why: undefined });
    for (const subjects of [['group.v1.command.>', 'group.v1.query.>'], ['group.v1.app.*.command.create']]) {
      await streams.add({ name: 'AUDIT', subjects });
      for (let i = 0; i < 10; i++) await create();
      expect(await caller.membersOf(`g${made}`)).toEqual(['u']);
      for (const process of processes) {
        await waitFor(async () => (await reported(process)).why?.includes('JetStream stream AUDIT takes') ?? false);
        expect((await reported(process)).ready).toBe(true);
      }
      await streams.delete('AUDIT');
      for (const process of processes) await waitFor(async () => (await reported(process)).why === undefined);
    }
    expect(stack.faults()).toEqual([]);
  });

  test('is not ready while no query node is heard, and ready when one is back, without a break', async () => {
    await stack.queries[0]!.kill();
    await waitFor(async () => (await health(stack.gateway)).status === 503);
    expect((await health(stack.gateway)).queries).toMatchObject({
      status: 'down',
      message: 'reads get no answer: no query node announces itself; check that one runs and is connected to NATS',
    });
    const started = stack.start('query');
    await waitFor(async () => (await health(stack.gateway)).status === 200, { everyMs: 10 });
    const end = performance.now() + 2_000;
    while (performance.now() < end) expect((await health(stack.gateway)).status).toBe(200);
    await started;
    await create();
    expect(await caller.membersOf(`g${made}`)).toEqual(['u']);
  });
});
