import type { GroupEvent, OwnerPolicy, Role } from '@cohort/contracts';
import { go, present } from './members';
import type { LiveGroup } from './state';

/**
 * What happens when these users leave at once: none of them becomes owner on the way, and when nobody remains the group
 * ends. `undefined` when the owner is among them and the policy refuses it.
 */
export function leaving(
  group: LiveGroup,
  userIds: readonly string[],
  policy: OwnerPolicy,
  sync?: number,
): readonly GroupEvent[] | undefined {
  const going = new Set(present(group, userIds));
  const left = go('memberLeft', [...going], group.members.size, sync);
  if (!going.has(group.owner)) return left;
  switch (policy) {
    case 'refuse':
      return undefined;
    case 'dismiss':
      return [{ type: 'dismissed', data: { reason: 'ownerLeft' } }];
    case 'oldestAdmin':
    case 'oldestMember': {
      const to = (policy === 'oldestAdmin' ? oldest(group, going, 'admin') : undefined) ?? oldest(group, going);
      if (to === undefined) return [{ type: 'dismissed', data: { reason: 'ownerLeft' } }];
      return [{ type: 'ownerTransferred', data: { from: group.owner, to, reason: 'ownerLeft' } }, ...left];
    }
  }
}

/** Who joined first, of those who stay (and have the role, when one is given). */
function oldest(group: LiveGroup, going: ReadonlySet<string>, role?: Role): string | undefined {
  let found: { userId: string; seq: number } | undefined;
  for (const [userId, member] of group.members) {
    if (going.has(userId) || (role !== undefined && member.role !== role)) continue;
    if (found === undefined || member.seq < found.seq) found = { userId, seq: member.seq };
  }
  return found?.userId;
}
