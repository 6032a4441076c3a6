import type { SyncedGroup } from '@cohort/contracts';

/** One group's command on the way to the list that is wanted. */
export type Step =
  | { readonly kind: 'join'; readonly groupId: string; readonly name: string }
  | { readonly kind: 'leave'; readonly groupId: string };

export interface Wanted {
  readonly groups: readonly SyncedGroup[];
  /** Groups that can't be joined: not asked for again. */
  readonly skipped: ReadonlySet<string>;
  /**
   * Whether names count. Only the first look of a sync takes names over: a name is everybody's, so that two users who
   * sync another name for one group would otherwise rename it for ever.
   */
  readonly names: boolean;
}

/** What still has to be done when a user is in these groups (id to name): nothing when the lists are equal. */
export function plan({ groups, skipped, names }: Wanted, actual: ReadonlyMap<string, string>): Step[] {
  const wanted = new Set(groups.map(({ groupId }) => groupId));
  const joins = groups
    .filter(({ groupId }) => !skipped.has(groupId))
    .filter(({ groupId, name }) => (names ? actual.get(groupId) !== name : !actual.has(groupId)))
    .map(({ groupId, name }): Step => ({ kind: 'join', groupId, name }));
  const leaves = [...actual.keys()]
    .filter((groupId) => !wanted.has(groupId))
    .map((groupId): Step => ({ kind: 'leave', groupId }));
  return [...joins, ...leaves];
}
