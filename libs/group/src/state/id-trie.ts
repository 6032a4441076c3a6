/**
 * A persistent hash trie: what an `IdMap` is made of. A change copies the nodes on its path, and all others are shared.
 *
 * Nodes are plain arrays, and a leaf holds several entries: a lookup in a large group mostly waits for memory, and an object for
 * each entry would take more of it than its id (docs/decisions/0037-members-in-memory.md).
 */
export type Trie<V> = Leaf<V> | Branch<V>;

/** The hashes of its entries, then their ids, then their values. */
type Leaf<V> = readonly (number | string | V)[];
/** A node for each value of the bits of the hash that it stands for. */
type Branch<V> = readonly (Trie<V> | undefined)[];

const BITS = 4;
const CHILDREN = 1 << BITS;
const HASH_BITS = 32;
/** Most entries of a leaf, unless their hashes are equal. */
const MOST_ENTRIES = 24;
/** A branch with this many entries becomes a leaf again: fewer than what made it a branch, so that it doesn't go to and fro. */
const FEW_ENTRIES = MOST_ENTRIES / 2;

/** Only a leaf begins with a number. */
const isLeaf = <V>(node: Trie<V>): node is Leaf<V> => typeof node[0] === 'number';

const childOf = (hash: number, shift: number): number => (hash >>> shift) & (CHILDREN - 1);
const entriesOf = (leaf: Leaf<unknown>): number => leaf.length / 3;

/** The trie with this value of an id. Without `replace`, an id that has a value keeps it. */
export function put<V>(
  node: Trie<V> | undefined,
  hash: number,
  id: string,
  value: V,
  replace: boolean,
  shift = 0,
): Trie<V> {
  if (node === undefined) return [hash, id, value];
  if (!isLeaf(node)) {
    const at = childOf(hash, shift);
    const child = node[at];
    const next = put<V>(child, hash, id, value, replace, shift + BITS);
    return next === child ? node : node.with(at, next);
  }
  const count = entriesOf(node);
  const at = indexOf(node, hash, id);
  if (at >= 0) {
    const same = !replace || Object.is(node[2 * count + at], value);
    return same ? node : node.with(2 * count + at, value);
  }
  const grown = withEntry(node, hash, id, value);
  return count < MOST_ENTRIES || shift >= HASH_BITS ? grown : split(grown, shift);
}

/** The trie without an id; undefined if it had no other. */
export function remove<V>(node: Trie<V>, hash: number, id: string, shift = 0): Trie<V> | undefined {
  if (!isLeaf(node)) {
    const at = childOf(hash, shift);
    const child = node[at];
    const next = child && remove<V>(child, hash, id, shift + BITS);
    if (next === child) return node;
    const changed = node.with(at, next);
    return next === undefined || isLeaf(next) ? joined<V>(changed) : changed;
  }
  const count = entriesOf(node);
  const at = indexOf(node, hash, id);
  if (at < 0) return node;
  return count === 1 ? undefined : withoutEntry(node, at);
}

/** The leaf that has an id if any has it. */
function leafFor<V>(root: Trie<V> | undefined, hash: number): Leaf<V> | undefined {
  let node = root;
  for (let shift = 0; node !== undefined && !isLeaf(node); shift += BITS) node = node[childOf(hash, shift)];
  return node;
}

export function has(root: Trie<unknown> | undefined, hash: number, id: string): boolean {
  const leaf = leafFor(root, hash);
  return leaf !== undefined && indexOf(leaf, hash, id) >= 0;
}

export function get<V>(root: Trie<V> | undefined, hash: number, id: string): V | undefined {
  const leaf = leafFor(root, hash);
  const at = leaf === undefined ? -1 : indexOf(leaf, hash, id);
  return at < 0 ? undefined : (leaf![2 * entriesOf(leaf!) + at] as V);
}

export function* entries<V>(root: Trie<V> | undefined): Generator<[id: string, value: V]> {
  const nodes = [root];
  while (nodes.length > 0) {
    const node = nodes.pop();
    if (node === undefined) continue;
    if (!isLeaf(node)) nodes.push(...node);
    else {
      const count = entriesOf(node);
      for (let i = count; i < 2 * count; i++) yield [node[i] as string, node[count + i] as V];
    }
  }
}

/** The place of an id among a leaf's entries; -1 for none. */
function indexOf(leaf: Leaf<unknown>, hash: number, id: string): number {
  const count = entriesOf(leaf);
  for (let i = 0; i < count; i++) if (leaf[i] === hash && leaf[count + i] === id) return i;
  return -1;
}

/** An array that grows keeps room for more, so this one is made as long as it will be. */
function withEntry<V>(leaf: Leaf<V>, hash: number, id: string, value: V): Leaf<V> {
  const count = entriesOf(leaf);
  const longer = new Array<number | string | V>(leaf.length + 3);
  for (let i = 0; i < count; i++) {
    longer[i] = leaf[i]!;
    longer[i + count + 1] = leaf[i + count]!;
    longer[i + 2 * count + 2] = leaf[i + 2 * count]!;
  }
  longer[count] = hash;
  longer[2 * count + 1] = id;
  longer[3 * count + 2] = value;
  return longer;
}

function withoutEntry<V>(leaf: Leaf<V>, at: number): Leaf<V> {
  const count = entriesOf(leaf);
  const shorter = new Array<number | string | V>(leaf.length - 3);
  for (let from = 0, to = 0; from < leaf.length; from++) if (from % count !== at) shorter[to++] = leaf[from]!;
  return shorter;
}

/** A branch in the place of a leaf that has become too long. */
function split<V>(leaf: Leaf<V>, shift: number): Branch<V> {
  const count = entriesOf(leaf);
  const children = new Array<Leaf<V> | undefined>(CHILDREN).fill(undefined);
  for (let i = 0; i < count; i++) {
    const [hash, id, value] = [leaf[i] as number, leaf[count + i] as string, leaf[2 * count + i] as V];
    const at = childOf(hash, shift);
    const child = children[at];
    children[at] = child ? withEntry(child, hash, id, value) : [hash, id, value];
  }
  return children;
}

/** A leaf in the place of a branch that has few entries left; undefined for none. */
function joined<V>(branch: Branch<V>): Trie<V> | undefined {
  let length = 0;
  for (const child of branch) {
    if (child === undefined) continue;
    if (!isLeaf(child)) return branch;
    length += child.length;
  }
  if (length > 3 * FEW_ENTRIES) return branch;
  let leaf: Leaf<V> | undefined;
  for (const child of branch) {
    const count = child ? entriesOf(child) : 0;
    for (let i = 0; i < count; i++) {
      const [hash, id, value] = [child![i] as number, child![count + i] as string, child![2 * count + i] as V];
      leaf = leaf ? withEntry(leaf, hash, id, value) : [hash, id, value];
    }
  }
  return leaf;
}
