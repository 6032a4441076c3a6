import fc from 'fast-check';
import { IdMap } from './id-map';
import { IdSet } from './id-set';
import { keyedHash } from './keyed-hash';

const ids = fc.array(fc.oneof(fc.constantFrom('a', 'b', 'Aa', 'BB'), fc.string({ maxLength: 9 })), { maxLength: 40 });

const mapOf = (entries: readonly (readonly [string, number])[], from = IdMap.empty<number>()) =>
  from.with((map) => {
    for (const [id, value] of entries) map.set(id, value);
  });

it('holds what a map of texts holds', () => {
  fc.assert(
    fc.property(ids, ids, (added, removed) => {
      const expected = new Map(added.map((id, i) => [id, i]));
      const before = mapOf([...expected]);
      const after = before.without(removed);
      expect(new Map(before)).toEqual(expected);
      for (const id of removed) expected.delete(id);
      expect(new Map(after)).toEqual(expected);
      expect(new Set(after.keys())).toEqual(new Set(expected.keys()));
      expect(after.size).toBe(expected.size);
      for (const id of [...added, ...removed]) {
        expect([after.has(id), after.get(id)]).toEqual([expected.has(id), expected.get(id)]);
      }
    }),
  );
});

it('stays as it is when another is made of it, and itself if nothing changes', () => {
  const one = mapOf([['a', 1]]);
  const two = mapOf([['b', 2]], one);
  expect([...one]).toEqual([['a', 1]]);
  expect(new Map(two)).toEqual(new Map(Object.entries({ a: 1, b: 2 })));
  expect(one.without(['x'])).toBe(one);
});

it('an id that has a value keeps it when it is added again, also in one change', () => {
  const added: boolean[] = [];
  const map = IdMap.empty<number>().with((changing) => {
    for (const value of [1, 2]) added.push(changing.add('a', value));
  });
  const same = map.with((changing) => void added.push(changing.add('a', 3)));
  expect([added, map.get('a'), same === map]).toEqual([[true, false, false], 1, true]);
});

it('a map of thousands of ids is right after each of many changes, and earlier maps stay as they were', () => {
  const change = fc.record({ from: fc.nat(3_000), count: fc.nat(1_500), removes: fc.boolean() });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const expected = new Map<string, number>();
      let map = IdMap.empty<number>();
      const earlier: [IdMap<number>, Map<string, number>][] = [];
      changes.forEach(({ from, count, removes }, step) => {
        earlier.push([map, new Map(expected)]);
        const users = Array.from({ length: count }, (_, i) => `user-${from + i}`);
        for (const id of users)
          if (removes) expected.delete(id);
          else expected.set(id, step);
        map = removes
          ? map.without(users)
          : mapOf(
              users.map((id) => [id, step]),
              map,
            );
      });
      for (const [one, held] of [...earlier, [map, expected] as const]) {
        expect(one.size).toBe(held.size);
        expect(new Map(one)).toEqual(held);
      }
      expect([...expected].every(([id, value]) => map.get(id) === value)).toBe(true);
      expect([map.has('user-x'), map.get('user-x')]).toEqual([false, undefined]);
    }),
    { numRuns: 40 },
  );
});

it('a set holds each id once, and is equal to another with the same ids', () => {
  const set = IdSet.empty.with(['a', 'b', 'a']);
  expect([set.size, set.has('a'), set.has('c'), set.without(['a']).toArray()]).toEqual([2, true, false, ['b']]);
  expect(set).toEqual(IdSet.empty.with(['c', 'b', 'a']).without(['c']));
  expect(set).not.toEqual(IdSet.empty.with(['a', 'c']));
});

it('the hash depends on every unit, on their order and on the length', () => {
  const texts = ['', 'a', 'b', 'ab', 'ba', 'aa', 'aaa', 'a\u0000', '\u0000', '\u0000\u0000', 'Aa', 'BB', '\u0100a'];
  expect(new Set(texts.map(keyedHash)).size).toBe(texts.length);
  const numbered = Array.from({ length: 20_000 }, (_, i) => keyedHash(`user-${i}`));
  expect(new Set(numbered).size).toBeGreaterThan(19_990);
});

/** Ids that have one hash in every language that hashes texts with a factor of 31. */
const colliding = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    Array.from({ length: 14 }, (__, bit) => ((i >> bit) & 1 ? 'Aa' : 'BB')).join(''),
  );

it('ids chosen to have one hash cost no more than others', () => {
  const chosen = colliding(10_000);
  const started = performance.now();
  const map = mapOf(chosen.map((id, i) => [id, i]));
  expect(map.without(chosen.slice(0, 1_000)).size).toBe(9_000);
  expect(chosen.every((id) => map.has(id))).toBe(true);
  // With such a hash it was 12 seconds.
  expect(performance.now() - started).toBeLessThan(2_000);
});
