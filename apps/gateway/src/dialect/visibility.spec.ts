import { QueryNodes } from './visibility';

const said = (node: string, position: string, leaseMs = 10_000) => ({ node, store: 's', position, leaseMs });
const settled = () => new QueryNodes(0);

/** Time passes only when it is told to: a lease doesn't end because the machine is busy. */
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('QueryNodes', () => {
  let nodes: QueryNodes;
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => {
    nodes.close();
    jest.useRealTimers();
  });

  /** A wait that begins now; `ended` is there when it is over. */
  function waitFor(position: string, boundMs = 5_000) {
    const began = performance.now();
    const wait: { ended?: { readonly visible: boolean; readonly ms: number } } = {};
    void nodes.waitFor(position, boundMs).then((visible) => (wait.ended = { visible, ms: performance.now() - began }));
    return wait;
  }

  test('with no live node there is nothing to wait for', async () => {
    nodes = settled();
    const wait = waitFor('7');
    await pass(0);
    expect(wait.ended).toEqual({ visible: true, ms: 0 });
  });

  test('waits until every live node has the position', async () => {
    nodes = settled();
    nodes.applied(said('a', '9'));
    nodes.applied(said('b', '100'));
    const wait = waitFor('100');
    nodes.applied(said('a', '99'));
    await pass(4_000);
    expect(wait.ended).toBeUndefined();
    nodes.applied(said('a', '101'));
    await pass(0);
    expect(wait.ended).toEqual({ visible: true, ms: 4_000 });
  });

  test('answers at once when all have it already', async () => {
    nodes = settled();
    nodes.applied(said('a', '10'));
    const wait = waitFor('9');
    await pass(0);
    expect(wait.ended).toEqual({ visible: true, ms: 0 });
  });

  test('gives up after the bound', async () => {
    nodes = settled();
    nodes.applied(said('a', '1'));
    const wait = waitFor('2', 100);
    await pass(99);
    expect(wait.ended).toBeUndefined();
    await pass(1);
    expect(wait.ended).toEqual({ visible: false, ms: 100 });
  });

  test('no longer waits for a node whose lease ended', async () => {
    nodes = settled();
    nodes.applied(said('gone', '1', 100));
    nodes.applied(said('b', '2'));
    const wait = waitFor('2');
    await pass(99);
    expect(wait.ended).toBeUndefined();
    await pass(1);
    expect(wait.ended).toEqual({ visible: true, ms: 100 });
    expect([...nodes.live]).toEqual([['b', '2']]);
  });

  test('no longer waits for a node that said goodbye', async () => {
    nodes = settled();
    nodes.applied(said('leaving', '1'));
    const wait = waitFor('2');
    nodes.applied(said('leaving', '1', 0));
    await pass(0);
    expect(wait.ended).toEqual({ visible: true, ms: 0 });
  });

  test('one that has just begun to listen waits for nodes it may not have heard of', async () => {
    nodes = new QueryNodes(200);
    nodes.applied(said('a', '5'));
    const wait = waitFor('5');
    nodes.applied(said('b', '4'));
    nodes.applied(said('b', '5'));
    await pass(199);
    expect(wait.ended).toBeUndefined();
    await pass(1);
    expect(wait.ended).toEqual({ visible: true, ms: 200 });
  });

  test('knows the nodes no longer once all leases have ended', async () => {
    nodes = new QueryNodes(200);
    nodes.applied(said('a', '5', 250));
    expect(nodes.settled).toBe(false);
    const first = waitFor('5');
    await pass(200);
    expect(first.ended).toEqual({ visible: true, ms: 200 });
    expect(nodes.settled).toBe(true);
    const untilTheLeaseEnds = waitFor('6');
    await pass(50);
    expect(untilTheLeaseEnds.ended).toEqual({ visible: true, ms: 50 });
    expect(nodes.live.size).toBe(0);
    nodes.applied(said('a', '6'));
    expect(nodes.settled).toBe(false);
    const anew = waitFor('6');
    await pass(200);
    expect(anew.ended).toEqual({ visible: true, ms: 200 });
  });

  test('many waiters, each released at its own position', async () => {
    nodes = settled();
    nodes.applied(said('a', '0'));
    const done: number[] = [];
    const waits = Array.from({ length: 100 }, (_, i) => nodes.waitFor(`${i + 1}`, 5_000).then(() => done.push(i + 1)));
    nodes.applied(said('a', '40'));
    await pass(0);
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
