import { PAGE, type MemberView, type Position, type QueryAnswers } from '@cohort/contracts';
import type { CallOptions, CohortClient } from './cohort-client';
import { everyPage } from './every-page';

/** An entry of a user's list of groups. */
export type JoinedGroupView = QueryAnswers['userGroups']['groups'][number];

/** The place of an answer in time, sent with the next query to get the changes since then. */
type Place = { readonly basis: string } & ({ readonly sinceRevision: string } | { readonly sincePosition: Position });

/** An answer of any list query. */
type Part<E> = { readonly entries: readonly E[]; readonly place: Place } & Pick<
  QueryAnswers['members'],
  'full' | 'cursor' | 'removed' | 'more'
>;

type Ask<E> = (
  goingOn: { readonly after?: Position } | { readonly cursor: string },
  options: CallOptions,
) => Promise<Part<E>>;

/** A local copy of a list. Each `refresh` reads only the changes since the last one (docs/lists.md). */
export class Mirror<E> {
  private readonly copy = new Map<string, E>();
  private place?: Place;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly ask: Ask<E>,
    private readonly idOf: (entry: E) => string,
  ) {}

  /** Entries by user id or group id, empty before the first `refresh`. It is always the same map; `refresh` changes it. */
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
    for (;;) {
      const parts = await everyPage((cursor) =>
        this.ask(cursor === undefined ? { ...after, ...this.place } : { cursor }, options),
      );
      const [first] = parts;
      if (first.full) this.copy.clear();
      for (const { entries, removed = [] } of parts) {
        for (const id of removed) this.copy.delete(id);
        for (const entry of entries) this.copy.set(this.idOf(entry), entry);
      }
      // Pages from two versions of the service can't be combined, so the next turn reads the whole list.
      this.place = parts.every(({ place }) => place.basis === first.place.basis) ? first.place : undefined;
      // Many pages take some time to read. The next turn reads the changes that happened meanwhile.
      if (parts.length === 1 && !first.more) return this.copy;
    }
  }
}

/** Creates a copy of a group's members, by user id. */
export function mirrorMembers(
  client: Pick<CohortClient, 'query'>,
  group: { readonly app: string; readonly groupId: string },
): Mirror<MemberView> {
  return new Mirror<MemberView>(
    async (goingOn, options) => {
      const answer = await client.query('members', { ...group, limit: PAGE.maxLimit, ...goingOn }, options);
      const { members, revision, basis } = answer;
      return { ...answer, entries: members, place: { sinceRevision: revision, basis } };
    },
    ({ userId }) => userId,
  );
}

/** Creates a copy of a user's groups, by group id. */
export function mirrorUserGroups(
  client: Pick<CohortClient, 'query'>,
  user: { readonly app: string; readonly userId: string },
): Mirror<JoinedGroupView> {
  return new Mirror<JoinedGroupView>(
    async (goingOn, options) => {
      const answer = await client.query('userGroups', { ...user, limit: PAGE.maxLimit, ...goingOn }, options);
      const { groups, position, basis } = answer;
      return { ...answer, entries: groups, place: { sincePosition: position, basis } };
    },
    ({ groupId }) => groupId,
  );
}
