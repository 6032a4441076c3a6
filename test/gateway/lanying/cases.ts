import { announcements } from './announcements.cases';
import { applications } from './applications.cases';
import { bans } from './bans.cases';
import { blocks } from './blocks.cases';
import { files } from './files.cases';
import { info } from './info.cases';
import { invitations } from './invitations.cases';
import { joinKeys } from './join-keys.cases';
import { lifecycle } from './lifecycle.cases';
import { memberProfile } from './member-profile.cases';
import { members } from './members.cases';
import type { OperationCases } from './operation-case';
import { publicGroups } from './public-groups.cases';
import { roles } from './roles.cases';
import { settings } from './settings.cases';

/** The cases of each feature. */
export const OPERATION_CASES: OperationCases = {
  ...members,
  ...bans,
  ...blocks,
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
};
