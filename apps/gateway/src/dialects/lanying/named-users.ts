import type { UserResult } from '@cohort/contracts';
import { randomUUID } from 'node:crypto';
import type { NamedUser } from './ids';

/** The result for one entry of `user_list`. `userId` is absent for an alias that nobody has. */
export type EntryResult = Pick<UserResult, 'ok' | 'code'> & { readonly number: string; readonly userId?: string };

interface Answered {
  readonly results?: readonly UserResult[];
}

/**
 * Sends a command on the users of a list. An alias that nobody has is a failed entry of its own, as a user is whom the
 * tenant's directory doesn't know. If the list has no others, `onNobody` is sent in place of the command: it changes
 * nothing, and is refused as the command would be. Its default is the command on a user who can be in no group.
 */
export async function toEach(
  users: readonly NamedUser[],
  command: (userIds: string[]) => Promise<Answered>,
  onNobody: (nobody: string) => Promise<unknown> = (nobody) => command([nobody]),
): Promise<EntryResult[]> {
  const known = users.flatMap(({ userId }) => (userId === undefined ? [] : [userId]));
  if (known.length === 0) await onNobody(randomUUID());
  const { results = [] } = known.length === 0 ? {} : await command(known);
  const byUser = new Map(results.map((result) => [result.userId, result]));
  return users.map(({ number, userId }): EntryResult => {
    const result = userId === undefined ? undefined : byUser.get(userId);
    return result === undefined ? { number, ok: false, code: 'USER_UNKNOWN' } : { number, ...result };
  });
}
