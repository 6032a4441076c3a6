import { adminGranted, created, disabled, dismissed, enabled, joined, user } from '@cohort/contracts/testing';
import { verdict } from '../../permissions';
import { command, given } from '../../testing';

const group = [created('o'), joined('join', 3, 'a', 'm'), adminGranted('a')];
const disable = (fields: object = {}) => command('disable', fields);
const enable = (fields: object = {}) => command('enable', fields);

test('disable stops a group with its threads, once', () => {
  given(...group)
    .when(disable())
    .then([disabled()]);
  given(...group, disabled())
    .when(disable())
    .then([]);
});

test('enable lets a disabled group work again, once', () => {
  given(...group, disabled())
    .when(enable())
    .then([enabled()]);
  given(...group)
    .when(enable())
    .then([]);
  given(...group, disabled(), enabled())
    .when(enable())
    .then([]);
});

test.each([
  ['o', 'owner'],
  ['a', 'admin'],
  ['m', 'member'],
  ['x', 'stranger'],
] as const)('disable and enable by %s are decided by the row for the %s', (by, standing) => {
  const expected = { disable: verdict('disable', standing), enable: verdict('enable', standing) };
  const off = given(...group).when(disable({ actor: user(by) }));
  if (expected.disable === 'allowed') off.then([disabled()]);
  else off.refused(expected.disable);
  const on = given(...group, disabled()).when(enable({ actor: user(by) }));
  if (expected.enable === 'allowed') on.then([enabled()]);
  else on.refused(expected.enable);
});

test('disable and enable need a live group', () => {
  for (const command of [disable(), enable()]) {
    given().when(command).refused('GROUP_NOT_FOUND');
    given(...group, dismissed())
      .when(command)
      .refused('GROUP_DISMISSED');
  }
});
