import { PAGE, type MemberView, type Position, type QueryAnswers } from '@cohort/contracts';
import type { CallOptions, CohortClient } from './cohort-client';
import { everyPage } from './every-page';

/** A group as a user has it in the list of his groups. */
export type JoinedGroupView = QueryAnswers['userGroups']['groups'][number];

/** An answer's place in time: what has changed since is asked with it. */
type Place = { readonly basis: string } & ({ readonly sinceRevision: string } | { readonly sincePosition: Position });

/** An answer about any of the lists. */
type Part<E> = { readonly entries: readonly E[]; readonly place: Place } & Pick<
  QueryAnswers['members'],
  'full' | 'cursor' | 'removed' | 'more'
>;

type Ask<E> = (
  goingOn: { readonly after?: Position } | { readonly cursor: string },
  options: CallOptions,
) => Promise<Part<E>>;

/** A copy of a list, which is brought up to date by what has changed in the list (docs/lists.md). */
export class Mirror<E> {
  private readonly copy = new Map<string, E>();
  private place?: Place;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly ask: Ask<E>,
    private readonly idOf: (entry: E) => string,
  ) {}

  /** By user id or group id; empty before the first `refresh`. Always the same map, which each `refresh` changes. */
  get entries(): ReadonlyMap<string, E> {
    return this.copy;
  }

  /**
   * Brings the copy up to date, as query nodes have the list that have seen `after`. Of two calls the second waits for the
   * first. After an error the copy is no worse than before, and the next call goes on from there. `GROUP_DISMISSED` stays.
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
      // Pages of two versions of the service are nothing to go on from.
      this.place = parts.every(({ place }) => place.basis === first.place.basis) ? first.place : undefined;
      // Reading many pages takes its time: the next turn asks for what has changed meanwhile.
      if (parts.length === 1 && !first.more) return this.copy;
    }
  }
}

/** A copy of a group's members, by user id. */
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

/** A copy of the groups a user is in, by group id. */
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
