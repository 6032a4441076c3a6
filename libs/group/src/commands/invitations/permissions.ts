import { ADMINS, ANYBODY, FOR_ONESELF, MEMBERS, SERVICES, type Permissions } from '../../permission';

export const invitations = {
  invite: { by: ADMINS, under: [{ settings: { membersMayInvite: true }, by: MEMBERS }] },
  handleInvitation: FOR_ONESELF,
  // The decider looks at who made each invitation.
  withdrawInvitations: { by: ANYBODY },
  expireInvitations: { by: SERVICES },
} satisfies Permissions;
