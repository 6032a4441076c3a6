import {
  adminGranted,
  created,
  disabled,
  dismissed,
  displayNameChanged,
  joined,
  left,
  transferred,
  user,
} from '@cohort/contracts/testing';
import { command, given } from '../../testing';

const group = [created('o'), joined('join', 4, 'm', 'n', 'a'), adminGranted('a')];
const erase = (userId: string, over: object = {}) => command('eraseMember', { userId, ...over });

test('eraseMember takes a member out, and changes nothing for anybody else', () => {
  given(...group, displayNameChanged('m', 'Em'))
    .when(erase('m', { sync: 7 }))
    .then([{ ...left(3, 'm'), data: { ...left(3, 'm').data, sync: 7 } }]);
  given(...group)
    .when(erase('x'))
    .then([]);
});

test.each([
  ['refuse', undefined, [transferred('o', 'a', 'ownerLeft'), left(3, 'o')]],
  ['oldestMember', undefined, [transferred('o', 'm', 'ownerLeft'), left(3, 'o')]],
  ['dismiss', undefined, [dismissed('ownerLeft')]],
  ['dismiss', 'oldestMember', [transferred('o', 'm', 'ownerLeft'), left(3, 'o')]],
  ['oldestAdmin', 'dismiss', [dismissed('ownerLeft')]],
] as const)("under the tenant's policy %s and the command's %s, an erased owner leaves", (tenant, own, events) => {
  given(...group)
    .when(erase('o', own === undefined ? {} : { ownerPolicy: own }), { ownerPolicy: tenant })
    .then(events);
});

test('eraseMember passes a disabled group', () => {
  given(...group, disabled())
    .when(erase('m'))
    .then([left(3, 'm')]);
});

test('eraseMember of the only member ends the group', () => {
  given(created('o'))
    .when(erase('o'))
    .then([dismissed('ownerLeft')]);
});

test('eraseMember is for services alone', () => {
  for (const by of ['o', 'a', 'm', 'x'])
    given(...group)
      .when(erase('m', { actor: user(by) }))
      .refused('FORBIDDEN');
});
