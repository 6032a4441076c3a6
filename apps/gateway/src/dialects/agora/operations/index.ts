import { admins } from './admins';
import { allowList } from './allow-list';
import { announcement } from './announcement';
import { applications } from './applications';
import { attributes } from './attributes';
import { blocks } from './blocks';
import { info } from './info';
import { invitations } from './invitations';
import { lifecycle } from './lifecycle';
import { lists } from './lists';
import { members } from './members';
import { mutes } from './mutes';
import { shareFiles } from './share-files';
import { shield } from './shield';
import { token } from './token';

/** The rows of each feature. The order has no meaning. */
export const operations = [
  ...token,
  ...lifecycle,
  ...info,
  ...lists,
  ...shareFiles,
  ...members,
  ...admins,
  ...invitations,
  ...applications,
  ...attributes,
  ...mutes,
  ...blocks,
  ...allowList,
  ...announcement,
  ...shield,
];
