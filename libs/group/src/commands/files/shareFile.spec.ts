import { created, dismissed, fileRemoved, fileShared, joined, user } from '@cohort/contracts/testing';
import { command } from '../../testing/commands';
import { context, given } from '../../testing/given';

const group = [created('o'), joined('join', 3, 'a', 'm')];
const share = (fields: object = {}) =>
  command('shareFile', {
    name: 'plan.pdf',
    size: 1_024,
    type: 'application/pdf',
    url: 'https://example.org/plan.pdf',
    ...fields,
  });
const limits = (over: object) => ({ limits: { ...context.limits, ...over } });

test.each(['o', 'm'])('shareFile by %s, owner or member, is accepted with them as uploader', (id) => {
  given(...group)
    .when(share({ actor: user(id) }))
    .thenMakes('1', [fileShared('1', id)]);
});

test('a file that a service shares is of the user it acts for, else of the owner', () => {
  given(...group)
    .when(share({ actor: { type: 'service', onBehalfOf: 'm' } }))
    .thenMakes('1', [fileShared('1', 'm')]);
  given(...group)
    .when(share({ type: undefined }))
    .thenMakes('1', [fileShared('1', 'o', { type: '' })]);
});

test('numbers of files count up, and that of a removed one is not used again', () => {
  given(...group, fileShared('1', 'm'), fileShared('2', 'm'), fileRemoved(['2', 'm']))
    .when(share())
    .thenMakes('3', [fileShared('3', 'o')]);
});

test('shareFile by a stranger is refused', () => {
  given(...group)
    .when(share({ actor: user('x') }))
    .refused('NOT_A_MEMBER', { userId: 'x' });
});

test('shareFile is refused at the number and size of files that the tenant allows', () => {
  given(...group, fileShared('1', 'm'))
    .when(share(), limits({ filesPerGroup: 1 }))
    .refused('FILE_LIMIT_REACHED', { limit: 1 });
  given(...group, fileShared('1', 'm'), fileRemoved(['1', 'm']))
    .when(share(), limits({ filesPerGroup: 1 }))
    .thenMakes('2', [fileShared('2', 'o')]);
  given(...group)
    .when(share(), limits({ fileBytes: 1_023 }))
    .refused('FILE_TOO_LARGE', { limit: 1_023, size: 1_024 });
  given(...group)
    .when(share(), limits({ fileBytes: 1_024 }))
    .thenMakes('1', [fileShared('1', 'o')]);
});

test('shareFile refuses an unknown group and a dismissed one', () => {
  given().when(share()).refused('GROUP_NOT_FOUND');
  given(...group, dismissed('requested'))
    .when(share())
    .refused('GROUP_DISMISSED');
});
