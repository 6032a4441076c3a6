import { ADMINS, FOR_ONESELF, type Permissions } from '../../permission';

export const joinKeys = {
  changeJoinKey: { by: ADMINS },
  joinByCode: FOR_ONESELF,
} satisfies Permissions;
