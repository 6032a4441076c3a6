import { capacityChanged, created, disabled, dismissed, enabled, joined } from '@cohort/contracts/testing';
import { command, COMMAND_NAMES, exampleOf, given } from './testing';

const stopped = [created('o'), joined('add', 3, 'a', 'b'), disabled()];
/** What is carried out in a disabled group, too. `create` and imports are refused in any group. */
const STILL_POSSIBLE: readonly string[] = [
  'create',
  'importGroup',
  'importMembers',
  'completeImport',
  'disable',
  'enable',
  'dismiss',
  'expireBans',
  'expireBanAll',
  'expireApplications',
  'expireInvitations',
  'eraseMember',
  'eraseRequests',
];

test.each(COMMAND_NAMES.filter((name) => !STILL_POSSIBLE.includes(name)))(
  'a disabled group refuses %s, also by a service',
  (name) =>
    given(...stopped)
      .when(exampleOf(name, 'a'))
      .refused('GROUP_DISABLED'),
);

test('a disabled group is enabled and works as before, or is dismissed', () => {
  given(...stopped)
    .when(command('enable', {}))
    .then([enabled()]);
  given(...stopped, enabled())
    .when(command('changeCapacity', { capacity: 9 }))
    .then([capacityChanged(9)]);
  given(...stopped)
    .when(command('dismiss', {}))
    .then([dismissed('requested')]);
  given(...stopped)
    .when(command('create', { name: 'Again', owner: 'o' }))
    .refused('GROUP_EXISTS');
});

test('a group is disabled and enabled once, however often it is asked for', () => {
  given(created('o')).when(command('disable', {})).then([disabled()]);
  given(...stopped)
    .when(command('disable', {}))
    .then([]);
  given(created('o')).when(command('enable', {})).then([]);
});
