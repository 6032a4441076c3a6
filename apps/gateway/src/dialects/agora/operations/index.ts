import { info } from './info';
import { lifecycle } from './lifecycle';
import { lists } from './lists';
import { token } from './token';

/** The rows of each feature. The order has no meaning. */
export const operations = [...token, ...lifecycle, ...info, ...lists];
