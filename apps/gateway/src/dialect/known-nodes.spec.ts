import type { QueryNodeApplied } from '@cohort/contracts';
import { KnownNodes } from './known-nodes';

const by = (node: string, store = 's', position = '1', leaseMs = 2_400): QueryNodeApplied => ({
  node,
  store,
  position,
  leaseMs,
});

describe('announcements of query nodes', () => {
  let asked: number;
  let heard: QueryNodeApplied[];
  let known: KnownNodes;
  beforeEach(() => {
    jest.useFakeTimers();
    [asked, heard] = [0, []];
    known = new KnownNodes(
      () => (asked += 1),
      (applied) => heard.push(applied),
    );
  });
  afterEach(() => {
    known.close();
    jest.useRealTimers();
  });

  test('count once the node itself has answered, the last one at once', () => {
    known.announced(by('n', 's', '1'));
    known.announced(by('n', 's', '2'));
    expect(heard).toEqual([]);
    expect(asked).toBe(1);
    known.found({ node: 'n', store: 's' });
    expect(heard).toEqual([by('n', 's', '2')]);
    known.announced(by('n', 's', '3'));
    expect(heard.at(-1)).toEqual(by('n', 's', '3'));
    expect(asked).toBe(1);
  });

  test('of a node that nobody answers for never count', () => {
    for (let i = 0; i < 10; i++) known.announced(by('made up'));
    known.found({ node: 'n', store: 's' });
    known.found({ other: 'metadata' });
    expect(heard).toEqual([]);
  });

  test("that name another store than the node's do not count", () => {
    known.found({ node: 'n', store: 's' });
    known.announced(by('n', 'other'));
    known.announced(by('__proto__', 's'));
    expect(heard).toEqual([]);
  });

  test('end with the one that has no lease', () => {
    known.found({ node: 'n', store: 's' });
    known.announced(by('n', 's', '1', 0));
    expect(heard).toEqual([by('n', 's', '1', 0)]);
    known.announced(by('n'));
    expect(heard).toHaveLength(1);
  });

  test('of ever new nodes ask ten times a second at most, and a node is found among them', () => {
    for (let i = 0; i < 10_000; i++) {
      known.announced(by(`made up ${i}`));
      if (i % 1_000 === 0) jest.advanceTimersByTime(100);
    }
    expect(asked).toBeLessThan(30);
    known.announced(by('n'));
    jest.advanceTimersByTime(200);
    known.found({ node: 'n', store: 's' });
    expect(heard).toEqual([by('n')]);
  });
});
