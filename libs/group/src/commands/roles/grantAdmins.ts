import type { ErrorCode, GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type DecideContext, type Decision } from '../../decision';
import { adminsChanged } from '../../facts/admins';
import { mustBeAllowed } from '../../permissions';
import { roleOf, type LiveGroup } from '../../state';

/** Makes members admins, in the given order, up to the tenant's cap. */
export function grantAdmins(
  { actor, ...data }: GroupCommandData<'grantAdmins'>,
  group: LiveGroup,
  { maxAdmins }: DecideContext,
): Decision {
  const forbidden = mustBeAllowed('grantAdmins', actor, group);
  if (forbidden) return forbidden;

  const userIds = distinct(data.userIds);
  const refused = new Map<string, ErrorCode>();
  const rising: string[] = [];
  for (const userId of userIds) {
    const role = roleOf(group, userId);
    if (role === undefined) refused.set(userId, 'NOT_A_MEMBER');
    else if (role === 'owner') refused.set(userId, 'OWNER_CANNOT_BE_ADMIN');
    else if (role === 'member') {
      if (group.roles.admins.size + rising.length < maxAdmins) rising.push(userId);
      else refused.set(userId, 'ADMIN_CAP_REACHED');
    }
  }
  return accept(adminsChanged('adminGranted', rising), resultsOf(userIds, refused));
}
