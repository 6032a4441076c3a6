import type { UserResult } from '@cohort/contracts';
import type { Caller } from '../../dialect/caller';
import { profilesOf } from './results';

interface Answered {
  readonly results?: readonly UserResult[];
}

/**
 * Sends a command that names users, for the members among them. The vendor refuses the others, where the command alone would
 * take some of them.
 */
export async function ofMembers(
  as: Caller,
  groupId: string,
  userIds: string[],
  command: (members: string[]) => Promise<Answered>,
): Promise<Required<Answered>> {
  const strangers = await strangersAmong(as, groupId, userIds);
  const members = userIds.filter((userId) => !strangers.includes(userId));
  const { results = [] } = members.length === 0 ? {} : await command(members);
  const byUser = new Map(results.map((result) => [result.userId, result]));
  return { results: userIds.map((userId) => byUser.get(userId) ?? { userId, ok: false, code: 'NOT_A_MEMBER' }) };
}

/** Those of these users who aren't members. */
export async function strangersAmong(as: Caller, groupId: string, userIds: string[]): Promise<readonly string[]> {
  const { missing } = await profilesOf(as, groupId, userIds);
  return missing;
}
