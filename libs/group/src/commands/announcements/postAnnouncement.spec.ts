import {
  adminGranted,
  announcementDeleted,
  announcementPosted,
  created,
  dismissed,
  joined,
  user,
} from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { context, given } from '../../testing/given';

const group = [created('o'), joined('join', 3, 'a', 'm'), adminGranted('a')];
const post = (fields: object = {}) =>
  command('postAnnouncement', { title: 'News', content: 'All is well.', ...fields });
const limits = (announcementsPerGroup: number) => ({ limits: { ...context.limits, announcementsPerGroup } });

test.each(['o', 'a'])('postAnnouncement by %s, owner or admin, is accepted with them as author', (id) => {
  given(...group)
    .when(post({ actor: user(id) }))
    .thenMakes('1', [announcementPosted('1', { author: id })]);
});

test('an announcement of a service is by the user it acts for, else by the owner', () => {
  given(...group)
    .when(post({ actor: { type: 'service', onBehalfOf: 'm' } }))
    .thenMakes('1', [announcementPosted('1', { author: 'm' })]);
  given(...group)
    .when(post())
    .thenMakes('1', [announcementPosted('1', { author: 'o' })]);
});

test('numbers of announcements count up, and that of a deleted one is not used again', () => {
  given(...group, announcementPosted('1'), announcementPosted('2'), announcementDeleted('2'))
    .when(post())
    .thenMakes('3', [announcementPosted('3')]);
});

test('postAnnouncement by members and strangers is refused', () => {
  given(...group)
    .when(post({ actor: user('m') }))
    .refused('ADMIN_ONLY');
  given(...group)
    .when(post({ actor: user('x') }))
    .refused('NOT_A_MEMBER', { userId: 'x' });
});

test('postAnnouncement is refused at the limit of the tenant, also to a service, until one is deleted', () => {
  given(...group, announcementPosted('1'), announcementPosted('2'))
    .when(post(), limits(2))
    .refused('ANNOUNCEMENT_LIMIT_REACHED', { limit: 2 });
  given(...group, announcementPosted('1'), announcementPosted('2'), announcementDeleted('1'))
    .when(post(), limits(2))
    .thenMakes('3', [announcementPosted('3')]);
});

test('postAnnouncement refuses an unknown group and a dismissed one', () => {
  given().when(post()).refused('GROUP_NOT_FOUND');
  given(...group, dismissed('requested'))
    .when(post())
    .refused('GROUP_DISMISSED');
});
