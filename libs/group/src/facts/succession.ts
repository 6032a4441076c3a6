import type { Actor, GroupEvent, OwnerPolicy, Succession } from '@cohort/contracts';
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
      const succeeded = ownerSucceeded(group, going, policy);
      return succeeded === undefined ? dismissedByLeaving : [succeeded, ...left];
    }
  }
}

/** The owner, who is among those that go, has a successor; undefined if nobody stays. */
export function ownerSucceeded(group: LiveGroup, going: ReadonlySet<string>, by: Succession): GroupEvent | undefined {
  const to = (by === 'oldestAdmin' ? oldestAdmin(group, going) : undefined) ?? oldestMember(group, going);
  if (to === undefined) return undefined;
  return { type: 'ownerTransferred', data: { from: group.roles.owner, to, reason: 'ownerLeft' } };
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
