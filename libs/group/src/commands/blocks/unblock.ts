import type { GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type Decision } from '../../decision';
import { usersNamed } from '../../facts/members';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Lifts the blocks of users. They don't become members by that. */
export function unblock({ actor, ...data }: GroupCommandData<'unblock'>, group: LiveGroup): Decision {
  const userIds = distinct(data.userIds);
  const unblocked = userIds.filter((userId) => group.blocks.blocked.has(userId));
  return (
    mustBeAllowed('unblock', actor, group) ?? accept(usersNamed('unblocked', unblocked), resultsOf(userIds, new Map()))
  );
}
