import { announcements } from './announcements';
import { attributes } from './attributes';
import { files } from './files';
import { bans } from './bans';
import { blocks } from './blocks';
import { imports } from './imports';
import { applications } from './applications';
import { invitations } from './invitations';
import { joinKeys } from './join-keys';
import { info } from './info';
import { lifecycle } from './lifecycle';
import { memberProfile } from './member-profile';
import { membership } from './membership';
import { roles } from './roles';
import { settings } from './settings';
import type { Rules } from './rule';

/** The rules of each feature; docs/decisions/0014-feed.md shows them as a table. */
export const FEATURES = {
  lifecycle,
  info,
  settings,
  membership,
  roles,
  bans,
  blocks,
  announcements,
  files,
  memberProfile,
  imports,
  applications,
  invitations,
  joinKeys,
  attributes,
} as const;

/** Whom each event of a group notifies. */
export const RULES: Rules = {
  ...lifecycle,
  ...info,
  ...settings,
  ...membership,
  ...roles,
  ...bans,
  ...blocks,
  ...announcements,
  ...files,
  ...memberProfile,
  ...imports,
  ...applications,
  ...invitations,
  ...joinKeys,
  ...attributes,
};
