import { ANYBODY, MEMBERS, type Permission, type Permissions } from '../../permission';

/** "For another user": of a file that another user shared. */
const UPLOADER_OR_ADMINS = {
  by: MEMBERS,
  forOthers: { ...ANYBODY, member: 'NOT_THE_UPLOADER', stranger: 'NOT_THE_UPLOADER' },
} as const satisfies Permission;

export const files = {
  shareFile: { by: MEMBERS },
  renameFile: UPLOADER_OR_ADMINS,
  removeFiles: UPLOADER_OR_ADMINS,
} satisfies Permissions;
