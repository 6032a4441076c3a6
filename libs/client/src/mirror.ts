import type { Position, QueryAnswers } from '@cohort/contracts';
import type { CallOptions } from './cohort-client';
import { everyPage } from './every-page';

/** The place of an answer in time, sent with the next query to get the changes since then. */
type Place = { readonly basis: string } & ({ readonly sinceRevision: string } | { readonly sincePosition: Position });

/** An answer of any mirrored list. */
export type MirroredPart<E> = { readonly entries: readonly E[]; readonly place: Place } & Pick<
  QueryAnswers['members'],
  'full' | 'cursor' | 'removed' | 'more'
>;

type Ask<E> = (
  goingOn: { readonly after?: Position } | { readonly cursor: string },
  options: CallOptions,
) => Promise<MirroredPart<E>>;

/** A local copy of a list. Each `refresh` reads only the changes since the last one (docs/lists.md). */
export class Mirror<E> {
  private readonly copy = new Map<string, E>();
  private place?: Place;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly ask: Ask<E>,
    private readonly keyOf: (entry: E) => string,
  ) {}

  /** Entries by their keys, such as user ids; empty before the first `refresh`. It is always the same map; `refresh` changes it. */
  get entries(): ReadonlyMap<string, E> {
    return this.copy;
  }

  /**
   * Updates the copy from query nodes that have applied the log up to `after`. A second call waits for the first.
   *
   * @throws CohortError the copy stays usable, and the next call continues from it; `GROUP_DISMISSED` is permanent
   */
  refresh({ after, ...options }: CallOptions & { readonly after?: Position } = {}): Promise<ReadonlyMap<string, E>> {
    const run = this.running.then(() => this.run(after === undefined ? {} : { after }, options));
    this.running = run.catch(() => undefined);
    return run;
  }

  private async run(after: { readonly after?: Position }, options: CallOptions): Promise<ReadonlyMap<string, E>> {
    for (let wasFull = false; ;) {
      const parts = await everyPage((cursor) =>
        this.ask(cursor === undefined ? { ...after, ...this.place } : { cursor }, options),
      );
      const [first] = parts;
      if (first.full) this.copy.clear();
      for (const { entries, removed = [] } of parts) {
        for (const id of removed) this.copy.delete(id);
        for (const entry of entries) this.copy.set(this.keyOf(entry), entry);
      }
      // Pages from two versions of the service can't be combined, so the next turn reads the whole list.
      this.place = parts.every(({ place }) => place.basis === first.place.basis) ? first.place : undefined;
      // Many pages take some time to read. The next turn reads the changes that happened meanwhile. If they are no longer
      // known either, the copy has what was read; the next `refresh` continues from the first page.
      const isDone = parts.length === 1 ? !first.more : first.full && wasFull;
      if (isDone && this.place !== undefined) return this.copy;
      wasFull = first.full;
    }
  }
}
