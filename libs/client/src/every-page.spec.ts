import { everyPage } from './every-page';

test('everyPage requests page after page until an answer has no cursor', async () => {
  const pages = [{ ids: ['a', 'b'], cursor: 'c1' }, { ids: [], cursor: 'c2' }, { ids: ['c'] }];
  const asked: (string | undefined)[] = [];
  const all = await everyPage((cursor) => {
    asked.push(cursor);
    return Promise.resolve(pages[asked.length - 1]!);
  });
  expect(all).toEqual(pages);
  expect(asked).toEqual([undefined, 'c1', 'c2']);
});
