import { ADMINS, type Permissions } from '../../permission';

export const announcements = {
  postAnnouncement: { by: ADMINS },
  deleteAnnouncement: { by: ADMINS },
} satisfies Permissions;
