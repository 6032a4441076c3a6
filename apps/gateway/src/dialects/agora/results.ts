import { CohortError, type Actor, type QueryAnswers, type UserResult } from '@cohort/contracts';
import type { Caller } from '../../dialect/caller';
import { reasonOf } from './errors';
import { BOOLEAN, object, STRING } from './views';

/** Users that most calls may name. */
export const MOST = 60;

interface Answered {
  readonly results?: readonly UserResult[];
}

/** Throws the error of the first user of a command that has one. */
export function mustSucceed({ results = [] }: Answered): void {
  const failed = results.find(({ ok }) => !ok);
  if (failed?.code !== undefined) throw new CohortError(failed.code, failed.code, { userIds: [failed.userId] });
}

/** Throws the first error of a command that fails for all of its users. */
export function mustDoSome(answer: Answered): void {
  if (!answer.results?.some(({ ok }) => ok)) mustSucceed(answer);
}

/** What was done to one user, as the answers of most calls have it. SDKs read the group's id by either name. */
export const done = (action: string, user: string, groupId: string) => ({
  ...{ result: true, action, user, groupid: groupId, id: groupId },
});

export const DONE = object({ result: BOOLEAN, action: STRING, user: STRING, groupid: STRING, id: STRING });

/** The entry of each user that a command names. One that fails has the reason. */
export const entries = (answer: Answered, action: string, groupId: string, actor: Actor): object[] =>
  entriesOf(answer, groupId, actor, (userId) => done(action, userId, groupId));

/** The same with the fields of `of`, beside result and reason. */
export function entriesOf(
  { results = [] }: Answered,
  groupId: string,
  actor: Actor,
  of: (userId: string) => object,
): object[] {
  const actorId = actor.type === 'user' ? actor.id : undefined;
  return results.map(({ userId, ok, code }) => ({
    ...{ result: true, ...of(userId) },
    ...(ok ? {} : { result: false, reason: reasonOf(code ?? 'INTERNAL', { groupId, userId, actorId }) }),
  }));
}

/** What an entry of a block or of the allow-list has of its user: with `version=v3` the user alone. */
export const entryOf = (action: string, groupid: string, version: string | undefined) => (user: string) =>
  version === 'v3' ? { user } : { action, user, groupid };

export const ENTRY = object({ result: BOOLEAN, action: STRING, user: STRING, groupid: STRING });
export const entryExample = (action: string) => ({ result: true, action, user: 'u2', groupid: '2306414607729' });

/** Members among some users with their own data, and the ids of the others. */
export async function profilesOf(
  as: Caller,
  groupId: string,
  userIds: string[],
): Promise<QueryAnswers['memberProfiles']> {
  try {
    return await as.query('memberProfiles', { groupId, userIds });
  } catch (error) {
    // Members with much data may be too large together: then they are asked for in halves.
    if (!(error instanceof CohortError) || error.code !== 'TOO_LARGE' || userIds.length < 2) throw error;
    const half = userIds.length >> 1;
    const [first, second] = [
      await profilesOf(as, groupId, userIds.slice(0, half)),
      await profilesOf(as, groupId, userIds.slice(half)),
    ];
    return { profiles: [...first.profiles, ...second.profiles], missing: [...first.missing, ...second.missing] };
  }
}
