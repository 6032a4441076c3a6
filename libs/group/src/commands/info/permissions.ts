import { ADMINS, MEMBERS, type Permissions } from '../../permission';

export const info = {
  changeInfo: { by: ADMINS, under: [{ settings: { membersMayModify: true }, by: MEMBERS }] },
} satisfies Permissions;
