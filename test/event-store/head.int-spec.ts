import { randomUUID } from 'node:crypto';
import { comparePositions, HEAD_STREAM, START, type Position } from '@cohort/contracts';
import { connectEventStore, type EventStore } from '@cohort/event-store';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';

requires('own event store');

let server: TestEventStore;
let store: EventStore;
beforeEach(async () => {
  server = await startEventStore();
  store = await connectEventStore({ url: server.url });
});
afterEach(async () => {
  await store.close();
  await server.stop();
});

const events = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: randomUUID(), type: 'noted', data: { n }, metadata: {} }));
/** Writes events of another application. */
const writeForeign = async (thousands: number) => {
  for (let i = 0; i < thousands; i++) await store.append(`orders-${randomUUID()}`, events(1_000), 'none');
};

test('behind a hundred thousand events of another application, the head is found at once and every follower reaches it', async () => {
  const { position: lastOfOurs } = await store.append('group-a/1', events(1), 'none');
  let reached: Position = START;
  const seen: string[] = [];
  const stop = new AbortController();
  const following = store.follow({
    from: START,
    prefixes: ['group-', 'user-'],
    signal: stop.signal,
    onDropped: () => undefined,
    onBatch: (batch, upTo) => {
      seen.push(...batch.map(({ stream }) => stream));
      reached = upTo;
      return Promise.resolve();
    },
  });
  await writeForeign(100);

  const began = performance.now();
  for (let i = 0; i < 20; i++) {
    const head = await store.head(['group-', 'user-']);
    expect(comparePositions(head, lastOfOurs)).toBeGreaterThan(0);
    await waitFor(() => comparePositions(reached, head) >= 0);
    await store.append(`orders-${i}`, events(20), 'none');
  }
  expect(performance.now() - began).toBeLessThan(5_000);
  // The marks are for `follow` alone.
  expect(seen).toEqual(['group-a/1']);
  stop.abort();
  await following;
});

test('the marks of the head do not pile up', async () => {
  await writeForeign(1);
  for (let i = 0; i < 5; i++) {
    await store.head(['group-']);
    await store.append(`orders-${i}`, events(20), 'none');
  }
  const kept: number[] = [];
  for await (const { revision } of store.read(HEAD_STREAM)) kept.push(revision);
  expect(kept).toEqual([4]);
});
