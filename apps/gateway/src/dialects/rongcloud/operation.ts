import { CohortError, type CommandAnswer, type GroupCommandAnswer } from '@cohort/contracts';
import { form } from '../../dialect/body';
import type { Call } from '../../dialect/call';
import type { Caller } from '../../dialect/caller';
import { operationOf } from '../../dialect/operation';
import type { Form } from '../../dialect/form';
import { RongCloudError, tooMany } from './errors';
import { noticeOf, type GivenNotice } from './notice';
import type { RongCloudSettings } from './settings';

/** A row of this dialect: its body is read as a form, with any `Content-Type`. */
export const operation = operationOf<RongCloudSettings, Form>(form(tooMany));

/** The vendor reports success where nothing is left to change: the group doesn't exist, was dismissed or erased. */
export const GONE = ['GROUP_NOT_FOUND', 'GROUP_DISMISSED', 'DATA_ERASED'] as const;

/** The vendor's create and join both create an unknown group, and join the users to a live one. */
export const createOrJoin = async ({
  as,
  input: { groupId, groupName: name, userId: userIds, ...given },
  call,
}: {
  readonly as: Caller;
  readonly input: GivenNotice & {
    readonly groupId: string;
    readonly groupName: string | undefined;
    readonly userId: string[];
  };
  readonly call: Call<RongCloudSettings, Form>;
}): Promise<CommandAnswer<'createOrJoin'>> => {
  const capacity = call.tenant.settings.groupCapacity;
  const answer = await as.command('createOrJoin', { groupId, name, userIds, capacity, ...noticeOf(given) });
  mustAcceptAll(answer, 'the others joined');
  return answer;
};

/** The vendor's answer is about the call as a whole, so the first user that the group refuses is its error. */
export function mustAcceptAll(answer: Pick<GroupCommandAnswer, 'results'> | undefined, others: string): void {
  const refused = answer?.results?.find(({ ok }) => !ok);
  if (refused?.code === undefined) return;
  const why = refused.code === 'NOT_A_MEMBER' ? ', who is no member' : '';
  throw new CohortError(refused.code, `The group refuses user ${refused.userId}${why}; ${others}.`);
}

/** Longest wait for what the worker carries out, in milliseconds. What takes longer continues. */
const WORKER_BOUND_MS = 10_000;
/** The wait of a query that waits for the worker, and how much longer its answer may take. */
export const WAIT = {
  ...{ waitMs: WORKER_BOUND_MS },
  options: { timeoutMs: WORKER_BOUND_MS + 2_000 },
} as const;

/** Resolves when the worker has carried the request out, and every query node shows it. */
export async function untilCarriedOut(
  as: Caller,
  what: string,
  { completed, position }: { readonly completed: boolean; readonly position: string },
): Promise<void> {
  if (!completed) throw new RongCloudError(1050, `the ${what} was accepted and is still being carried out`);
  await as.service.untilVisible(position);
}
