import { randomUUID } from 'node:crypto';
import { EventStoreDBClient } from '@eventstore/db-client';
import { useEventStore, type TestEventStore } from '../support/event-store';
import { connectEventStore, standingOf, StreamDeleted, type EventStore } from '@cohort/event-store';

let server: Pick<TestEventStore, 'url' | 'stop'>;
let store: EventStore;
/** What an operator uses. */
let client: EventStoreDBClient;

beforeAll(async () => {
  server = await useEventStore();
  store = await connectEventStore({ url: server.url });
  client = EventStoreDBClient.connectionString(server.url);
});
afterAll(async () => {
  await client?.dispose();
  await store?.close();
  await server?.stop();
});

const event = () => ({ id: randomUUID(), type: 'noted', data: {}, metadata: {} });
const streamOf = async (events: number): Promise<string> => {
  const stream = `group-demo/${randomUUID()}`;
  if (events > 0) await store.append(stream, Array.from({ length: events }, event), 'none');
  return stream;
};
const standing = (stream: string) => standingOf(store, stream);

describe('the standing of a stream', () => {
  test('is whole while its first event is there, whatever limits hide nothing of it', async () => {
    const stream = await streamOf(3);
    expect(await standing(stream)).toBe('whole');
    await client.setStreamMetadata(stream, { maxCount: 3, maxAge: 1_000, note: 'x' });
    expect(await standing(stream)).toBe('whole');
    await store.append(stream, [event()], 2);
    expect(await standing(stream)).toBe('cut');
  });

  test('is cut once its first event is hidden', async () => {
    for (const metadata of [{ maxCount: 1 }, { truncateBefore: 1 }, { truncateBefore: 3 }, { truncateBefore: 7 }]) {
      const stream = await streamOf(3);
      await client.setStreamMetadata(stream, metadata);
      expect([metadata, await standing(stream)]).toEqual([metadata, 'cut']);
    }
  });

  test('is erased after a deletion, and cut once the stream was written again', async () => {
    const stream = await streamOf(3);
    await client.deleteStream(stream);
    expect(await standing(stream)).toBe('erased');
    expect(await store.append(stream, [event()], 'none')).toMatchObject({ revision: 3 });
    expect(await standing(stream)).toBe('cut');
  });

  test('is erased after a tombstone', async () => {
    const stream = await streamOf(3);
    await client.tombstoneStream(stream);
    expect(await standing(stream)).toBe('erased');
  });

  test('is none for a stream that never had an event', async () => {
    const stream = await streamOf(0);
    expect(await standing(stream)).toBe('none');
    await client.setStreamMetadata(stream, { maxCount: 3 });
    expect(await standing(stream)).toBe('none');
  });
});

describe('a tombstone', () => {
  test('makes reads and appends of its stream fail as such, and leaves the connection to all others', async () => {
    const [deleted, other] = [await streamOf(1), await streamOf(1)];
    await client.tombstoneStream(deleted);
    const read = async (stream: string) => {
      for await (const _ of store.read(stream));
    };
    const others = Array.from({ length: 20 }, () => read(other));
    for (const stream of [deleted, `$$${deleted}`]) {
      await expect(read(stream)).rejects.toEqual(new StreamDeleted(stream));
    }
    await Promise.all(others);
    for (const expected of [0, 'none', 'any'] as const) {
      await expect(store.append(deleted, [event()], expected)).rejects.toEqual(new StreamDeleted(deleted));
    }
    expect(store.status).toBe('connected');
  });
});
