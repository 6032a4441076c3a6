import type { GroupEvent } from '@cohort/contracts';
import { portions } from './members';

/** The users, all of them members, become admins, or plain members again. */
export const adminsChanged = (type: 'adminGranted' | 'adminRevoked', userIds: readonly string[]): GroupEvent[] =>
  portions(userIds).map((portion) => ({ type, data: { members: portion.map((userId) => ({ userId })) } }));
