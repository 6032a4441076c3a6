import { entries, get, put, remove, type Trie } from './id-trie';

type Id = readonly [hash: number, id: string];
type Root = Trie<number> | undefined;

const withAll = (root: Root, ids: readonly Id[]): Root =>
  ids.reduce<Root>((trie, [hash, id], i) => put<number>(trie, hash, id, i, true), root);
const withoutAll = (root: Root, ids: readonly Id[]): Root =>
  ids.reduce<Root>((trie, [hash, id]) => trie && remove<number>(trie, hash, id), root);

it('ids whose hashes are equal, or equal in all bits but the last, are told apart', () => {
  const same = Array.from({ length: 60 }, (_, i): Id => [-1, `a${i}`]);
  const near = Array.from({ length: 60 }, (_, i): Id => [0x7fff_ffff, `b${i}`]);
  const ids = [...same, ...near];
  const root = withAll(undefined, ids);
  expect(ids.map(([hash, id]) => get(root, hash, id))).toEqual(ids.map((_, i) => i));
  expect(get(root, -1, 'b0')).toBeUndefined();

  const rest = withoutAll(root, [...same, [-1, 'b0']]);
  expect(new Map(entries(rest))).toEqual(new Map(near.map(([, id], i) => [id, 60 + i])));
  expect([...entries(root)]).toHaveLength(120);
});

it('a trie that has lost most of its entries is a leaf again, and an empty one is nothing', () => {
  const ids = Array.from({ length: 5_000 }, (_, i): Id => [Math.imul(i, 0x9e37_79b1), `u${i}`]);
  const full = withAll(undefined, ids);
  // 16 children, and the series of changes that made the branch.
  expect(full).toHaveLength(17);
  const few = withoutAll(full, ids.slice(5));
  // A hash, an id and a value of each.
  expect(few).toHaveLength(15);
  expect(few![0]).toEqual(expect.any(Number));
  expect(withoutAll(few, ids.slice(0, 5))).toBeUndefined();
});

it('a few entries are in the order in which they came', () => {
  const ids: Id[] = [
    [5, 'x'],
    [1, 'y'],
    [9, 'z'],
    [1, 'y'],
  ];
  expect([...entries(withAll(undefined, ids))].map(([id]) => id)).toEqual(['x', 'y', 'z']);
});

it('a value that is there already, or may not be replaced, leaves the trie as it is', () => {
  const root = put<number>(undefined, 1, 'a', 1, true);
  expect(put(root, 1, 'a', 1, true)).toBe(root);
  expect(put(root, 1, 'a', 2, false)).toBe(root);
  expect(get(put<number>(root, 1, 'a', 2, true), 1, 'a')).toBe(2);
  expect(remove(root, 1, 'b')).toBe(root);
});
