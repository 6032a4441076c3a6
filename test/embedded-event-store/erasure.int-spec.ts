import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedEventStore, type EmbeddedEventStore } from '@cohort/embedded-event-store';
import { jsonEvent, type EventStoreDBClient } from '@eventstore/db-client';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';
import { collect, connect, revisions } from './support';

requires('embedded event store');

let directory: string;
let store: EmbeddedEventStore;
let client: EventStoreDBClient;

const start = async () => {
  store = await startEmbeddedEventStore({ directory });
  client = connect(store.connectionString);
};
const stop = async () => {
  await client.dispose();
  await store.stop();
};
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'event-store-'));
  await start();
});
afterEach(async () => {
  await stop();
  rmSync(directory, { recursive: true });
});

/** Whether the store's files, including the write-ahead log, contain a text. */
const inFiles = (text: string): boolean =>
  readdirSync(directory).some((file) => readFileSync(join(directory, file)).includes(text));
const gone = (text: string) => waitFor(() => !inFiles(text));

const secret = (name: string, n: number) => `secret-${name}-${n}-`;
/** Small events share a page with others, large ones have pages of their own. */
const append = async (stream: string, count: number, size = 20, from = 0) => {
  for (let n = from; n < from + count; n++)
    await client.appendToStream(
      stream,
      jsonEvent({
        type: 't',
        data: { text: secret(stream, n).padEnd(size, 'x') },
        metadata: { of: secret(stream, n) },
      }),
    );
};

it.each([20, 20_000])('the events of a deleted stream leave the file (%s bytes each)', async (size) => {
  await append('kept', 3, size);
  await append('dropped', 40, size);
  await append('kept', 3, size, 3);
  expect(inFiles(secret('dropped', 7))).toBe(true);
  await client.deleteStream('dropped');
  for (let n = 0; n < 40; n++) await gone(secret('dropped', n));
  for (let n = 0; n < 6; n++) expect(inFiles(secret('kept', n))).toBe(true);
  expect(await collect(client.readStream('kept'))).toHaveLength(6);
});

it('the events and the metadata of a tombstoned stream leave the file', async () => {
  await append('dropped', 10);
  await client.setStreamMetadata('dropped', { note: 'secret-metadata' });
  await client.tombstoneStream('dropped');
  await gone('secret-dropped');
  await gone('secret-metadata');
});

it('truncated events leave the file, the others stay', async () => {
  await append('s', 10);
  await client.setStreamMetadata('s', { truncateBefore: 6 });
  for (let n = 0; n < 6; n++) await gone(secret('s', n));
  for (let n = 6; n < 10; n++) expect(inFiles(secret('s', n))).toBe(true);
  expect(revisions(await collect(client.readStream('s')))).toEqual([6, 7, 8, 9]);
});

it('events beyond $maxCount and replaced metadata leave the file', async () => {
  await client.setStreamMetadata('s', { maxCount: 2, note: 'secret-old' });
  await client.setStreamMetadata('s', { maxCount: 3, note: 'newest' });
  await append('s', 10);
  for (let n = 0; n < 7; n++) await gone(secret('s', n));
  await gone('secret-old');
  for (let n = 7; n < 10; n++) expect(inFiles(secret('s', n))).toBe(true);
  expect(await client.getStreamMetadata('s')).toMatchObject({ metadata: { note: 'newest' } });
});

it('events that were hidden before a restart are erased after it', async () => {
  await client.setStreamMetadata('s', { maxAge: 5 });
  await append('s', 3);
  // The events are still young, so none is erased yet.
  await stop();
  expect(inFiles(secret('s', 0))).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 5_100));
  await start();
  await gone('secret-s');
});

it('the file shrinks after erasure', async () => {
  await append('large', 60, 100_000);
  await stop();
  const before = statSync(join(directory, 'events.db')).size;
  await start();
  await client.deleteStream('large');
  await gone('secret-large');
  await waitFor(() => statSync(join(directory, 'events.db')).size < before / 10);
});

it('positions and revisions continue after the newest events were erased and the store restarted', async () => {
  await append('s', 5);
  const before = await client.appendToStream('s', jsonEvent({ type: 't', data: { text: 'secret-last' } }));
  await client.setStreamMetadata('s', { truncateBefore: 6 });
  await client.deleteStream('s');
  await gone('secret-last');
  await stop();
  await start();
  const after = await client.appendToStream('s', jsonEvent({ type: 't', data: {} }));
  expect(after.nextExpectedRevision).toBe(6n);
  expect(after.position!.commit).toBeGreaterThan(before.position!.commit);
});
