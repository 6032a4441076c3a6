import { ADMINS, nobodyElse, ownerElse, type Permissions } from '../../permission';

export const blocks = {
  block: {
    by: ADMINS,
    to: { owner: nobodyElse('OWNER_CANNOT_BE_BLOCKED'), admin: ownerElse('ADMIN_CANNOT_BE_BLOCKED') },
  },
  unblock: { by: ADMINS },
} satisfies Permissions;
