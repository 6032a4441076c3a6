import { startEmbeddedEventStore, type EmbeddedEventStore } from '@cohort/embedded-event-store';
import { END, streamNameFilter, type EventStoreDBClient } from '@eventstore/db-client';
import { requires } from '../support/servers';
import { connect, someEvents } from './support';

requires('embedded event store');

let store: EmbeddedEventStore;
let client: EventStoreDBClient;

beforeAll(async () => {
  store = await startEmbeddedEventStore({ memory: true, liveBuffer: 32 });
  client = connect(store.connectionString);
});
afterAll(async () => {
  await client.dispose();
  await store.stop();
});

/** Resolves once the subscription is live with the promise of its error, and counts its events. */
async function live(subscription: ReturnType<EventStoreDBClient['subscribeToAll' | 'subscribeToStream']>) {
  const seen = { events: 0 };
  subscription.on('data', () => (seen.events += 1));
  const failure = new Promise<Error>((resolve) => subscription.once('error', resolve));
  await new Promise<void>((resolve) => subscription.once('caughtUp', resolve));
  return { seen, failure };
}

test('a subscriber to the log that is 33 events behind is dropped after 32 of them, as by a real server', async () => {
  const { seen, failure } = await live(client.subscribeToAll({ fromPosition: END }));
  await client.appendToStream('burst', someEvents(33));
  expect((await failure).message).toContain('10 ABORTED: Consumer too slow');
  expect(seen.events).toBe(32);
});

test('a subscriber to a stream that is 33 events behind is dropped', async () => {
  await client.appendToStream('one', someEvents(1));
  const { seen, failure } = await live(client.subscribeToStream('one', { fromRevision: END }));
  await client.appendToStream('one', someEvents(33));
  expect((await failure).message).toContain('Consumer too slow');
  expect(seen.events).toBe(32);
});

test('a subscriber that is 32 events behind, or catches up with more, is not dropped', async () => {
  await client.appendToStream('kept', someEvents(100));
  const subscription = client.subscribeToAll({ filter: streamNameFilter({ prefixes: ['kept'] }) });
  const { seen } = await live(subscription);
  const all = new Promise<void>((resolve) => subscription.on('data', () => seen.events === 132 && resolve()));
  await client.appendToStream('others', someEvents(100));
  await client.appendToStream('kept', someEvents(32));
  await all;
  await subscription.unsubscribe();
});
