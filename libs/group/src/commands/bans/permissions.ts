import { ADMINS, nobodyElse, ownerElse, SERVICES, type Permissions } from '../../permission';

export const bans = {
  ban: {
    by: ADMINS,
    to: {
      owner: { ...nobodyElse('OWNER_CANNOT_BE_BANNED'), service: 'allowed' },
      admin: ownerElse('ADMIN_CANNOT_BE_BANNED'),
    },
  },
  unban: { by: ADMINS, to: { owner: ownerElse('OWNER_ONLY'), admin: ownerElse('OWNER_ONLY') } },
  banAll: { by: ADMINS },
  unbanAll: { by: ADMINS },
  allowToSpeak: { by: ADMINS },
  disallowToSpeak: { by: ADMINS },
  expireBans: { by: SERVICES },
  expireBanAll: { by: SERVICES },
} satisfies Permissions;
