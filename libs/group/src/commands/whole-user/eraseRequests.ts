import type { GroupCommandData } from '@cohort/contracts';
import { accept, type Decision } from '../../decision';
import { applicationWithdrawn } from '../../facts/applications';
import { invitationsOf, invitationsWithdrawn } from '../../facts/invitations';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Invitations of one command: their events fit into one append, whatever the ids are. */
const MOST_INVITATIONS = 2_500;

/** What an erased user asked of the group and its users, and was asked, is withdrawn. */
export function eraseRequests({ actor, userId }: GroupCommandData<'eraseRequests'>, group: LiveGroup): Decision {
  const application = group.applications.pending.get(userId);
  return (
    mustBeAllowed('eraseRequests', actor, group) ??
    accept([
      ...(application === undefined ? [] : [applicationWithdrawn(userId, application.number)]),
      ...invitationsWithdrawn(invitationsOf(group, userId).slice(0, MOST_INVITATIONS)),
    ])
  );
}
