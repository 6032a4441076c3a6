import type { GroupCommandData } from '@cohort/contracts';
import { accept, type DecideContext, type Decision } from '../../decision';
import { applicationApproved, applicationDeclined, pendingApplication } from '../../facts/applications';
import { mustNotBeBlocked } from '../../facts/blocks';
import { usersJoin } from '../../facts/joining';
import { actingUser } from '../../facts/members';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** An admin approves or declines a pending application. An approved applicant is a member. */
export function handleApplication(
  { actor, userId, approve }: GroupCommandData<'handleApplication'>,
  group: LiveGroup,
  { at }: DecideContext,
): Decision {
  const forbidden = mustBeAllowed('handleApplication', actor, group);
  if (forbidden) return forbidden;
  const application = pendingApplication(group, userId, at);
  if ('ok' in application) return application;

  const by = actingUser(actor);
  if (!approve) return accept([applicationDeclined(userId, application.number, by)]);
  return (
    mustNotBeBlocked(group, userId) ??
    usersJoin(group, [userId], 'application', { by, before: [applicationApproved(userId, application.number, by)] })
  );
}
