import { CohortError, type CommandAnswer } from '@cohort/contracts';
import { form } from '../../dialect/body';
import type { Call } from '../../dialect/call';
import type { Caller } from '../../dialect/caller';
import { operationOf } from '../../dialect/operation';
import type { Form } from '../../dialect/form';
import { tooMany } from './errors';
import type { RongCloudSettings } from './settings';

/** A row of this dialect: its body is read as a form, with any `Content-Type`. */
export const operation = operationOf<RongCloudSettings, Form>(form(tooMany));

/** The vendor reports success where nothing is left to change: the group doesn't exist, was dismissed or erased. */
export const GONE = ['GROUP_NOT_FOUND', 'GROUP_DISMISSED', 'DATA_ERASED'] as const;

/** The vendor's create and join both create an unknown group, and join the users to a live one. */
export const createOrJoin = async ({
  as,
  input: { groupId, groupName: name, userId: userIds },
  call,
}: {
  readonly as: Caller;
  readonly input: { readonly groupId: string; readonly groupName: string | undefined; readonly userId: string[] };
  readonly call: Call<RongCloudSettings, Form>;
}): Promise<CommandAnswer<'createOrJoin'>> => {
  const capacity = call.tenant.settings.groupCapacity;
  const answer = await as.command('createOrJoin', { groupId, name, userIds, capacity });
  // The vendor's answer is about the call as a whole.
  const refused = answer.results?.find(({ ok }) => !ok);
  if (refused?.code === undefined) return answer;
  throw new CohortError(refused.code, `The group refuses user ${refused.userId}; the others joined.`);
};
