import { adminGranted, created, dismissed, joined, user } from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

const group = [created('o'), joined('join', 3, 'a', 'm'), adminGranted('a')];
const dismiss = (fields: object = {}) => command('dismiss', fields);

test('the owner or a service dismisses a group', () => {
  given(...group)
    .when(dismiss())
    .then([dismissed('requested')]);
  given(...group)
    .when(dismiss({ actor: user('o') }))
    .then([dismissed('requested')]);
});

test.each(['a', 'm', 'x'])('dismiss by %s, not the owner, is refused', (id) => {
  given(...group)
    .when(dismiss({ actor: user(id) }))
    .refused('OWNER_ONLY');
});

test('dismiss of a dismissed group changes nothing for any actor', () => {
  given(...group, dismissed('ownerLeft'))
    .when(dismiss())
    .then([]);
  given(...group, dismissed('ownerLeft'))
    .when(dismiss({ actor: user('m') }))
    .then([]);
});

test('dismiss refuses an unknown group', () => {
  given().when(dismiss()).refused('GROUP_NOT_FOUND');
});
