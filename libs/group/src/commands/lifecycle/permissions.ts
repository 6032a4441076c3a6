import { FOR_ONESELF, ownerElse, SERVICES, type Permissions } from '../../permission';

export const lifecycle = {
  create: FOR_ONESELF,
  createOrJoin: { by: SERVICES },
  disable: { by: SERVICES },
  enable: { by: SERVICES },
  dismiss: { by: ownerElse('OWNER_ONLY') },
} satisfies Permissions;
