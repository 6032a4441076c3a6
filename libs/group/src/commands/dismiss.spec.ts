import { command, created, dismissed, granted, joined, user } from '../testing/facts';
import { given } from '../testing/given';

const group = [created('o'), joined('join', 3, 'a', 'm'), granted('a')];
const dismiss = (fields: object = {}) => command('dismiss', fields);

test('by the owner or a service', () => {
  given(...group)
    .when(dismiss())
    .then([dismissed('requested')]);
  given(...group)
    .when(dismiss({ actor: user('o') }))
    .then([dismissed('requested')]);
});

test.each(['a', 'm', 'x'])('not by %s', (id) => {
  given(...group)
    .when(dismiss({ actor: user(id) }))
    .refused('OWNER_ONLY');
});

test('what has ended has ended, whoever asks', () => {
  given(...group, dismissed('ownerLeft'))
    .when(dismiss())
    .then([]);
  given(...group, dismissed('ownerLeft'))
    .when(dismiss({ actor: user('m') }))
    .then([]);
});

test('what never was cannot end', () => {
  given().when(dismiss()).refused('GROUP_NOT_FOUND');
});
