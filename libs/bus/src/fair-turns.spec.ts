import { FairTurns } from './fair-turns';

/** The order in which pieces of work begin. */
async function orderOf(turns: FairTurns, pieces: readonly string[]): Promise<string[]> {
  const order: string[] = [];
  await Promise.all(pieces.map((piece) => turns.next(piece[0]!)!.then(() => order.push(piece))));
  return order;
}

it('tenants take turns, and the work of each keeps its order', async () => {
  const turns = new FairTurns();
  expect(await orderOf(turns, ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1'])).toEqual([
    'a1',
    'b1',
    'c1',
    'a2',
    'b2',
    'a3',
    'a4',
  ]);
});

it('a tenant that comes later waits for one piece of each of the others', async () => {
  const turns = new FairTurns();
  const order: string[] = [];
  const begin = (piece: string) => turns.next(piece[0]!)!.then(() => order.push(piece));
  const all = [1, 2, 3, 4, 5].map((i) => begin(`a${i}`));
  await all[0];
  await begin('b1');
  expect(order).toEqual(['a1', 'a2', 'b1']);
  await Promise.all(all);
});

it('one piece is begun in each turn of the event loop, so that what arrives meanwhile is served', async () => {
  const turns = new FairTurns();
  let turn = 0;
  const begun: number[] = [];
  const count = () => {
    turn += 1;
    if (begun.length < 3) setImmediate(count);
  };
  setImmediate(count);
  await Promise.all([1, 2, 3].map(() => turns.next('a')!.then(() => begun.push(turn))));
  expect(new Set(begun).size).toBe(3);
});

it('work is rejected if too many bytes wait, of the tenant or of all, and accepted again when they were begun', async () => {
  const turns = new FairTurns({ tenant: 100, node: 150, atWork: 1_000 });
  const waiting = [turns.next('a', 100)!, turns.next('b', 50)!];
  expect(turns.next('a', 1)).toBeUndefined();
  expect(turns.next('b', 1)).toBeUndefined();
  expect(turns.next('c', 1)).toBeUndefined();
  await Promise.all(waiting);
  await turns.next('a', 100);
});

it('a tenant has a bounded number of bytes at work, and the next piece begins when one of them is done', async () => {
  const turns = new FairTurns({ tenant: 1_000, node: 1_000, atWork: 100 });
  const begun: string[] = [];
  const begin = (piece: string, bytes: number) =>
    turns.next(piece[0]!, bytes)!.then((end) => {
      begun.push(piece);
      return end;
    });
  const first = begin('a1', 60);
  const second = begin('a2', 40);
  const third = begin('a3', 60);
  const larger = begin('a4', 300);
  const end = await first;
  const endSecond = await second;
  await begin('b1', 100);
  expect(begun).toEqual(['a1', 'a2', 'b1']);
  endSecond();
  await begin('c1', 1);
  expect(begun).toEqual(['a1', 'a2', 'b1', 'c1']);
  end();
  const endThird = await third;
  endThird();
  await larger;
  expect(begun).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'a4']);
});
