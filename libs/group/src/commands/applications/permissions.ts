import { ADMINS, FOR_ONESELF, SERVICES, type Permissions } from '../../permission';

export const applications = {
  apply: FOR_ONESELF,
  handleApplication: { by: ADMINS },
  withdrawApplication: FOR_ONESELF,
  expireApplications: { by: SERVICES },
} satisfies Permissions;
