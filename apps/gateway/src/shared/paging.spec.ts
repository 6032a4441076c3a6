import { everyPage, pageLimit } from './paging';

test('asks for page after page until there is no cursor', async () => {
  const pages = [{ ids: ['a', 'b'], cursor: 'c1' }, { ids: [], cursor: 'c2' }, { ids: ['c'] }];
  const asked: (string | undefined)[] = [];
  const all = await everyPage(
    (cursor) => {
      asked.push(cursor);
      return Promise.resolve(pages[asked.length - 1]!);
    },
    ({ ids }) => ids,
  );
  expect(all).toEqual(['a', 'b', 'c']);
  expect(asked).toEqual([undefined, 'c1', 'c2']);
});

describe('pageLimit', () => {
  const limits = { default: 10, max: 1_000 };

  test.each([
    [undefined, 10],
    ['1', 1],
    ['1000', 1_000],
    ['1001', 1_000],
    ['9'.repeat(400), 1_000],
  ])('%p is %p', (text, limit) => {
    expect(pageLimit('limit', text, limits)).toBe(limit);
  });

  test.each(['0', '00', '-1', '', '1.5', 'ten', '1e2', ' 1'])('%j is an error', (text) => {
    expect(() => pageLimit('limit', text, limits)).toThrow('limit must be a number from 1 to 1000');
  });
});
