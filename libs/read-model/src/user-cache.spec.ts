import type { Role } from '@cohort/contracts';
import { UserCache } from './user-cache';

const newCache = (maxEntries: number) => new UserCache<Role | null>(maxEntries);

describe('the cache of facts about users', () => {
  it('returns what it remembers, of members and of others', () => {
    const cache = newCache(10);
    cache.remember('g1', 'u1', 'owner');
    cache.remember('g1', 'u2', null);
    expect([cache.get('g1', 'u1'), cache.get('g1', 'u2'), cache.get('g1', 'u3'), cache.get('g2', 'u1')]).toEqual([
      'owner',
      null,
      undefined,
      undefined,
    ]);
  });

  it('updates the answers that it has, and adds none', () => {
    const cache = newCache(10);
    cache.remember('g1', 'u1', null);
    cache.update('g1', 'u1', 'member');
    cache.update('g1', 'u2', 'member');
    cache.update('g2', 'u1', 'member');
    expect(cache.get('g1', 'u1')).toBe('member');
    expect(cache.get('g1', 'u2')).toBeUndefined();
    expect([cache.has('g1'), cache.has('g2'), cache.size]).toEqual([true, false, 1]);
  });

  it('drops the answer about one user', () => {
    const cache = newCache(10);
    cache.remember('g1', 'u1', 'member');
    cache.remember('g1', 'u2', 'member');
    cache.drop('g1', 'u1');
    cache.drop('g1', 'u1');
    cache.drop('g2', 'u1');
    expect([cache.get('g1', 'u1'), cache.get('g1', 'u2'), cache.size]).toEqual([undefined, 'member', 1]);
  });

  it('forgets a group as a whole', () => {
    const cache = newCache(10);
    cache.remember('g1', 'u1', 'member');
    cache.remember('g2', 'u1', 'member');
    cache.forget('g1');
    expect([cache.get('g1', 'u1'), cache.get('g2', 'u1'), cache.size]).toEqual([undefined, 'member', 1]);
  });

  it('is bounded in entries; the groups that were asked for longest ago go first', () => {
    const cache = newCache(4);
    for (const user of ['u1', 'u2']) for (const group of ['g1', 'g2']) cache.remember(group, user, 'member');
    cache.get('g1', 'u1');
    cache.remember('g3', 'u1', 'member');
    expect([cache.has('g1'), cache.has('g2'), cache.has('g3'), cache.size]).toEqual([true, false, true, 3]);
    for (let i = 0; i < 100; i++) cache.remember('huge', `u${i}`, 'member');
    expect(cache.size).toBeLessThanOrEqual(4);
  });
});
