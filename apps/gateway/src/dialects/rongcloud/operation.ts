import type { CommandAnswer } from '@cohort/contracts';
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
export const createOrJoin = ({
  as,
  input: { groupId, groupName: name, userId: userIds },
  call,
}: {
  readonly as: Caller;
  readonly input: { readonly groupId: string; readonly groupName: string | undefined; readonly userId: string[] };
  readonly call: Call<RongCloudSettings, Form>;
}): Promise<CommandAnswer<'createOrJoin'>> =>
  as.command('createOrJoin', { groupId, name, userIds, capacity: call.tenant.settings.groupCapacity });
