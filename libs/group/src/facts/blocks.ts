import type { ErrorCode } from '@cohort/contracts';
import { refuse, type Refused } from '../decision';
import type { LiveGroup } from '../state';

/** Those of the users whom the group blocks, each with the code that refuses them: nothing makes them members. */
export const blockedAmong = ({ blocks }: LiveGroup, userIds: readonly string[]): Map<string, ErrorCode> =>
  new Map(userIds.filter((userId) => blocks.blocked.has(userId)).map((userId) => [userId, 'USER_BLOCKED']));

/** A refusal when the group blocks the user. */
export function mustNotBeBlocked({ blocks }: LiveGroup, userId: string): Refused | undefined {
  if (!blocks.blocked.has(userId)) return undefined;
  return refuse('USER_BLOCKED', `The group blocks user ${userId}, who can't become a member.`, { userId });
}
