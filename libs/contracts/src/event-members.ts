import { MAX_MEMBERS_PER_EVENT } from './event';
import { isId } from './ids';
import { isRecord, listOf, type Check } from './shape';

/** The members that one event names. */
export const members: Check = listOf(
  MAX_MEMBERS_PER_EVENT,
  (value) => isRecord(value) && isId(value.userId) && Object.keys(value).length === 1,
);
