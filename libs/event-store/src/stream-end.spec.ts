import { userStream } from '@cohort/contracts';
import { streamEnd } from './stream-end';
import type { EventStore, StoredEvent } from './types';

const STREAM = userStream('shop', 'u1');

const stored = (revision: number, type: string): StoredEvent => ({
  id: `00000000-0000-4000-8000-${String(revision).padStart(12, '0')}`,
  stream: STREAM,
  revision,
  position: String(revision + 1),
  type,
  data: { sync: 0, position: '1', skipped: [] },
  metadata: { at: '2026-01-01T00:00:00.000Z' },
  created: new Date(0),
});

/** A store that has these events in its only stream, and counts the events that it returns. */
function storeOf(types: readonly string[]) {
  const events = types.map((type, revision) => stored(revision, type)).reverse();
  const read = { count: 0 };
  const store: Pick<EventStore, 'read'> = {
    async *read(_stream, { limit } = {}) {
      for (const event of events.slice(0, limit)) {
        read.count += 1;
        yield await Promise.resolve(event);
      }
    },
  };
  return { store, read };
}

const STRANGE = '$strange';

it('a stream without events has no end', async () => {
  expect(await streamEnd(storeOf([]).store, STREAM)).toBeUndefined();
});

it('one event is read if the last one is ours, in a version known here or not', async () => {
  for (const type of ['syncCompleted', 'ofANewerBuild']) {
    const { store, read } = storeOf(['syncCompleted', type]);
    expect(await streamEnd(store, STREAM)).toMatchObject({ last: { revision: 1 }, ours: { revision: 1 } });
    expect(read.count).toBe(1);
  }
});

it('our last event is found behind 99 strange ones, and not behind 100', async () => {
  const strange = (count: number) => storeOf(['syncCompleted', ...Array<string>(count).fill(STRANGE)]).store;
  expect(await streamEnd(strange(99), STREAM)).toMatchObject({ last: { revision: 99 }, ours: { revision: 0 } });
  expect(await streamEnd(strange(100), STREAM)).toMatchObject({ last: { revision: 100 }, ours: undefined });
});
