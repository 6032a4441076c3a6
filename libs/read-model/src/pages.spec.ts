import { changesPage, MAX_ANSWER_BYTES, page, type ReadRows } from './pages';

const scope = { list: 'numbers', app: 'demo', store: 's', of: [], key: ['number'] as const };
const shape = (text: string) => ({
  view: (number: number) => ({ number, text }),
  keyOf: (number: number) => [number],
});

/** Reads the numbers from 1 to `last`, and counts how many. */
function numbers(last: number): { read: ReadRows<number>; rows: () => number } {
  let rows = 0;
  const read: ReadRows<number> = (after, count) => {
    const from = Number(after?.[0] ?? 0);
    const some = Array.from({ length: Math.max(0, Math.min(count, last - from)) }, (_, i) => from + i + 1);
    rows += some.length;
    return some;
  };
  return { read, rows: () => rows };
}

test.each([1, 31, 32, 33, 287, 288, 289, 1_000])(
  'a page of %s rows has them in order, and a cursor only if others are left',
  (limit) => {
    for (const last of [limit - 1, limit, limit + 1]) {
      const { entries, next } = page(scope, numbers(last).read, undefined, limit, shape(''), '7');
      expect(entries.map(({ number }) => number)).toEqual(
        Array.from({ length: Math.min(last, limit) }, (_, i) => i + 1),
      );
      expect('cursor' in next).toBe(last > limit);
    }
  },
);

test('a page begins after its key', () => {
  const { entries } = page(scope, numbers(100).read, [60], 1_000, shape(''), '7');
  expect(entries.map(({ number }) => number)).toEqual(Array.from({ length: 40 }, (_, i) => i + 61));
});

test('a page of large entries ends where an answer does, and reads few rows beyond', () => {
  const { read, rows } = numbers(1_000);
  const { entries, next } = page(scope, read, undefined, 1_000, shape('x'.repeat(MAX_ANSWER_BYTES / 8)), '7');
  expect(entries).toHaveLength(7);
  expect(next.cursor).toBeDefined();
  expect(rows()).toBeLessThan(50);
});

test('a page has at least one entry', () => {
  const { entries } = page(scope, numbers(3).read, undefined, 3, shape('x'.repeat(MAX_ANSWER_BYTES)), '7');
  expect(entries).toHaveLength(1);
});

test('a page of changes is full only if the size of an answer ends it', () => {
  const records = Array.from({ length: 40 }, (_, i) => i);
  const made = (text: string, limit: number) =>
    changesPage(records, limit, { view: (id) => ({ id, text }), idOf: String, stepOf: String }, '40');
  const large = 'x'.repeat(MAX_ANSWER_BYTES / 8);
  expect(made(large, 32)).toMatchObject({ isFull: true, more: true, upTo: '6' });
  expect(made('', 32)).toMatchObject({ isFull: false, more: true, upTo: '31' });
  expect(made('', 40)).toMatchObject({ isFull: false, more: false, upTo: '40' });
  expect(made(large, 7)).toMatchObject({ isFull: false, more: true });
});
