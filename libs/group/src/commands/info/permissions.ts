import { ADMINS, type Permissions } from '../../permission';

export const info = {
  changeInfo: { by: ADMINS },
} satisfies Permissions;
