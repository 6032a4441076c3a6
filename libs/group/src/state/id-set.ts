import { IdMap } from './id-map';

/** A persistent set of user ids. */
export class IdSet implements Iterable<string> {
  static readonly empty = new IdSet(IdMap.empty());

  /** Whatever compares sets compares this one as a set: its order means nothing. */
  readonly [Symbol.toStringTag] = 'Set';

  private constructor(private readonly map: IdMap<true>) {}

  get size(): number {
    return this.map.size;
  }

  has(id: string): boolean {
    return this.map.has(id);
  }

  with(ids: Iterable<string>): IdSet {
    return new IdSet(
      this.map.with((map) => {
        for (const id of ids) map.set(id, true);
      }),
    );
  }

  without(ids: Iterable<string>): IdSet {
    return new IdSet(this.map.without(ids));
  }

  toArray(): string[] {
    return [...this];
  }

  [Symbol.iterator](): Iterator<string> {
    return this.map.keys();
  }
}
