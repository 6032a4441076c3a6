import { user } from '@cohort/contracts/testing';
import { FIRST_START_MS, newTenant, sharedService } from '../support/service';
import { fresh, TenantClient } from '../support/tenant-client';

let tenant: TenantClient;
let groupId: string;
const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
const whole = { full: true, basis: expect.any(String) as string };

beforeAll(async () => {
  const { natsUrl } = await sharedService();
  tenant = await TenantClient.connect(natsUrl, (await newTenant()).id);
}, FIRST_START_MS);
afterAll(() => tenant?.close());

beforeEach(async () => {
  groupId = await tenant.newGroup({ members: ['m', 'n'] });
});

const code = (asked: Promise<unknown>) => expect(asked).rejects;

test('announcements are posted, read, listed with their changes, and deleted', async () => {
  const post = (title: string) =>
    tenant.run('postAnnouncement', { groupId, title, content: `${title}!`, actor: user('o') });
  const view = (announcementId: string, title: string) => ({
    ...{ announcementId, author: 'o', title, content: `${title}!`, createdAt: ISO },
  });
  const first = await post('One');
  expect(first).toEqual({ groupId, revision: '2', position: first.position, announcementId: '1' });
  const { position: after } = await post('Two');

  const place = { groupId, revision: '3' };
  expect(await tenant.query('announcement', { groupId, announcementId: '1', after })).toEqual({
    ...place,
    ...view('1', 'One'),
  });
  expect(await tenant.query('lastAnnouncement', { groupId, after })).toEqual({ ...place, ...view('2', 'Two') });
  const list = await tenant.query('announcements', { groupId, after });
  expect(list).toEqual({ announcements: [view('2', 'Two'), view('1', 'One')], total: 2, revision: '3', ...whole });

  const deleted = await tenant.run('deleteAnnouncement', { groupId, announcementId: '2', actor: user('o') });
  const since = { sinceRevision: list.revision, basis: list.basis, after: deleted.position };
  expect(await tenant.query('announcements', { groupId, ...since })).toEqual({
    ...{ announcements: [], removed: ['2'], total: 1, revision: '4', basis: list.basis, full: false, more: false },
  });
  await code(tenant.run('deleteAnnouncement', { groupId, announcementId: '2' })).toMatchObject({
    code: 'ANNOUNCEMENT_NOT_FOUND',
  });
});

test('a repeat of postAnnouncement and shareFile returns the id that the first one made', async () => {
  const [post, share] = [fresh('c'), fresh('c')];
  const posted = () => tenant.run('postAnnouncement', { groupId, title: '', content: 'a', commandId: post });
  const shared = () => tenant.run('shareFile', { groupId, name: 'a', size: 1, url: 'b', commandId: share });
  const [announcement, file] = [await posted(), await shared()];
  expect([announcement.announcementId, file.fileId]).toEqual(['1', '1']);
  expect(await posted()).toEqual(announcement);
  expect(await shared()).toEqual(file);
});

test('files are shared, renamed, read, listed, and removed with a result for each', async () => {
  const share = (id: string, name: string) =>
    tenant.run('shareFile', { groupId, name, size: 7, url: `https://example.org/${name}`, actor: user(id) });
  const view = (fileId: string, name: string, uploader: string, url: string) => ({
    ...{ fileId, name, size: 7, type: '', url: `https://example.org/${url}`, uploader },
    ...{ createdAt: ISO, updatedAt: ISO },
  });
  await share('m', 'a');
  await share('n', 'b');
  await code(tenant.run('renameFile', { groupId, fileId: '1', name: 'c', actor: user('n') })).toMatchObject({
    code: 'NOT_THE_UPLOADER',
  });
  const { position: after } = await tenant.run('renameFile', { groupId, fileId: '1', name: 'c', actor: user('m') });
  const first = view('1', 'c', 'm', 'a');
  expect(await tenant.query('file', { groupId, fileId: '1', after })).toEqual({ groupId, ...first, revision: '4' });
  expect(await tenant.query('files', { groupId, after })).toEqual({
    ...{ files: [view('2', 'b', 'n', 'b'), first], total: 2, revision: '4', ...whole },
  });

  const remove = { groupId, fileIds: ['1', '2', '3'], actor: user('m'), commandId: fresh('c') };
  const removed = await tenant.run('removeFiles', remove);
  expect(removed.fileResults).toEqual([
    { fileId: '1', ok: true },
    { fileId: '2', ok: false, code: 'NOT_THE_UPLOADER' },
    { fileId: '3', ok: false, code: 'FILE_NOT_FOUND' },
  ]);
  expect(await tenant.run('removeFiles', remove)).toEqual(removed);
  await code(tenant.query('file', { groupId, fileId: '1', after: removed.position })).toMatchObject({
    code: 'FILE_NOT_FOUND',
  });
});
