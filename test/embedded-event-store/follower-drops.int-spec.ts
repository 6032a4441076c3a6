import { randomUUID } from 'node:crypto';
import { comparePositions, START } from '@cohort/contracts';
import { startEmbeddedEventStore, type EmbeddedEventStore } from '@cohort/embedded-event-store';
import { connectEventStore, type EventStore, type StoredEvent } from '@cohort/event-store';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';

requires('embedded event store');

let server: EmbeddedEventStore;
let store: EventStore;
beforeEach(async () => {
  server = await startEmbeddedEventStore({ memory: true, liveBuffer: 32 });
  store = await connectEventStore({ url: server.connectionString });
});
afterEach(async () => {
  await store.close();
  await server.stop();
});

const events = () =>
  Array.from({ length: 40 }, (_, n) => ({ id: randomUUID(), type: 'noted', data: { n }, metadata: {} }));

test('a follower that the server drops at every burst gets each event once and in order, and reports when it is level again', async () => {
  const seen: StoredEvent[] = [];
  const drops: Error[] = [];
  const levels: number[] = [];
  let caughtUp = 0;
  const stop = new AbortController();
  const following = store.follow({
    from: START,
    prefixes: ['group-'],
    signal: stop.signal,
    onBatch: (batch) => Promise.resolve(void seen.push(...batch)),
    onCaughtUp: () => void (caughtUp += 1),
    onDropped: (error) => drops.push(error),
    onLevelAgain: (afterMs) => levels.push(afterMs),
  });
  await waitFor(() => caughtUp === 1);
  for (let group = 0; group < 50; group++) {
    // More than the server keeps for a live subscriber.
    await store.append(`group-a/${group}`, events(), 'none');
    await waitFor(() => caughtUp === group + 2);
  }
  expect(drops.map(({ message }) => message)).toEqual(Array(50).fill(expect.stringContaining('Consumer too slow')));
  expect(new Set(seen.map(({ id }) => id)).size).toBe(2_000);
  expect(seen).toEqual([...seen].sort((a, b) => comparePositions(a.position, b.position)));
  expect(levels).toHaveLength(50);
  expect(levels.every((afterMs) => afterMs >= 0)).toBe(true);
  stop.abort();
  await following;
});
