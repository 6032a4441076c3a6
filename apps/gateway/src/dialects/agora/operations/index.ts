import { admins } from './admins';
import { applications } from './applications';
import { attributes } from './attributes';
import { info } from './info';
import { invitations } from './invitations';
import { lifecycle } from './lifecycle';
import { lists } from './lists';
import { members } from './members';
import { token } from './token';

/** The rows of each feature. The order has no meaning. */
export const operations = [
  ...token,
  ...lifecycle,
  ...info,
  ...lists,
  ...members,
  ...admins,
  ...invitations,
  ...applications,
  ...attributes,
];
