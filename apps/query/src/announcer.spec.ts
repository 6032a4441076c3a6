import type { QueryNodeApplied } from '@cohort/contracts';
import { Announcer, LEASE_MS } from './announcer';

describe('announcements of a query node', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  function node() {
    const said: QueryNodeApplied[] = [];
    let position = '7';
    const announcer = new Announcer(
      (_subject, value) => said.push(value),
      'node',
      'store',
      () => position,
    );
    return { announcer, said, commit: (next: string) => ((position = next), announcer.committed()) };
  }

  it('begin at its start, and are repeated three times a lease', () => {
    const { announcer, said } = node();
    announcer.start();
    expect(said).toEqual([{ node: 'node', store: 'store', position: '7', leaseMs: LEASE_MS }]);
    jest.advanceTimersByTime(LEASE_MS);
    expect(said).toHaveLength(4);
    announcer.stop();
  });

  it('follow a commit immediately, and a burst of commits together, with the last position', () => {
    const { announcer, said, commit } = node();
    announcer.start();
    jest.advanceTimersByTime(100);
    commit('8');
    expect(said.at(-1)!.position).toBe('8');
    for (const position of ['9', '10', '11']) commit(position);
    expect(said).toHaveLength(2);
    jest.advanceTimersByTime(5);
    expect(said.slice(2).map(({ position }) => position)).toEqual(['11']);
    announcer.stop();
  });

  it('end with one that has no lease, once', () => {
    const { announcer, said, commit } = node();
    announcer.start();
    commit('8');
    announcer.stop();
    announcer.stop();
    expect(said.at(-1)).toEqual({ node: 'node', store: 'store', position: '8', leaseMs: 0 });
    const count = said.length;
    commit('9');
    jest.advanceTimersByTime(10 * LEASE_MS);
    expect(said).toHaveLength(count);
  });

  it('do not begin before the node takes queries', () => {
    const { announcer, said, commit } = node();
    commit('8');
    announcer.stop();
    expect(said).toEqual([]);
  });
});
