import { QueryNodes } from './visibility';

const announced = (node: string, position: string, leaseMs = 10_000) => ({ node, store: 's', position, leaseMs });
const settled = () => new QueryNodes(0);

/** Moves the fake clock: a lease doesn't end because the machine is busy. */
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('QueryNodes', () => {
  let nodes: QueryNodes;
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => {
    nodes.close();
    jest.useRealTimers();
  });

  /** A wait that begins now; `ended` is set at its end. */
  function waitFor(position: string, boundMs = 5_000) {
    const began = performance.now();
    const wait: { ended?: { readonly visible: boolean; readonly ms: number } } = {};
    void nodes.waitFor(position, boundMs).then((visible) => (wait.ended = { visible, ms: performance.now() - began }));
    return wait;
  }

  test('without a live node a write is visible immediately', async () => {
    nodes = settled();
    const wait = waitFor('7');
    await pass(0);
    expect(wait.ended).toEqual({ visible: true, ms: 0 });
  });

  test('a write is visible when every live node has applied it', async () => {
    nodes = settled();
    nodes.applied(announced('a', '9'));
    nodes.applied(announced('b', '100'));
    const wait = waitFor('100');
    nodes.applied(announced('a', '99'));
    await pass(4_000);
    expect(wait.ended).toBeUndefined();
    nodes.applied(announced('a', '101'));
    await pass(0);
    expect(wait.ended).toEqual({ visible: true, ms: 4_000 });
  });

  test('a write that all nodes have applied is visible immediately', async () => {
    nodes = settled();
    nodes.applied(announced('a', '10'));
    const wait = waitFor('9');
    await pass(0);
    expect(wait.ended).toEqual({ visible: true, ms: 0 });
  });

  test('a wait ends after its bound', async () => {
    nodes = settled();
    nodes.applied(announced('a', '1'));
    const wait = waitFor('2', 100);
    await pass(99);
    expect(wait.ended).toBeUndefined();
    await pass(1);
    expect(wait.ended).toEqual({ visible: false, ms: 100 });
  });

  test('a node whose lease has ended delays no write', async () => {
    nodes = settled();
    nodes.applied(announced('gone', '1', 100));
    nodes.applied(announced('b', '2'));
    const wait = waitFor('2');
    await pass(99);
    expect(wait.ended).toBeUndefined();
    await pass(1);
    expect(wait.ended).toEqual({ visible: true, ms: 100 });
    expect([...nodes.live]).toEqual([['b', '2']]);
  });

  test('a node that has announced its end delays no write', async () => {
    nodes = settled();
    nodes.applied(announced('leaving', '1'));
    const wait = waitFor('2');
    nodes.applied(announced('leaving', '1', 0));
    await pass(0);
    expect(wait.ended).toEqual({ visible: true, ms: 0 });
  });

  test('during the settling time a write waits for nodes that are not known yet', async () => {
    nodes = new QueryNodes(200);
    nodes.applied(announced('a', '5'));
    const wait = waitFor('5');
    nodes.applied(announced('b', '4'));
    nodes.applied(announced('b', '5'));
    await pass(199);
    expect(wait.ended).toBeUndefined();
    await pass(1);
    expect(wait.ended).toEqual({ visible: true, ms: 200 });
  });

  test('after all leases have ended, the next announcement begins a new settling time', async () => {
    nodes = new QueryNodes(200);
    nodes.applied(announced('a', '5', 250));
    expect(nodes.settled).toBe(false);
    const first = waitFor('5');
    await pass(200);
    expect(first.ended).toEqual({ visible: true, ms: 200 });
    expect(nodes.settled).toBe(true);
    const untilTheLeaseEnds = waitFor('6');
    await pass(50);
    expect(untilTheLeaseEnds.ended).toEqual({ visible: true, ms: 50 });
    expect(nodes.live.size).toBe(0);
    nodes.applied(announced('a', '6'));
    expect(nodes.settled).toBe(false);
    const again = waitFor('6');
    await pass(200);
    expect(again.ended).toEqual({ visible: true, ms: 200 });
  });

  test('each of many waiters is released at its own position', async () => {
    nodes = settled();
    nodes.applied(announced('a', '0'));
    const done: number[] = [];
    const waits = Array.from({ length: 100 }, (_, i) => nodes.waitFor(`${i + 1}`, 5_000).then(() => done.push(i + 1)));
    nodes.applied(announced('a', '40'));
    await pass(0);
    expect(done).toHaveLength(40);
    expect(Math.max(...done)).toBe(40);
    nodes.applied(announced('a', '100'));
    await Promise.all(waits);
    expect(done).toHaveLength(100);
  });

  test('close ends all waits', async () => {
    nodes = settled();
    nodes.applied(announced('a', '0'));
    const wait = nodes.waitFor('1', 60_000);
    nodes.close();
    expect(await wait).toBe(false);
  });

  test('a lease ends after 5 s at most, whatever it announces', async () => {
    nodes = settled();
    nodes.applied(announced('a', '1', 1e15));
    const wait = waitFor('2', 60_000);
    await pass(5_000);
    expect(wait.ended).toEqual({ visible: true, ms: 5_000 });
  });

  test('announcements of another store are ignored while a node of the first one is live', async () => {
    nodes = settled();
    nodes.applied(announced('a', '5'));
    nodes.applied({ ...announced('b', '1'), store: 'other' });
    expect([...nodes.live.keys()]).toEqual(['a']);
    nodes.applied(announced('a', '5', 0));
    nodes.applied({ ...announced('b', '1'), store: 'other' });
    expect([...nodes.live.keys()]).toEqual(['b']);
    await pass(0);
  });

  test('the number of nodes is bounded, and a known one is still heard', () => {
    nodes = settled();
    for (let i = 0; i < 10_000; i++) nodes.applied(announced(`n${i}`, '1'));
    expect(nodes.size).toBe(64);
    nodes.applied(announced('n0', '7'));
    expect(nodes.live.get('n0')).toBe('7');
  });

  test('a node that goes back delays writes again', async () => {
    nodes = settled();
    nodes.applied(announced('a', '9'));
    nodes.applied(announced('b', '9'));
    nodes.applied(announced('a', '3'));
    const wait = waitFor('9', 100);
    await pass(100);
    expect(wait.ended).toEqual({ visible: false, ms: 100 });
  });

  test('the work for an announcement does not grow with the writes that wait', () => {
    jest.useRealTimers();
    nodes = settled();
    nodes.applied(announced('a', '1'));
    nodes.applied(announced('b', '1'));
    const perAnnouncement = () => {
      const began = performance.now();
      for (let i = 0; i < 20_000; i++) nodes.applied(announced('b', `${i + 1}`));
      return performance.now() - began;
    };
    perAnnouncement();
    const alone = perAnnouncement();
    for (let i = 0; i < 20_000; i++) void nodes.waitFor(`${100_000 + (i % 100)}`, 60_000);
    // Looking at each waiter would take thousands of times as long.
    expect(perAnnouncement()).toBeLessThan(20 * alone + 100);
  });
});
