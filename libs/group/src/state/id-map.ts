import { Map, type ValueObject } from 'immutable';
import { keyedHash } from './keyed-hash';

/**
 * A persistent map by user id: a state that is only tried out costs what it changes.
 *
 * Callers choose ids, and `immutable` hashes texts by a known function: with a few thousand ids of one hash, a single
 * command would take minutes. So ids are hashed here, with a key that no caller knows.
 */
export class IdMap<V> implements Iterable<[id: string, value: V]> {
  /** Whatever compares maps compares this one as a map: its order means nothing. */
  readonly [Symbol.toStringTag] = 'Map';

  private constructor(private readonly map: Map<Key, V>) {}

  static empty<V>(): IdMap<V> {
    return new IdMap(Map<Key, V>());
  }

  get size(): number {
    return this.map.size;
  }

  has(id: string): boolean {
    return this.map.has(new Key(id));
  }

  get(id: string): V | undefined {
    return this.map.get(new Key(id));
  }

  /** `add` is called with a map that may be changed until it returns. */
  with(add: (map: { has(id: string): boolean; set(id: string, value: V): void }) => void): IdMap<V> {
    return this.changed((map) => {
      add({
        has: (id) => map.has(new Key(id)),
        set: (id, value) => void map.set(new Key(id), value),
      });
    });
  }

  without(ids: Iterable<string>): IdMap<V> {
    return this.changed((map) => {
      for (const id of ids) map.delete(new Key(id));
    });
  }

  *keys(): Generator<string> {
    for (const { id } of this.map.keys()) yield id;
  }

  *[Symbol.iterator](): Generator<[id: string, value: V]> {
    for (const [{ id }, value] of this.map) yield [id, value];
  }

  toObject(): Record<string, V> {
    return Object.fromEntries(this);
  }

  private changed(change: (map: Map<Key, V>) => void): IdMap<V> {
    const map = this.map.withMutations(change);
    return map === this.map ? this : new IdMap(map);
  }
}

/** An id as `immutable` compares it. */
class Key implements ValueObject {
  private readonly hash: number;

  constructor(readonly id: string) {
    this.hash = keyedHash(id);
  }

  hashCode(): number {
    return this.hash;
  }

  equals(other: unknown): boolean {
    return other instanceof Key && other.id === this.id;
  }
}
