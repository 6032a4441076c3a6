import { randomUUID } from 'node:crypto';
import { binaryEvent, EventStoreDBClient } from '@eventstore/db-client';
import { groupStream, userStream } from '@cohort/contracts';
import { joined, left } from '@cohort/contracts/testing';
import { connectEventStore, jsonText, type EventStore } from '@cohort/event-store';
import { connect, type NatsConnection } from 'nats';
import { metric } from '../support/metrics';
import { requires } from '../support/servers';
import { FIRST_START_MS, startStack, type Stack } from '../support/stack';
import { TenantClient } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';

requires('own event store', 'own nats-server');

/**
 * What one program writes into one stream once stopped the feed, the syncs and the queries of everybody. Here it is written
 * to a service of its own, and everybody else goes on.
 */
let stack: Stack;
let store: EventStore;
let operator: EventStoreDBClient;
let nats: NatsConnection;
let tenant: TenantClient;

beforeAll(async () => {
  stack = await startStack();
  store = await connectEventStore({ url: stack.eventStore.url });
  operator = EventStoreDBClient.connectionString(stack.eventStore.url);
  nats = await connect({ servers: stack.nats.url });
  tenant = await TenantClient.connect(stack.nats.url, 'demo');
}, FIRST_START_MS);
afterAll(async () => {
  await tenant?.close();
  await nats?.close();
  await operator?.dispose();
  await store?.close();
  expect((await stack?.stop()) ?? []).toEqual([]);
}, FIRST_START_MS);

const at = '2026-01-01T00:00:00.000Z';
const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

/** Writes an event whose data and metadata are any bytes. */
async function write(stream: string, type: string, data: string, metadata: string, contentType = 'application/json') {
  const id = randomUUID();
  if (contentType === 'application/json') {
    await store.append(stream, [{ id, type, data: jsonText(data), metadata: jsonText(metadata) }], 'any');
  } else {
    const event = binaryEvent({ id, type, data: Buffer.from(data), metadata: Buffer.from(metadata) });
    await operator.appendToStream(stream, event);
  }
}

/** A group and a user get what was asked for, and the feed has it: everybody else goes on. */
async function everybodyElseGoesOn(): Promise<void> {
  const [groupId, synced, userId] = [randomUUID(), randomUUID(), randomUUID()];
  const published: string[] = [];
  const notified: string[] = [];
  const feed = nats.subscribe(`group.v1.event.demo.${groupId}.>`, {
    callback: (_, { subject }) => published.push(subject),
  });
  const notices = nats.subscribe(`group.v1.notify.demo.${userId}.>`, {
    callback: (_, { subject }) => notified.push(subject),
  });
  await nats.flush();
  await tenant.run('create', { groupId, name: 'Others', owner: 'o' });
  const { position: after } = await tenant.run('addMembers', { groupId, userIds: [userId] });
  expect(await tenant.query('members', { groupId, after })).toMatchObject({ total: 2 });
  const data = {
    app: 'demo',
    actor: { type: 'service' } as const,
    userId,
    groups: [{ groupId: synced, name: 'Synced' }],
  };
  const { sync, position } = await tenant.client.command('syncUser', data);
  await waitFor(
    async () => (await tenant.query('userSync', { userId, sync, after: position, waitMs: 1_000 })).completed,
    {
      withinMs: 30_000,
    },
  );
  await waitFor(() => published.length >= 3 && notified.length >= 1, { withinMs: 30_000 });
  feed.unsubscribe();
  notices.unsubscribe();
}

const setAside = (reader: string) => metric(stack.worker, `cohort_events_set_aside_total{reader="${reader}"}`);
const readiness = async (healthUrl: string) => {
  const response = await fetch(`${healthUrl}/health/ready`);
  return { status: response.status, text: await response.text() };
};

/** Type, data, metadata and content type of strange events in a group's stream. */
const STRANGE: readonly (readonly [type: string, data: string, metadata: string, contentType: string])[] = [
  ['memberLeft', '"x"', JSON.stringify({ at }), 'application/json'],
  ['memberLeft', 'null', JSON.stringify({ at }), 'application/json'],
  ['memberJoined', '{"members":[{}],"via":"add","memberCount":2,"sync":1}', JSON.stringify({ at }), 'application/json'],
  ['memberJoined', '{"members":{"length":3},"sync":"x"}', JSON.stringify({ at }), 'application/json'],
  ['infoChanged', '{"name":{"toString":1},"sync":0}', JSON.stringify({ at }), 'application/json'],
  ['created', '{"owner":null,"sync":1}', JSON.stringify({ at }), 'application/json'],
  ['memberKicked', 'not JSON', '', 'application/octet-stream'],
  ['dismissed', '{"reason":"x"}', 'not JSON', 'application/octet-stream'],
  ['frozen', `{"a":${deep(50_000)}}`, JSON.stringify({ at }), 'application/json'],
  ['$>', '{"a":1}', '', 'application/json'],
  ['memberLeft', JSON.stringify(left(1, 'x').data), '[1]', 'application/json'],
  ['memberLeft', JSON.stringify(left(1, 'x').data), JSON.stringify({ at, batch: 7, actor: [] }), 'application/json'],
];

test.each(STRANGE.map((written) => ({ what: written.map((part) => part.slice(0, 50)).join(', '), written })))(
  'a strange event in a group concerns that group alone: $what',
  async ({ written }) => {
    const groupId = randomUUID();
    await tenant.run('create', { groupId, name: 'Strange', owner: 'o', members: ['m'] });
    const [relay, syncs] = [await setAside('relay'), await setAside('userSync')];
    await write(groupStream('demo', groupId), ...written);
    await everybodyElseGoesOn();
    expect(await setAside('userSync')).toBe(syncs + 1);
    expect(await setAside('relay')).toBe(relay + 1);
    await expect(tenant.run('join', { groupId, userId: 'a' })).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
    expect(await tenant.query('group', { groupId })).toMatchObject({ owner: 'o', memberCount: 2 });
    for (const { healthUrl } of [stack.worker, ...stack.queries, ...stack.commands]) {
      expect(await readiness(healthUrl)).toMatchObject({
        status: 200,
        text: expect.stringContaining('degraded') as unknown,
      });
    }
  },
);

test.each([
  ['syncRequested', '"x"'],
  ['syncRequested', '{"groups":[{"groupId":7}]}'],
  ['syncCompleted', '{"sync":1e300,"position":"x","skipped":null}'],
])(
  'an event %s with data %s in a user’s stream concerns nobody, and the next sync of the user works',
  async (type, data) => {
    const userId = randomUUID();
    await write(userStream('demo', userId), type, data, JSON.stringify({ at }));
    await everybodyElseGoesOn();
    const command = {
      app: 'demo',
      actor: { type: 'service' } as const,
      userId,
      groups: [{ groupId: randomUUID(), name: 'n' }],
    };
    const { sync, position } = await tenant.client.command('syncUser', command);
    await waitFor(
      async () => (await tenant.query('userSync', { userId, sync, after: position, waitMs: 1_000 })).completed,
      {
        withinMs: 30_000,
      },
    );
  },
);

test('a sync that meets a damaged group finishes the rest, and neither joins nor leaves that one', async () => {
  const [damaged, good, userId] = [randomUUID(), randomUUID(), randomUUID()];
  await tenant.run('create', { groupId: damaged, name: 'Damaged', owner: 'o', members: [userId] });
  await write(groupStream('demo', damaged), 'memberLeft', '"x"', JSON.stringify({ at }));
  const command = {
    app: 'demo',
    actor: { type: 'service' } as const,
    userId,
    groups: [{ groupId: good, name: 'Good' }],
  };
  const { sync, position } = await tenant.client.command('syncUser', command);
  await waitFor(
    async () => (await tenant.query('userSync', { userId, sync, after: position, waitMs: 1_000 })).completed,
    {
      withinMs: 30_000,
    },
  );
  const { groups } = await tenant.query('userGroups', { userId });
  expect(groups.map(({ groupId }) => groupId).sort()).toEqual([damaged, good].sort());
});

test('tombstones, deletions, limits and streams of other programs concern their group alone', async () => {
  const made = async () => {
    const groupId = randomUUID();
    await tenant.run('create', { groupId, name: 'G', owner: 'o', members: ['m'] });
    await tenant.run('join', { groupId, userId: 'a' });
    return groupId;
  };
  const [tombstoned, deleted, cut] = [await made(), await made(), await made()];
  await operator.tombstoneStream(groupStream('demo', tombstoned));
  await operator.tombstoneStream(userStream('demo', randomUUID()));
  await operator.deleteStream(groupStream('demo', deleted));
  await operator.setStreamMetadata(groupStream('demo', cut), { maxCount: 1 });
  for (const stream of ['group-', 'group-x', 'group-/', 'group-demo/', 'user-x']) {
    await store.append(stream, [{ id: randomUUID(), ...joined('add', 1, 'x'), metadata: {} }], 'any');
    await operator.tombstoneStream(stream);
  }
  await everybodyElseGoesOn();
  for (const [groupId, code] of [
    [tombstoned, 'DATA_ERASED'],
    [deleted, 'DATA_ERASED'],
    [cut, 'DATA_DAMAGED'],
  ] as const) {
    const join = () =>
      tenant.run('join', { groupId, userId: 'b' }).then(
        () => 'ok',
        ({ code: of }: { code: string }) => of,
      );
    const create = () =>
      tenant.run('create', { groupId, name: 'Again', owner: 'x' }).then(
        () => 'ok',
        ({ code: of }: { code: string }) => of,
      );
    const read = () =>
      tenant.query('group', { groupId }).then(
        () => 'ok',
        ({ code: of }: { code: string }) => of,
      );
    await waitFor(async () => (await read()) === code);
    expect([await join(), await create(), await read()]).toEqual([code, code, code]);
  }
});
