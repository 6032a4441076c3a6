import { ADMINS, FOR_ONESELF, nobodyElse, ownerElse, type Permissions } from '../../permission';

export const membership = {
  addMembers: { by: ADMINS },
  join: FOR_ONESELF,
  kick: {
    by: ADMINS,
    to: { owner: nobodyElse('OWNER_CANNOT_BE_KICKED'), admin: ownerElse('ADMIN_CANNOT_BE_KICKED') },
  },
  leave: FOR_ONESELF,
  leaveMany: FOR_ONESELF,
} satisfies Permissions;
