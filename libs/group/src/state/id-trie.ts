/**
 * A persistent hash trie: what an `IdMap` is made of. A change copies the nodes on its path, and all others are shared.
 *
 * Nodes are plain arrays, and a leaf holds several entries: a lookup in a large group mostly waits for memory, and an object for
 * each entry would take more of it than its id (docs/decisions/0037-members-in-memory.md).
 */
export type Trie<V> = Leaf<V> | Branch<V>;

/** The hashes of its entries, then their ids, then their values. */
type Leaf<V> = readonly (number | string | V)[];
/** A node for each value of the bits of the hash that it stands for; then the series of changes that made the branch. */
type Branch<V> = readonly (Trie<V> | Edit | undefined)[];

/**
 * A series of changes to one trie, of which only the last state is seen by others. A branch that the series made is changed in
 * place: no other trie has it. After the series, its object must not be used again.
 */
export class Edit {
  /** Entries that were added. */
  added = 0;
  /** Values that were replaced. */
  replaced = 0;
}

const BITS = 4;
const CHILDREN = 1 << BITS;
/** The place behind the children. */
const OWNER = CHILDREN;
const HASH_BITS = 32;
/** Most entries of a leaf, unless their hashes are equal. */
const MOST_ENTRIES = 24;
/** A branch with this many entries becomes a leaf again: fewer than what made it a branch, so that it doesn't go to and fro. */
const FEW_ENTRIES = MOST_ENTRIES / 2;

/** Only a leaf begins with a number. */
const isLeaf = <V>(node: Trie<V>): node is Leaf<V> => typeof node[0] === 'number';

const childrenOf = <V>(branch: Branch<V>): readonly (Trie<V> | undefined)[] =>
  branch.slice(0, CHILDREN) as (Trie<V> | undefined)[];

const childOf = (hash: number, shift: number): number => (hash >>> shift) & (CHILDREN - 1);
const entriesOf = (leaf: Leaf<unknown>): number => leaf.length / 3;

/** The trie with this value of an id. Without `replace`, an id that has a value keeps it. */
export function put<V>(
  node: Trie<V> | undefined,
  hash: number,
  id: string,
  value: V,
  replace: boolean,
  edit: Edit = new Edit(),
  shift = 0,
): Trie<V> {
  if (node === undefined) {
    edit.added += 1;
    return [hash, id, value];
  }
  if (!isLeaf(node)) {
    const at = childOf(hash, shift);
    const child = node[at] as Trie<V> | undefined;
    const next = put<V>(child, hash, id, value, replace, edit, shift + BITS);
    return next === child ? node : withChild(node, at, next, edit);
  }
  const count = entriesOf(node);
  const at = indexOf(node, hash, id);
  if (at >= 0) {
    if (!replace || Object.is(node[2 * count + at], value)) return node;
    edit.replaced += 1;
    return node.with(2 * count + at, value);
  }
  edit.added += 1;
  const grown = withEntry(node, hash, id, value);
  return count < MOST_ENTRIES || shift >= HASH_BITS ? grown : split(grown, shift, edit);
}

/** The branch with another child: itself, if this series of changes made it. */
function withChild<V>(branch: Branch<V>, at: number, child: Trie<V>, edit: Edit): Branch<V> {
  const own = (branch[OWNER] === edit ? branch : branch.slice()) as (Trie<V> | Edit | undefined)[];
  own[at] = child;
  own[OWNER] = edit;
  return own;
}

/** The trie without an id; undefined if it had no other. */
export function remove<V>(node: Trie<V>, hash: number, id: string, shift = 0): Trie<V> | undefined {
  if (!isLeaf(node)) {
    const at = childOf(hash, shift);
    const child = node[at] as Trie<V> | undefined;
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
  for (let shift = 0; node !== undefined && !isLeaf(node); shift += BITS)
    node = node[childOf(hash, shift)] as Trie<V> | undefined;
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
    if (!isLeaf(node)) nodes.push(...childrenOf(node));
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
function split<V>(leaf: Leaf<V>, shift: number, edit: Edit): Branch<V> {
  const count = entriesOf(leaf);
  const children = new Array<Leaf<V> | Edit | undefined>(CHILDREN + 1).fill(undefined);
  children[OWNER] = edit;
  for (let i = 0; i < count; i++) {
    const [hash, id, value] = [leaf[i] as number, leaf[count + i] as string, leaf[2 * count + i] as V];
    const at = childOf(hash, shift);
    const child = children[at] as Leaf<V> | undefined;
    children[at] = child ? withEntry(child, hash, id, value) : [hash, id, value];
  }
  return children;
}

/** A leaf in the place of a branch that has few entries left; undefined for none. */
function joined<V>(branch: Branch<V>): Trie<V> | undefined {
  let length = 0;
  const children = childrenOf(branch);
  for (const child of children) {
    if (child === undefined) continue;
    if (!isLeaf(child)) return branch;
    length += child.length;
  }
  if (length > 3 * FEW_ENTRIES) return branch;
  let leaf: Leaf<V> | undefined;
  for (const child of children) {
    const count = child ? entriesOf(child) : 0;
    for (let i = 0; i < count; i++) {
      const [hash, id, value] = [child![i] as number, child![count + i] as string, child![2 * count + i] as V];
      leaf = leaf ? withEntry(leaf, hash, id, value) : [hash, id, value];
    }
  }
  return leaf;
}
