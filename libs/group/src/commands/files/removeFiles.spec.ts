import { adminGranted, created, dismissed, fileRemoved, fileShared, joined, user } from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { given } from '../../testing/given';

const group = [
  created('o'),
  joined('join', 4, 'a', 'm', 'n'),
  adminGranted('a'),
  fileShared('1', 'm'),
  fileShared('2', 'n'),
  fileShared('3', 'm'),
];
const remove = (fileIds: string[], fields: object = {}) => command('removeFiles', { fileIds, ...fields });
const ok = (fileId: string) => ({ fileId, ok: true });
const no = (fileId: string, code: 'FILE_NOT_FOUND' | 'NOT_THE_UPLOADER') => ({ fileId, ok: false, code });

test('a service, the owner and an admin remove any files, each named once in the results', () => {
  for (const actor of [{ type: 'service' }, user('o'), user('a')]) {
    given(...group)
      .when(remove(['2', '1', '2', '4'], { actor }))
      .thenForFiles([fileRemoved(['2', 'n'], ['1', 'm'])], [ok('2'), ok('1'), no('4', 'FILE_NOT_FOUND')]);
  }
});

test('a member removes their own files only, and the others stay', () => {
  given(...group)
    .when(remove(['1', '2', '3'], { actor: user('m') }))
    .thenForFiles([fileRemoved(['1', 'm'], ['3', 'm'])], [ok('1'), no('2', 'NOT_THE_UPLOADER'), ok('3')]);
});

test('removeFiles that may remove none writes no event', () => {
  given(...group)
    .when(remove(['2', '9'], { actor: user('m') }))
    .thenForFiles([], [no('2', 'NOT_THE_UPLOADER'), no('9', 'FILE_NOT_FOUND')]);
  given(...group)
    .when(remove([]))
    .thenForFiles([], []);
});

test('removeFiles by a stranger is refused', () => {
  given(...group)
    .when(remove(['1'], { actor: user('x') }))
    .refused('NOT_A_MEMBER', { userId: 'x' });
});

test('removeFiles refuses an unknown group and a dismissed one', () => {
  given()
    .when(remove(['1']))
    .refused('GROUP_NOT_FOUND');
  given(...group, dismissed('requested'))
    .when(remove(['1']))
    .refused('GROUP_DISMISSED');
});
