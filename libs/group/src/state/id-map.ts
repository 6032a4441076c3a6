import { Edit, entries, get, has, put, remove, type Trie } from './id-trie';
import { keyedHash } from './keyed-hash';

/** A map that may be changed until the function that got it returns. */
export interface ChangingMap<V> {
  set(id: string, value: V): void;
  /** Sets the value of an id that has none. Returns whether it had none. */
  add(id: string, value: V): boolean;
}

/**
 * A persistent map by user id: a state that is only tried out costs what it changes (docs/decisions/0037-members-in-memory.md).
 *
 * Callers choose ids. If they could compute the hash, a command with a few thousand ids of one hash would take minutes. So the
 * hash has a key that no caller knows.
 */
export class IdMap<V> implements Iterable<[id: string, value: V]> {
  /** Whatever compares maps compares this one as a map: its order means nothing. */
  readonly [Symbol.toStringTag] = 'Map';

  private constructor(
    private readonly root: Trie<V> | undefined,
    readonly size: number,
  ) {}

  static empty<V>(): IdMap<V> {
    return new IdMap<V>(undefined, 0);
  }

  has(id: string): boolean {
    return this.root !== undefined && has(this.root, keyedHash(id), id);
  }

  get(id: string): V | undefined {
    return get(this.root, keyedHash(id), id);
  }

  with(change: (map: ChangingMap<V>) => void): IdMap<V> {
    let { root } = this;
    const edit = new Edit();
    change({
      set: (id, value) => {
        root = put<V>(root, keyedHash(id), id, value, true, edit);
      },
      add: (id, value) => {
        const before = edit.added;
        root = put<V>(root, keyedHash(id), id, value, false, edit);
        return edit.added > before;
      },
    });
    return edit.added + edit.replaced === 0 ? this : new IdMap(root, this.size + edit.added);
  }

  without(ids: Iterable<string>): IdMap<V> {
    let { root, size } = this;
    for (const id of ids) {
      const next = root && remove(root, keyedHash(id), id);
      if (next === root) continue;
      root = next;
      size -= 1;
    }
    return root === this.root ? this : new IdMap(root, size);
  }

  *keys(): Generator<string> {
    for (const [id] of this) yield id;
  }

  [Symbol.iterator](): Generator<[id: string, value: V]> {
    return entries<V>(this.root);
  }

  toObject(): Record<string, V> {
    return Object.fromEntries(this);
  }
}
