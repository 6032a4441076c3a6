import { announcements } from './announcements';
import { applications } from './applications';
import { avatars } from './avatars';
import { bans } from './bans';
import { blocks } from './blocks';
import { files } from './files';
import { info } from './info';
import { invitations } from './invitations';
import { joinKeys } from './join-keys';
import { lifecycle } from './lifecycle';
import { memberProfile } from './member-profile';
import { members } from './members';
import { publicGroups } from './public-groups';
import { roles } from './roles';
import { settings } from './settings';
import { start } from './start';

/** The rows of each feature. The order has no meaning. */
export const operations = [
  ...start,
  ...members,
  ...bans,
  ...blocks,
  ...memberProfile,
  ...announcements,
  ...files,
  ...avatars,
  ...publicGroups,
  ...lifecycle,
  ...info,
  ...roles,
  ...applications,
  ...invitations,
  ...joinKeys,
  ...settings,
];
