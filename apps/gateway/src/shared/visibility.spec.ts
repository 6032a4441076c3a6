import { QueryNodes } from './visibility';

const said = (node: string, position: string, leaseMs = 10_000) => ({ node, store: 's', position, leaseMs });
const settled = () => new QueryNodes(0);
const timed = async (promise: Promise<boolean>) => {
  const began = performance.now();
  return { visible: await promise, ms: performance.now() - began };
};

describe('QueryNodes', () => {
  let nodes: QueryNodes;
  afterEach(() => nodes.close());

  test('with no live node there is nothing to wait for', async () => {
    nodes = settled();
    const { visible, ms } = await timed(nodes.waitFor('7', 5_000));
    expect(visible).toBe(true);
    expect(ms).toBeLessThan(500);
  });

  test('waits until every live node has the position', async () => {
    nodes = settled();
    nodes.applied(said('a', '9'));
    nodes.applied(said('b', '100'));
    let answered = false;
    const wait = nodes.waitFor('100', 5_000).then((visible) => {
      answered = true;
      return visible;
    });
    nodes.applied(said('a', '99'));
    await new Promise(setImmediate);
    expect(answered).toBe(false);
    nodes.applied(said('a', '101'));
    expect(await wait).toBe(true);
  });

  test('answers at once when all have it already', async () => {
    nodes = settled();
    nodes.applied(said('a', '10'));
    expect((await timed(nodes.waitFor('9', 5_000))).ms).toBeLessThan(500);
  });

  test('gives up after the bound', async () => {
    nodes = settled();
    nodes.applied(said('a', '1'));
    const { visible, ms } = await timed(nodes.waitFor('2', 100));
    expect(visible).toBe(false);
    expect(ms).toBeGreaterThan(90);
  });

  test('no longer waits for a node whose lease ended', async () => {
    nodes = settled();
    nodes.applied(said('gone', '1', 100));
    nodes.applied(said('b', '2'));
    const { visible, ms } = await timed(nodes.waitFor('2', 5_000));
    expect(visible).toBe(true);
    expect(ms).toBeGreaterThan(90);
    expect(ms).toBeLessThan(2_000);
    expect([...nodes.live]).toEqual([['b', '2']]);
  });

  test('no longer waits for a node that said goodbye', async () => {
    nodes = settled();
    nodes.applied(said('leaving', '1'));
    const wait = timed(nodes.waitFor('2', 5_000));
    nodes.applied(said('leaving', '1', 0));
    expect((await wait).ms).toBeLessThan(500);
  });

  test('one that has just begun to listen waits for nodes it may not have heard of', async () => {
    nodes = new QueryNodes(200);
    nodes.applied(said('a', '5'));
    const wait = timed(nodes.waitFor('5', 5_000));
    nodes.applied(said('b', '4'));
    nodes.applied(said('b', '5'));
    const { visible, ms } = await wait;
    expect(visible).toBe(true);
    expect(ms).toBeGreaterThan(150);
    expect(ms).toBeLessThan(2_000);
  });

  test('knows the nodes no longer once all leases have ended', async () => {
    nodes = new QueryNodes(200);
    nodes.applied(said('a', '5', 250));
    expect(nodes.settled).toBe(false);
    expect((await timed(nodes.waitFor('5', 5_000))).ms).toBeGreaterThan(150);
    expect(nodes.settled).toBe(true);
    await timed(nodes.waitFor('6', 5_000)); // ends with the lease
    expect(nodes.live.size).toBe(0);
    nodes.applied(said('a', '6'));
    expect(nodes.settled).toBe(false);
    expect((await timed(nodes.waitFor('6', 5_000))).ms).toBeGreaterThan(150);
  });

  test('many waiters, each released at its own position', async () => {
    nodes = settled();
    nodes.applied(said('a', '0'));
    const done: number[] = [];
    const waits = Array.from({ length: 100 }, (_, i) => nodes.waitFor(`${i + 1}`, 5_000).then(() => done.push(i + 1)));
    nodes.applied(said('a', '40'));
    await new Promise(setImmediate);
    expect(done).toHaveLength(40);
    expect(Math.max(...done)).toBe(40);
    nodes.applied(said('a', '100'));
    await Promise.all(waits);
    expect(done).toHaveLength(100);
  });

  test('closing ends all waiting', async () => {
    nodes = settled();
    nodes.applied(said('a', '0'));
    const wait = nodes.waitFor('1', 60_000);
    nodes.close();
    expect(await wait).toBe(false);
  });
});
