import { announcements } from './announcements';
import { applications } from './applications';
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
  ...memberProfile,
  ...announcements,
  ...files,
  ...publicGroups,
  ...lifecycle,
  ...info,
  ...roles,
  ...applications,
  ...invitations,
  ...joinKeys,
  ...settings,
];
