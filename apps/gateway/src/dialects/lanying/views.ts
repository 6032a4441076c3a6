import type { GroupView, MemberView } from '@cohort/contracts';
import type { Schema } from '../../dialect/fields';
import { ms } from './envelope';
import type { Ids } from './ids';

export const INT64: Schema = { type: 'integer', format: 'int64' };
export const STRING: Schema = { type: 'string' };
export const INTEGER: Schema = { type: 'integer' };

/** The schema of an object whose fields are all present. */
export const object = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});

export const MEMBER: Schema = object({ user_id: INT64, display_name: STRING, join_time: INT64 });
export const MEMBER_EXAMPLE = { user_id: 20, display_name: '', join_time: 1790000000000 };

/** A member of a group. */
export const member = (
  { userId, joinedAt, displayName = '' }: Pick<MemberView, 'userId' | 'joinedAt' | 'displayName'>,
  ids: Ids,
) => ({
  user_id: ids.user(userId),
  display_name: displayName,
  join_time: ms(joinedAt),
});

/** The vendor's number for a group's state: a disabled group exists. */
export const STATUS: Readonly<Record<GroupView['status'], number>> = { live: 0, disabled: 0, dismissed: 1 };
