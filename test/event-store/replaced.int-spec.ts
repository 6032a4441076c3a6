import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEventStore, StoreReplaced, type EventStore } from '@cohort/event-store';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';

requires('own event store');

let directory: string;
let server: TestEventStore;
let store: EventStore;
const replaced: Error[] = [];

beforeEach(async () => {
  replaced.length = 0;
  directory = await mkdtemp(join(tmpdir(), 'cohort-replaced-'));
  server = await startEventStore({ directory });
  store = await connectEventStore({ url: server.url, onReplaced: (error) => replaced.push(error) });
});
afterEach(async () => {
  await store.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Restarts the server, after a change to its data, and waits until the store is connected again. */
async function restart(change: () => Promise<void>): Promise<void> {
  await server.kill();
  await waitFor(() => store.status === 'disconnected' || store.ping().then(() => false));
  await change();
  await server.restart();
  await waitFor(() => store.status === 'connected');
}

test('a store whose data were lost while it was away is reported once, by its old id', async () => {
  await restart(() => rm(directory, { recursive: true }));
  await waitFor(() => replaced.length > 0);
  expect(replaced).toEqual([new StoreReplaced(`the event store was ${store.storeId} and is empty now`)]);
});

test('a store that comes back with its data is not reported', async () => {
  await restart(() => Promise.resolve());
  await restart(() => rm(directory, { recursive: true }));
  await waitFor(() => replaced.length > 0);
  expect(replaced).toHaveLength(1);
});
