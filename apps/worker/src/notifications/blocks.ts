import { idsOf, notice, type Rules } from './rule';

export const blocks: Rules<'blocked' | 'unblocked'> = {
  /** A member among them is also notified of `kicked`. */
  blocked: ({ users }) => notice('blocked', idsOf(users), {}),

  unblocked: ({ users }) => notice('unblocked', idsOf(users), {}),
};
