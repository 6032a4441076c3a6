import type { Actor, GroupEvent, OwnerPolicy } from '@cohort/contracts';
import type { LiveGroup } from '../state';
import { memberCount, membersAmong, membersGone } from './members';

const dismissedByLeaving: readonly GroupEvent[] = [{ type: 'dismissed', data: { reason: 'ownerLeft', threads: true } }];

/**
 * Events for users that leave together: none of them becomes owner, and a group without remaining members is dismissed.
 * `undefined` when the owner is among them and the policy refuses it.
 */
export function membersLeft(
  group: LiveGroup,
  userIds: readonly string[],
  policy: OwnerPolicy,
  sync?: number,
): readonly GroupEvent[] | undefined {
  const going = new Set(membersAmong(group, userIds));
  const left = membersGone('memberLeft', [...going], memberCount(group), sync);
  const { owner } = group.roles;
  if (!going.has(owner)) return left;
  switch (policy) {
    case 'refuse':
      return undefined;
    case 'dismiss':
      return dismissedByLeaving;
    case 'oldestAdmin':
    case 'oldestMember': {
      const to = (policy === 'oldestAdmin' ? oldestAdmin(group, going) : undefined) ?? oldestMember(group, going);
      if (to === undefined) return dismissedByLeaving;
      return [{ type: 'ownerTransferred', data: { from: owner, to, reason: 'ownerLeft' } }, ...left];
    }
  }
}

/** The policy in force: a service may choose one for its command; for a user the tenant's holds. */
export const policyOf = (
  { actor, ownerPolicy }: { actor: Actor; ownerPolicy?: OwnerPolicy },
  context: { ownerPolicy: OwnerPolicy },
): OwnerPolicy => (actor.type === 'service' ? ownerPolicy : undefined) ?? context.ownerPolicy;

const oldestAdmin = ({ membership, roles }: LiveGroup, going: ReadonlySet<string>): string | undefined =>
  oldest(
    [...roles.admins].map((userId) => [userId, membership.members.get(userId) ?? Infinity]),
    going,
  );

const oldestMember = ({ membership }: LiveGroup, going: ReadonlySet<string>): string | undefined =>
  oldest(membership.members, going);

/** The user that joined first, of those that stay. */
function oldest(members: Iterable<[userId: string, seq: number]>, going: ReadonlySet<string>): string | undefined {
  let first: { userId: string; seq: number } | undefined;
  for (const [userId, seq] of members) {
    if (!going.has(userId) && (first === undefined || seq < first.seq)) first = { userId, seq };
  }
  return first?.userId;
}
