import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CohortClient } from '@cohort/client';
import { connectEventStore, WrongExpectedRevision, type EventStore, type StoredEvent } from '@cohort/event-store';
import { GenericContainer, Wait, type StartedTestContainer } from 'testcontainers';
import { startPart, type Part, type PartName } from '../support/stack';

/**
 * Production's servers instead of the embedded event store and Debian's nats-server. Needs a container engine; `npm test`
 * prints a line when there is none.
 */
const EVENTSTORE_IMAGE = 'eventstore/eventstore:23.10.1-bookworm-slim';
const NATS_IMAGE = 'nats:2.10';

let containers: StartedTestContainer[] = [];
let env: { NATS_URL: string; EVENTSTORE_URL: string };

beforeAll(async () => {
  const eventStore = new GenericContainer(EVENTSTORE_IMAGE)
    .withEnvironment({ EVENTSTORE_INSECURE: 'true', EVENTSTORE_CLUSTER_SIZE: '1', EVENTSTORE_MEM_DB: 'true' })
    .withExposedPorts(2113)
    .withWaitStrategy(Wait.forHttp('/health/live', 2113).forStatusCode(204))
    .start();
  const nats = new GenericContainer(NATS_IMAGE)
    .withCommand(['--jetstream'])
    .withExposedPorts(4222)
    .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
    .start();
  containers = await Promise.all([eventStore, nats]);
  const [host, natsHost] = containers as [StartedTestContainer, StartedTestContainer];
  env = {
    EVENTSTORE_URL: `esdb://${host.getHost()}:${host.getMappedPort(2113)}?tls=false`,
    NATS_URL: `nats://${natsHost.getHost()}:${natsHost.getMappedPort(4222)}`,
  };
}, 300_000);

afterAll(async () => {
  await Promise.all(containers.map((container) => container.stop()));
});

describe('the adapter on a real EventStoreDB', () => {
  let store: EventStore;
  beforeAll(async () => {
    store = await connectEventStore({ url: env.EVENTSTORE_URL });
  });
  afterAll(() => store?.close());

  const event = (n: number, id: string = randomUUID()) => ({ id, type: 'noted', data: { n }, metadata: {} });
  const all = async (stream: string): Promise<StoredEvent[]> => {
    const events: StoredEvent[] = [];
    for await (const stored of store.read(stream)) events.push(stored);
    return events;
  };

  test('an appended event is read, and a repetition at the same revision returns the first append', async () => {
    const stream = `group-demo/${randomUUID()}`;
    const events = [event(0), event(1)];
    const first = await store.append(stream, events, 'none');
    expect(await store.append(stream, events, 'none')).toEqual(first);
    expect((await all(stream)).map(({ data }) => data)).toEqual([{ n: 0 }, { n: 1 }]);
    await expect(store.append(stream, [event(2)], 'none')).rejects.toBeInstanceOf(WrongExpectedRevision);
    await store.append(stream, [event(2)], 1);
    expect(await store.head(['group-'])).toBe((await all(stream)).at(-1)?.position);
  });

  test('following starts after a position and continues with later events', async () => {
    const stream = `group-demo/${randomUUID()}`;
    const before = await store.append(stream, [event(0)], 'none');
    const seen: unknown[] = [];
    const stop = new AbortController();
    const followed = store.follow({
      from: before.position,
      prefixes: [stream],
      signal: stop.signal,
      onDropped: () => undefined,
      onBatch: async (events) => {
        seen.push(...events.map(({ data }) => data));
        if (seen.length === 2) stop.abort();
        await Promise.resolve();
      },
    });
    await store.append(stream, [event(1)], 0);
    await store.append(stream, [event(2)], 1);
    await followed;
    expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
  });
});

describe('the whole service on real servers', () => {
  const parts: Part[] = [];
  let directory: string;
  let client: CohortClient;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cohort-containers-'));
    const start = async (name: PartName) =>
      parts.push(await startPart(name, { ...env, GATEWAY_PORT: '0', DATA_DIR: join(directory, name) }));
    await Promise.all((['command', 'query', 'worker', 'gateway'] as const).map(start));
    client = await CohortClient.connect({ servers: env.NATS_URL });
  }, 300_000);

  afterAll(async () => {
    await client?.close();
    await Promise.all(parts.map((part) => part.stop()));
    await rm(directory, { recursive: true, force: true });
  });

  test('a group is created, joined, read and dismissed', async () => {
    const actor = { type: 'service' } as const;
    const groupId = randomUUID();
    const on = { app: 'demo', actor, groupId };
    await client.command('create', { ...on, name: 'Sales', owner: 'u1', members: ['u2'] });
    const { position: after } = await client.command('join', { ...on, userId: 'u3' });
    const { members, total } = await client.query('members', { app: 'demo', groupId, after });
    expect(members.map(({ userId, role }) => [userId, role])).toEqual([
      ['u1', 'owner'],
      ['u2', 'member'],
      ['u3', 'member'],
    ]);
    expect(total).toBe(3);
    await client.command('dismiss', on);
    await expect(client.command('join', { ...on, userId: 'u4' })).rejects.toMatchObject({ code: 'GROUP_DISMISSED' });
  });

  test("a user's sync is carried out", async () => {
    const userId = randomUUID();
    const groups = [
      { groupId: randomUUID(), name: 'one' },
      { groupId: randomUUID(), name: 'two' },
    ];
    const { sync, position } = await client.command('syncUser', {
      app: 'demo',
      actor: { type: 'service' },
      userId,
      groups,
    });
    const done = await client.query('userSync', { app: 'demo', userId, sync, after: position, waitMs: 10_000 });
    expect(done.completed).toBe(true);
    const answer = await client.query('userGroups', { app: 'demo', userId, after: done.position });
    expect(answer.groups.map(({ groupId }) => groupId).sort()).toEqual(groups.map(({ groupId }) => groupId).sort());
  });
});
