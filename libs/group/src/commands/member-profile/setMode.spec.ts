import { adminGranted, created, joined, muteModeSet, pushModeSet, user } from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

const group = [created('o'), joined('join', 3, 'a', 'm'), adminGranted('a')];
const kinds = [
  { name: 'setMuteMode', event: muteModeSet, mode: 2 },
  { name: 'setPushMode', event: pushModeSet, mode: 4 },
] as const;

describe.each(kinds)('$name', ({ name, event, mode }) => {
  const set = (userId: string, to: number, actor = user(userId)) => command(name, { actor, userId, mode: to as 0 });

  test('by the member and by a service is accepted', () => {
    given(...group)
      .when(set('m', mode))
      .then([event('m', mode)]);
    given(...group)
      .when(set('m', mode, { type: 'service' } as never))
      .then([event('m', mode)]);
    given(...group, event('m', mode))
      .when(set('m', 0))
      .then([event('m', 0)]);
  });

  test('to the mode that the member has writes no event', () => {
    given(...group)
      .when(set('m', 0))
      .then([]);
    given(...group, event('m', mode))
      .when(set('m', mode))
      .then([]);
  });

  test('for another user is refused, by the owner too', () => {
    for (const by of ['o', 'a'])
      given(...group)
        .when(set('m', mode, user(by)))
        .refused('FORBIDDEN');
    given(...group)
      .when(set('m', mode, user('x')))
      .refused('NOT_A_MEMBER', { userId: 'x' });
  });

  test('of a user who is not a member is refused', () => {
    given(...group)
      .when(set('x', mode))
      .refused('NOT_A_MEMBER', { userId: 'x' });
  });
});
