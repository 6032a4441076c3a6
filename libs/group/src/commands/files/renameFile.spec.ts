import {
  adminGranted,
  created,
  dismissed,
  fileRemoved,
  fileRenamed,
  fileShared,
  joined,
  left,
  user,
} from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

const group = [created('o'), joined('join', 4, 'a', 'm', 'n'), adminGranted('a'), fileShared('1', 'm')];
const rename = (fields: object = {}) => command('renameFile', { fileId: '1', name: 'Plan', ...fields });

test.each(['o', 'a', 'm'])('renameFile by %s, owner, admin or uploader, is accepted', (id) => {
  given(...group)
    .when(rename({ actor: user(id) }))
    .then([fileRenamed('1', 'Plan')]);
});

test('renameFile to the name that the file has writes no event', () => {
  given(...group)
    .when(rename({ name: 'plan.pdf' }))
    .then([]);
  given(...group, fileRenamed('1', 'Plan'))
    .when(rename())
    .then([]);
});

test('renameFile by another member, a stranger and an uploader who left is refused', () => {
  given(...group)
    .when(rename({ actor: user('n') }))
    .refused('NOT_THE_UPLOADER', { fileId: '1' });
  given(...group)
    .when(rename({ actor: user('x') }))
    .refused('NOT_A_MEMBER', { userId: 'x' });
  given(...group, left(3, 'm'))
    .when(rename({ actor: user('m') }))
    .refused('NOT_A_MEMBER', { userId: 'm' });
});

test('renameFile refuses an unknown file and a removed one', () => {
  given(...group)
    .when(rename({ fileId: '2' }))
    .refused('FILE_NOT_FOUND', { fileId: '2' });
  given(...group, fileRemoved(['1', 'm']))
    .when(rename())
    .refused('FILE_NOT_FOUND', { fileId: '1' });
});

test('renameFile refuses an unknown group and a dismissed one', () => {
  given().when(rename()).refused('GROUP_NOT_FOUND');
  given(...group, dismissed('requested'))
    .when(rename())
    .refused('GROUP_DISMISSED');
});
