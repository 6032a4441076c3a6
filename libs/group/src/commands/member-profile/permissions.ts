import { ADMINS, MEMBERS, SERVICES, type Permissions } from '../../permission';

export const memberProfile = {
  setDisplayName: { by: MEMBERS, forOthers: ADMINS },
  setMuteMode: { by: MEMBERS, forOthers: SERVICES },
  setPushMode: { by: MEMBERS, forOthers: SERVICES },
  setMemberExtra: { by: MEMBERS, forOthers: ADMINS },
} satisfies Permissions;
