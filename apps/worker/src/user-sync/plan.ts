import type { SyncedGroup } from '@cohort/contracts';

/** One group's command on the way to the wanted list. */
export type Step =
  | { readonly kind: 'join'; readonly groupId: string; readonly name: string }
  | { readonly kind: 'leave'; readonly groupId: string }
  /** What the user asked for, and was asked, is withdrawn. */
  | { readonly kind: 'withdraw'; readonly groupId: string };

export interface Wanted {
  readonly groups: readonly SyncedGroup[];
  /** Groups that can be neither joined nor left: no further attempt is made. */
  readonly skipped: ReadonlySet<string>;
  /**
   * Whether names are compared. Only the first look of a sync applies names: all members share a group's name, and two
   * users who sync different names for one group would otherwise rename it for ever.
   */
  readonly names: boolean;
}

/**
 * The steps from the user's actual groups (id to name) to the wanted list; none when both are equal. `requests`: the groups in
 * which something is to be withdrawn.
 */
export function plan(
  { groups, skipped, names }: Wanted,
  actual: ReadonlyMap<string, string>,
  requests: readonly string[] = [],
): Step[] {
  const wanted = new Set(groups.map(({ groupId }) => groupId));
  const joins = groups
    .filter(({ groupId }) => !skipped.has(groupId))
    .filter(({ groupId, name }) => (names ? actual.get(groupId) !== name : !actual.has(groupId)))
    .map(({ groupId, name }): Step => ({ kind: 'join', groupId, name }));
  const leaves = [...actual.keys()]
    .filter((groupId) => !wanted.has(groupId) && !skipped.has(groupId))
    .map((groupId): Step => ({ kind: 'leave', groupId }));
  const withdrawals = requests
    .filter((groupId) => !skipped.has(groupId))
    .map((groupId): Step => ({ kind: 'withdraw', groupId }));
  return [...joins, ...leaves, ...withdrawals];
}
