import { firstOf } from './whole-list';

/** A list of so many numbers, in pages. */
function numbers(count: number) {
  const asked: number[] = [];
  const ask = ({ limit, cursor = '0' }: { readonly limit: number; readonly cursor?: string }) => {
    asked.push(limit);
    const [from, to] = [Number(cursor), Math.min(count, Number(cursor) + limit)];
    const entries = Array.from({ length: to - from }, (_, i) => from + i);
    return Promise.resolve({ entries, total: count, ...(to < count && { cursor: String(to) }) });
  };
  return { asked, ask };
}

test('a list is read page by page to its end', async () => {
  const { asked, ask } = numbers(2_500);
  const { entries, total } = await firstOf(ask);
  expect(entries).toEqual(Array.from({ length: 2_500 }, (_, i) => i));
  expect(total).toBe(2_500);
  expect(asked).toEqual([1_000, 1_000, 1_000]);
});

test('a longer list ends with its ten thousandth entry, and says how many it has', async () => {
  const { asked, ask } = numbers(10_001);
  const { entries, total } = await firstOf(ask);
  expect([entries.length, entries.at(-1), total]).toEqual([10_000, 9_999, 10_001]);
  expect(asked).toHaveLength(10);
  expect((await firstOf(numbers(10_001).ask, Infinity)).entries).toHaveLength(10_001);
  expect((await firstOf(numbers(5_000).ask, 1_500)).entries.at(-1)).toBe(1_499);
});
