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
import { given } from '../../testing/given';

const group = [
  created('o'),
  joined('join', 3, 'a', 'm'),
  adminGranted('a'),
  announcementPosted('1', { author: 'a' }),
  announcementPosted('2', { author: 'm' }),
];
const remove = (announcementId: string, fields: object = {}) =>
  command('deleteAnnouncement', { announcementId, ...fields });

test.each(['o', 'a'])('deleteAnnouncement by %s, owner or admin, is accepted, whoever posted it', (id) => {
  given(...group)
    .when(remove('2', { actor: user(id) }))
    .then([announcementDeleted('2')]);
});

test('deleteAnnouncement by members and strangers is refused, also to its author', () => {
  given(...group)
    .when(remove('2', { actor: user('m') }))
    .refused('ADMIN_ONLY');
  given(...group)
    .when(remove('2', { actor: user('x') }))
    .refused('NOT_A_MEMBER', { userId: 'x' });
});

test('deleteAnnouncement refuses an announcement that never was, and a deleted one', () => {
  given(...group)
    .when(remove('3'))
    .refused('ANNOUNCEMENT_NOT_FOUND', { announcementId: '3' });
  given(...group, announcementDeleted('1'))
    .when(remove('1'))
    .refused('ANNOUNCEMENT_NOT_FOUND', { announcementId: '1' });
});

test('deleteAnnouncement refuses an unknown group and a dismissed one', () => {
  given().when(remove('1')).refused('GROUP_NOT_FOUND');
  given(...group, dismissed('requested'))
    .when(remove('1'))
    .refused('GROUP_DISMISSED');
});
