import type { SyncRequestedMetadata } from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';
import { earlierSyncs, memoryOf } from './earlier-syncs';

const NOW = Date.parse('2030-01-02T00:00:00.000Z');
const DAY = 24 * 60 * 60 * 1_000;
const iso = (at: number) => new Date(at).toISOString();

const earlier = (i: number, at: number) => ({
  commandId: `c${i}`,
  commandHash: `h${i}`,
  sync: i,
  position: String(i * 10),
  at: iso(at),
});

/** The newest request of a stream, whose metadata list these. */
function request(
  n: number,
  at: number,
  listed: Pick<SyncRequestedMetadata, 'earlier' | 'forgottenUntil'>,
): StoredEvent {
  const metadata = { commandId: `c${n}`, commandHash: `h${n}`, at: iso(at), ...listed };
  const place = { stream: 'user-demo/ann', revision: n, position: String(n * 10), created: new Date(at) };
  return { ...place, id: 'e', type: 'syncRequested', data: {}, metadata };
}

test('a request lists the one before it and those that it listed, oldest first', () => {
  const memory = memoryOf(request(1, NOW - 1, { earlier: [earlier(0, NOW - 2)] }));
  expect(memory.find('c0')).toEqual({ hash: 'h0', revision: 0, position: '0', at: NOW - 2 });
  expect(earlierSyncs(memory, NOW)).toEqual({ earlier: [earlier(0, NOW - 2), earlier(1, NOW - 1)] });
});

test('a request lists no command older than a day, but the time of the newest that it leaves out', () => {
  const listed = [earlier(0, NOW - DAY - 2), earlier(1, NOW - DAY - 1), earlier(2, NOW - DAY)];
  const memory = memoryOf(request(3, NOW - 1, { earlier: listed }));
  expect(earlierSyncs(memory, NOW)).toEqual({
    earlier: [listed[2], earlier(3, NOW - 1)],
    forgottenUntil: iso(NOW - DAY - 1),
  });
});

test('a request lists at most a hundred commands', () => {
  const listed = Array.from({ length: 100 }, (_, i) => earlier(i, NOW - 200 + i));
  const memory = memoryOf(request(100, NOW - 100, { earlier: listed }));
  const { earlier: kept, forgottenUntil } = earlierSyncs(memory, NOW);
  expect(kept.map(({ sync }) => sync)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  expect(forgottenUntil).toBe(iso(NOW - 200));
});

test('a request keeps the time until which commands were forgotten while it leaves out none', () => {
  const memory = memoryOf(request(5, NOW - 1, { earlier: [], forgottenUntil: iso(NOW - 5_000) }));
  expect(earlierSyncs(memory, NOW)).toEqual({ earlier: [earlier(5, NOW - 1)], forgottenUntil: iso(NOW - 5_000) });
});
