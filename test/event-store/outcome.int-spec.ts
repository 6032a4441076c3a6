import { randomUUID } from 'node:crypto';
import {
  connectEventStore,
  OutcomeUnknown,
  StoreUnavailable,
  WrongExpectedRevision,
  type EventStore,
} from '@cohort/event-store';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { requires } from '../support/servers';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy';
import { waitFor } from '../support/wait-for';

requires('own event store');

let server: TestEventStore;
let proxy: TcpProxy;
let store: EventStore;
/** Another node, on a connection that is never broken. */
let other: EventStoreDBClient;

beforeAll(async () => {
  server = await startEventStore();
  other = EventStoreDBClient.connectionString(server.url);
});
beforeEach(async () => {
  proxy = await startTcpProxy(server.port);
  store = await connect();
});
afterEach(async () => {
  await store.close();
  await proxy.close();
});
afterAll(async () => {
  await other.dispose();
  await server.stop();
});

/** A store that has appended once, so that its next append is sent immediately. */
async function connect(times: { appendTimeoutMs?: number; settleTimeoutMs?: number } = {}): Promise<EventStore> {
  const url = `esdb://127.0.0.1:${proxy.port}?tls=false`;
  const connected = await connectEventStore({ url, appendTimeoutMs: 500, ...times });
  await connected.append(newStream(), [event()], 'none');
  return connected;
}

const event = (n = 0) => ({ id: randomUUID(), type: 'noted', data: { n }, metadata: {} });

let streams = 0;
const newStream = () => `group-a/${++streams}`;

async function idsIn(stream: string): Promise<string[]> {
  const ids: string[] = [];
  try {
    for await (const { event } of other.readStream(stream)) if (event) ids.push(event.id);
  } catch (error) {
    if (!(error instanceof Error && error.message.includes('not found'))) throw error;
  }
  return ids;
}

/** Starts the append while replies are lost, and returns once it has been written. */
async function written(stream: string, count: number): Promise<void> {
  await waitFor(async () => (await idsIn(stream)).length >= count);
}

test('an append whose reply is lost returns the same result as with the reply, and is written once', async () => {
  const stream = newStream();
  const events = [event(1), event(2)];
  proxy.set('dropReplies');
  const append = store.append(stream, events, 'none');
  await written(stream, 2);
  proxy.set('pass');
  expect(await append).toMatchObject({ revision: 1 });
  expect(await idsIn(stream)).toEqual(events.map(({ id }) => id));
});

test('an append whose reply is lost is found by its event ids when others appended behind it before the retry', async () => {
  const stream = newStream();
  await store.append(stream, [event()], 'none');
  const events = [event(1), event(2)];
  proxy.set('dropReplies');
  const append = store.append(stream, events, 0);
  await written(stream, 3);
  await other.appendToStream(stream, jsonEvent({ type: 'noted', data: {} }), { expectedRevision: 2n });
  proxy.set('pass');
  const answer = await append;
  const stored = [];
  for await (const one of store.read(stream)) stored.push(one);
  expect(answer).toEqual({ revision: 2, position: stored[2]!.position });
  expect(stored.slice(1, 3).map(({ id }) => id)).toEqual(events.map(({ id }) => id));
  expect(stored).toHaveLength(4);
});

test('an append that is lost before another node writes at its revision is a conflict, and writes nothing', async () => {
  const stream = newStream();
  await store.append(stream, [event()], 'none');
  proxy.set('blackHole');
  const lost = proxy.lostBytes();
  const append = store.append(stream, [event(1)], 0);
  await lost;
  await other.appendToStream(stream, jsonEvent({ type: 'noted', data: {} }), { expectedRevision: 0n });
  proxy.set('pass');
  await expect(append).rejects.toBeInstanceOf(WrongExpectedRevision);
  expect(await idsIn(stream)).toHaveLength(2);
});

test('an append on a connection that is silent for a while is written once', async () => {
  const stream = newStream();
  const events = [event()];
  proxy.set('blackHole');
  const lost = proxy.lostBytes();
  const append = store.append(stream, events, 'none');
  await lost;
  proxy.set('pass');
  expect(await append).toMatchObject({ revision: 0 });
  expect(await idsIn(stream)).toEqual([events[0]!.id]);
});

test('many appends in flight are each written once although the connection is cut again and again', async () => {
  const appends = Array.from({ length: 300 }, (_, i) => ({ stream: `group-cut/${i}`, event: event(i) }));
  const all = Promise.all(appends.map(({ stream, event }) => retried(() => store.append(stream, [event], 'none'))));
  for (let cuts = 0; cuts < 5; cuts++) {
    proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect((await all).map(({ revision }) => revision)).toEqual(appends.map(() => 0));
  for (const { stream, event } of appends) expect(await idsIn(stream)).toEqual([event.id]);
});

/** Retries until the append could be sent. An append that could not be sent rejects, and a caller may repeat it. */
async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }
}

test('an append whose outcome stays unknown rejects with OutcomeUnknown after a bounded time', async () => {
  await store.close();
  store = await connect({ appendTimeoutMs: 2_000, settleTimeoutMs: 3_000 });
  const stream = newStream();
  proxy.set('dropReplies');
  const begun = Date.now();
  await expect(store.append(stream, [event()], 'none')).rejects.toBeInstanceOf(OutcomeUnknown);
  expect(Date.now() - begun).toBeLessThan(20_000);
  expect(await idsIn(stream)).toHaveLength(1);
});

test('calls reject with StoreUnavailable within seconds during an outage, and succeed after it', async () => {
  proxy.set('refuse');
  await waitFor(() => store.status === 'disconnected');
  const begun = Date.now();
  const stream = newStream();
  await expect(store.append(stream, [event()], 'none')).rejects.toBeInstanceOf(StoreUnavailable);
  await expect(store.ping()).rejects.toBeInstanceOf(StoreUnavailable);
  await expect(store.head()).rejects.toBeInstanceOf(StoreUnavailable);
  expect(Date.now() - begun).toBeLessThan(20_000);
  expect(await idsIn(stream)).toEqual([]);

  proxy.set('pass');
  await waitFor(() => store.status === 'connected');
  expect(await store.append(stream, [event()], 'none')).toMatchObject({ revision: 0 });
});

test('a read on a lost connection rejects, and never looks like the end of the stream', async () => {
  const stream = newStream();
  const text = 'x'.repeat(10_000);
  for (let i = 0; i < 20; i++) {
    await store.append(
      stream,
      Array.from({ length: 50 }, () => ({ ...event(), data: { text } })),
      i === 0 ? 'none' : i * 50 - 1,
    );
  }
  const reading = async () => {
    let seen = 0;
    for await (const _ of store.read(stream)) if (++seen === 10) proxy.cut();
    return seen;
  };
  await expect(reading()).rejects.toBeInstanceOf(StoreUnavailable);
  const droppedReading = async () => {
    let seen = 0;
    for await (const _ of store.read(stream)) if (++seen === 10) await store.close();
    return seen;
  };
  await expect(droppedReading()).rejects.toBeInstanceOf(StoreUnavailable);
});

test('a read from a silent server rejects after a bounded time', async () => {
  const stream = newStream();
  await store.append(stream, [event()], 'none');
  proxy.set('blackHole');
  const begun = Date.now();
  await expect(store.ping()).rejects.toBeInstanceOf(StoreUnavailable);
  expect(Date.now() - begun).toBeLessThan(15_000);
  proxy.set('pass');
  await waitFor(() => store.status === 'connected');
});
