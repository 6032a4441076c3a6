import { ADMINS, type Permissions } from '../../permission';

export const settings = {
  changeSettings: { by: ADMINS },
  changeCapacity: { by: ADMINS },
} satisfies Permissions;
