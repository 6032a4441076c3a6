import type { Actor, ErrorCode, GroupCommandData } from '@cohort/contracts';
import { accept, distinct, mustBeAdmin, resultsOf, type Decision } from '../decision';
import { go, present } from '../members';
import { roleOf, type LiveGroup } from '../state';

/** Users are put out; who may not be stays, and the others go. */
export function kick({ actor, ...data }: GroupCommandData<'kick'>, group: LiveGroup): Decision {
  const forbidden = mustBeAdmin(actor, group);
  if (forbidden) return forbidden;

  const userIds = distinct(data.userIds);
  const refused = new Map<string, ErrorCode>();
  for (const userId of userIds) {
    const code = protection(userId, actor, group);
    if (code !== undefined) refused.set(userId, code);
  }
  const going = present(group, userIds).filter((userId) => !refused.has(userId));
  return accept(go('memberKicked', going, group.members.size), resultsOf(userIds, refused));
}

/** Why the actor can't put this user out. */
function protection(userId: string, actor: Actor, group: LiveGroup): ErrorCode | undefined {
  switch (roleOf(group, userId)) {
    case 'owner':
      return 'OWNER_CANNOT_BE_KICKED';
    case 'admin':
      return actor.type === 'user' && actor.id !== group.owner ? 'ADMIN_CANNOT_BE_KICKED' : undefined;
    case 'member':
    case undefined:
      return undefined;
  }
}
