import { ownerElse, type Permissions } from '../../permission';

export const roles = {
  transfer: { by: ownerElse('OWNER_ONLY') },
  grantAdmins: { by: ownerElse('OWNER_ONLY') },
  revokeAdmins: { by: ownerElse('OWNER_ONLY') },
} satisfies Permissions;
