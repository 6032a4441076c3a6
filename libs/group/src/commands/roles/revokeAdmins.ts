import type { GroupCommandData } from '@cohort/contracts';
import { accept, distinct, resultsOf, type Decision } from '../../decision';
import { adminsChanged } from '../../facts/admins';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Makes admins plain members; other users stay as they are. */
export function revokeAdmins({ actor, ...data }: GroupCommandData<'revokeAdmins'>, group: LiveGroup): Decision {
  const userIds = distinct(data.userIds);
  const falling = userIds.filter((userId) => group.roles.admins.has(userId));
  return (
    mustBeAllowed('revokeAdmins', actor, group) ??
    accept(adminsChanged('adminRevoked', falling), resultsOf(userIds, new Map()))
  );
}
