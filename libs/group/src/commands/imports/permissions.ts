import { SERVICES, type Permissions } from '../../permission';

export const imports = {
  importGroup: { by: SERVICES },
  importMembers: { by: SERVICES },
  completeImport: { by: SERVICES },
} satisfies Permissions;
