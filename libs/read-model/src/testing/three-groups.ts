import { DEFAULT_SETTINGS } from '@cohort/contracts';
import { adminGranted, created, dismissed, infoChanged, joined } from '@cohort/contracts/testing';
import { SCHEMA_VERSION } from '../tables/schema';
import { BEGIN, Log, STORE } from './log';

/** ISO time of a log's append. */
export const time = (append: number): string => new Date(BEGIN + append * 1_000).toISOString();

/** Three groups: `sales` with an admin, `support`, and `old`, which was dismissed. */
export function threeGroups(): Log {
  const log = new Log();
  log.group('sales', created('ann', { numericId: '4503599627370496' }), joined('add', 4, 'bob', 'cid', 'dot'));
  log.group('old', created('ann', { name: 'Old', numericId: '4503599627370497' }), joined('add', 2, 'bob'));
  log.group('support', created('bob', { name: 'Support', numericId: '4503599627370498' }), joined('add', 2, 'ann'));
  log.group('sales', adminGranted('cid'));
  log.group('old', dismissed());
  log.group('support', infoChanged({ description: 'Who helps', avatar: 'https://a/b.png', ext: '{"a":1}' }));
  return log;
}

/** These groups, as queries return them. */
export const support = {
  groupId: 'support',
  numericId: '4503599627370498',
  name: 'Support',
  description: 'Who helps',
  avatar: 'https://a/b.png',
  ext: '{"a":1}',
  owner: 'bob',
  capacity: 10,
  memberCount: 2,
  settings: DEFAULT_SETTINGS,
  status: 'live',
  createdAt: time(2),
  updatedAt: time(5),
  revision: '2',
};
export const sales = {
  ...support,
  groupId: 'sales',
  numericId: '4503599627370496',
  name: 'Sales',
  description: '',
  avatar: '',
  ext: '',
  owner: 'ann',
  memberCount: 4,
  createdAt: time(0),
  updatedAt: time(3),
};
export const old = {
  ...sales,
  groupId: 'old',
  numericId: '4503599627370497',
  name: 'Old',
  memberCount: 2,
  status: 'dismissed',
  createdAt: time(1),
  updatedAt: time(4),
};

/** What every page of a mirrored list's whole has beside its entries. */
export const whole = { full: true, basis: `${STORE}/${SCHEMA_VERSION}` };
