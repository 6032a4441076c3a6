import { ADMINS, ANYBODY, FOR_ONESELF, MEMBERS, nobodyElse, ownerElse, type Permissions } from '../../permission';

export const membership = {
  // With `inviteNeedsConfirm`, a user whom a member brings in decides themselves: by `invite`.
  addMembers: {
    by: ADMINS,
    under: [{ settings: { membersMayInvite: true, inviteNeedsConfirm: false }, by: MEMBERS }],
  },
  join: {
    ...FOR_ONESELF,
    by: { ...ANYBODY, stranger: 'INVITATION_ONLY' },
    under: [
      { settings: { visibility: 'chatroom' }, by: ANYBODY },
      { settings: { visibility: 'public', joinPolicy: 'open' }, by: ANYBODY },
      { settings: { visibility: 'public', joinPolicy: 'approval' }, by: { ...ANYBODY, stranger: 'APPROVAL_NEEDED' } },
    ],
  },
  kick: {
    by: ADMINS,
    to: { owner: nobodyElse('OWNER_CANNOT_BE_KICKED'), admin: ownerElse('ADMIN_CANNOT_BE_KICKED') },
  },
  leave: FOR_ONESELF,
  leaveMany: FOR_ONESELF,
} satisfies Permissions;
