import { groupStream } from '@cohort/contracts';
import type { GroupState } from '@cohort/group';
import type { Journal } from './journal';
import { APP, BAN_GROUPS } from './plan';

/** Users whose last request to be banned or unbanned in all their groups is not what their groups show. */
export function bansInAllGroupsWrong(groups: ReadonlyMap<string, GroupState>, journal: Journal): string[] {
  return [...journal.banned].flatMap(([userId, { kind }]) =>
    BAN_GROUPS.flatMap((groupId) => {
      const state = groups.get(groupStream(APP, groupId));
      const isBanned = state?.status === 'live' && state.bans.banned.has(userId);
      return isBanned === (kind === 'ban') ? [] : [`${groupId}: after a ${kind}, ${userId} is banned: ${isBanned}`];
    }),
  );
}
