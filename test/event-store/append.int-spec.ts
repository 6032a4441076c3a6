import { randomUUID } from 'node:crypto';
import {
  AppendTooLarge,
  connectEventStore,
  encodeJson,
  EVENT_OVERHEAD_BYTES,
  MAX_APPEND_BYTES,
  NotJson,
  StoreUnavailable,
  WrongExpectedRevision,
  type EventStore,
  type StoredEvent,
} from '@cohort/event-store';
import { useEventStore, type UsedEventStore } from '../support/event-store';
import { fresh } from '../support/fresh';

/** These streams are of no tenant, since nobody else can read their events. */
const STREAMS = `${fresh('noted')}/`;
let server: UsedEventStore;
let store: EventStore;

beforeAll(async () => {
  server = await useEventStore();
  store = await connectEventStore({ url: server.url });
});
afterAll(async () => {
  await store.close();
  await server.stop();
});

const event = (data: object = {}, metadata: object = {}) => ({ id: randomUUID(), type: 'noted', data, metadata });

async function all(stream: string, options = {}): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const stored of store.read(stream, options)) events.push(stored);
  return events;
}

test('a read returns the appended events in order, with all their fields', async () => {
  const written = [event({ text: 'é😀' }, { at: 'now' }), event({ n: 1 })];
  const { revision, position } = await store.append(`${STREAMS}1`, written, 'none');
  const read = await all(`${STREAMS}1`);
  expect(
    read.map(({ id, type, data, metadata, revision, stream }) => ({ id, type, data, metadata, revision, stream })),
  ).toEqual(written.map((one, i) => ({ ...one, revision: i, stream: `${STREAMS}1` })));
  expect({ revision, position }).toEqual({ revision: 1, position: read[1]!.position });
  expect(await store.head([STREAMS])).toBe(position);
});

test('a read may begin at a revision, go backwards and have a limit', async () => {
  await store.append(`${STREAMS}2`, [event({ n: 0 }), event({ n: 1 }), event({ n: 2 })], 'none');
  const revisions = async (options: object) => (await all(`${STREAMS}2`, options)).map(({ revision }) => revision);
  expect(await revisions({ from: 1 })).toEqual([1, 2]);
  expect(await revisions({ from: 3 })).toEqual([]);
  expect(await revisions({ limit: 2 })).toEqual([0, 1]);
  expect(await revisions({ backwards: true })).toEqual([2, 1, 0]);
  expect(await revisions({ backwards: true, from: 1, limit: 1 })).toEqual([1]);
});

test('a read of a missing stream returns no events', async () => {
  expect(await all(`${STREAMS}nowhere`)).toEqual([]);
  expect(await all(`${STREAMS}nowhere`, { backwards: true, limit: 1 })).toEqual([]);
});

test('the connection survives a thousand reads of missing streams and a thousand cancelled reads', async () => {
  await store.append(`${STREAMS}3`, [event(), event()], 'none');
  for (let i = 0; i < 1_500; i++) await all(`${STREAMS}nowhere`);
  for (let i = 0; i < 100; i++) for await (const _ of store.read(`${STREAMS}3`)) break;
  expect(await all(`${STREAMS}3`)).toHaveLength(2);
});

test('an append at a wrong revision writes nothing, and its error has the actual revision', async () => {
  await store.append(`${STREAMS}4`, [event(), event()], 'none');
  await expect(store.append(`${STREAMS}4`, [event()], 'none')).rejects.toMatchObject({ actual: 1 });
  await expect(store.append(`${STREAMS}4`, [event()], 0)).rejects.toBeInstanceOf(WrongExpectedRevision);
  await expect(store.append(`${STREAMS}4`, [event()], 7)).rejects.toBeInstanceOf(WrongExpectedRevision);
  await expect(store.append(`${STREAMS}new`, [event()], 3)).rejects.toMatchObject({ actual: undefined });
  expect(await all(`${STREAMS}4`)).toHaveLength(2);
  await store.append(`${STREAMS}4`, [event()], 'any');
  expect(await store.append(`${STREAMS}4`, [event()], 2)).toMatchObject({ revision: 3 });
});

test('a repeated append of the same events at the same revision returns the first result and writes nothing', async () => {
  const first = [event(), event()];
  const answer = await store.append(`${STREAMS}5`, first, 'none');
  await store.append(`${STREAMS}5`, [event()], 1);
  expect(await store.append(`${STREAMS}5`, first, 'none')).toEqual(answer);
  expect(await all(`${STREAMS}5`)).toHaveLength(3);
});

test.each([
  ['a bigint', { n: 1n }],
  [
    'a cycle',
    (() => {
      const loop: { self?: object } = {};
      loop.self = loop;
      return loop;
    })(),
  ],
  ['nothing', { toJSON: () => undefined }],
])('%s can not be JSON, and is rejected before the call', async (_what, data) => {
  await expect(store.append(`${STREAMS}6`, [event(data)], 'none')).rejects.toBeInstanceOf(NotJson);
  await expect(store.append(`${STREAMS}6`, [event({}, data)], 'none')).rejects.toBeInstanceOf(NotJson);
  expect(await all(`${STREAMS}6`)).toEqual([]);
});

test('an append up to the size limit succeeds, and a larger one is rejected before the call', async () => {
  const room = MAX_APPEND_BYTES - EVENT_OVERHEAD_BYTES - 2 * 'noted'.length - '{"text":""}'.length - '{}'.length;
  await store.append(`${STREAMS}7`, [event({ text: 'x'.repeat(room) })], 'none');
  const tooLarge = store.append(`${STREAMS}8`, [event({ text: 'x'.repeat(room + 1) })], 'none');
  await expect(tooLarge).rejects.toBeInstanceOf(AppendTooLarge);
  await expect(tooLarge).rejects.toMatchObject({ bytes: MAX_APPEND_BYTES + 1, limit: MAX_APPEND_BYTES });
  expect(await all(`${STREAMS}8`)).toEqual([]);
});

test('many small events that reach the size limit together are appended', async () => {
  const one = EVENT_OVERHEAD_BYTES + 2 * 'noted'.length + 4;
  const events = Array.from({ length: Math.floor(MAX_APPEND_BYTES / one) }, () => event());
  await store.append(`${STREAMS}9`, events, 'none');
  expect(await all(`${STREAMS}9`)).toHaveLength(events.length);
});

test('encoded JSON is written as it is', async () => {
  await store.append(`${STREAMS}10`, [{ ...event(), data: encodeJson({ b: 1, a: 2 }) }], 'none');
  expect(JSON.stringify((await all(`${STREAMS}10`))[0]!.data)).toBe('{"b":1,"a":2}');
});

test('a read returns neither truncated events nor those beyond the maximal count', async () => {
  await store.append(`${STREAMS}11`, [event(), event(), event(), event()], 'none');
  await store.setTruncateBefore(`${STREAMS}11`, 2);
  expect((await all(`${STREAMS}11`)).map(({ revision }) => revision)).toEqual([2, 3]);
  await store.append(`${STREAMS}12`, [event(), event(), event()], 'none');
  await store.setMaxCount(`${STREAMS}12`, 1);
  expect((await all(`${STREAMS}12`)).map(({ revision }) => revision)).toEqual([2]);
});

test('more than a hundred appends at the same time on a new connection are all answered', async () => {
  await store.close();
  store = await connectEventStore({ url: server.url });
  const answers = await Promise.all(
    Array.from({ length: 500 }, (_, i) => store.append(`${STREAMS}b${i}`, [event()], 'none')),
  );
  expect(new Set(answers.map(({ position }) => position)).size).toBe(500);
});

test('a process has one event store at a time', async () => {
  await expect(connectEventStore({ url: server.url })).rejects.toThrow('has an event store already');
});

test('a store keeps its id', async () => {
  const { storeId } = store;
  expect(storeId).toMatch(/^[0-9a-f-]{36}$/);
  await store.close();
  store = await connectEventStore({ url: server.url });
  expect(store.storeId).toBe(storeId);
});

test('connecting without a server fails within seconds, and a later attempt to connect succeeds', async () => {
  await store.close();
  const begun = Date.now();
  await expect(connectEventStore({ url: 'esdb://127.0.0.1:1?tls=false' })).rejects.toBeInstanceOf(StoreUnavailable);
  expect(Date.now() - begun).toBeLessThan(5_000);
  store = await connectEventStore({ url: server.url });
});

test('a closed store rejects every call', async () => {
  await store.close();
  await expect(store.append(`${STREAMS}13`, [event()], 'none')).rejects.toBeInstanceOf(StoreUnavailable);
  await expect(all(`${STREAMS}1`)).rejects.toBeInstanceOf(StoreUnavailable);
  store = await connectEventStore({ url: server.url });
});
