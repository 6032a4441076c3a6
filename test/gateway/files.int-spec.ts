import { CohortClient } from '@cohort/client';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type JetStreamManager, type NatsConnection } from 'nats';
import { sweep } from '../../apps/worker/src/file-sweep/sweep';
import { JetStreamInventory } from '../../libs/file-store/src';
import { AgoraCaller, baseOf, tokenOf, type Shape } from '../support/agora';
import { userHeaders } from '../support/lanying';
import { FIRST_START_MS, newTenant, sharedService, type Tenant } from '../support/service';
import { startPart, type Part } from '../support/stack';
import { waitFor } from '../support/wait-for';
import { enveloped, error, newGroup, newUser, noGroup } from './agora/world';
import { send, type Answer } from './http';
import { form, formBegin, FORM_TYPE, type FormFile } from './multipart';
import { head, RawConnection } from './raw';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
/** Of the gateway of this spec. */
const LARGEST = 300_000;
const OF_TENANT = 1024 * 1024;

/** Files with their bytes, through a gateway with small limits beside the shared one. */
describe('files', () => {
  let connection: NatsConnection;
  let jetStream: JetStreamManager;
  let env: Record<string, string>;
  let directory: string;
  let gateway: Part;
  let nats: CohortClient;
  let tenants: readonly Tenant[];

  beforeAll(async () => {
    const service = await sharedService();
    tenants = [await newTenant(), await newTenant(), await newTenant(), await newTenant()];
    directory = await mkdtemp(join(tmpdir(), 'cohort-files-'));
    const appsFile = join(directory, 'apps.json');
    const limits = [{}, { limits: { fileBytes: 1_000, filesPerGroup: 1 } }, {}, {}];
    await writeFile(appsFile, JSON.stringify({ apps: tenants.map((tenant, i) => ({ ...tenant, ...limits[i] })) }));
    env = {
      ...{ NATS_URL: service.natsUrl, GATEWAY_PORT: '0', APPS_FILE: appsFile, DATA_DIR: directory },
      ...{ UPLOAD_MAX_BYTES: String(LARGEST), FILES_MAX_BYTES: String(OF_TENANT) },
    };
    gateway = await startPart('gateway', env);
    nats = await CohortClient.connect({ servers: service.natsUrl });
    connection = await connect({ servers: service.natsUrl });
    jetStream = await connection.jetstreamManager();
  }, FIRST_START_MS);

  afterAll(async () => {
    await nats?.close();
    await connection?.close();
    await gateway?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const calls = (shape: Shape = 'agora', tenant = 0) => new AgoraCaller(gateway.url, tenants[tenant]!.agora, shape);
  const raw = async (caller: AgoraCaller, method: string, path: string, body: Buffer | string = '', type = FORM_TYPE) =>
    send(
      `${caller.url}${baseOf(caller.keys, caller.shape)}${path}`,
      method,
      { Authorization: `Bearer ${tokenOf(caller.keys, caller.by)}`, ...(body === '' ? {} : { 'Content-Type': type }) },
      body,
    );
  const parsed = ({ status, text }: Answer) => ({ status, body: JSON.parse(text) as Record<string, unknown> });
  const upload = async (caller: AgoraCaller, groupId: string, file: FormFile) =>
    parsed(await raw(caller, 'POST', `/chatgroups/${groupId}/share_files`, form(file)));
  const shared = async (caller: AgoraCaller, groupId: string, file: FormFile) => {
    const { status, body } = await upload(caller, groupId, file);
    expect([status, body]).toEqual([200, expect.anything()]);
    return body.data as { file_id: string; file_name: string; file_url: string };
  };
  const listed = async (caller: AgoraCaller, groupId: string, query = '') =>
    ((await caller.get(`/chatgroups/${groupId}/share_files${query}`)).body.data as { file_id: string }[]).map(
      ({ file_id }) => file_id,
    );
  const stored = async (tenant: number): Promise<number> => {
    const info = await jetStream.streams.info(`OBJ_COHORT_FILES_${tenants[tenant]!.id}`).catch(() => undefined);
    return info?.state.messages ?? 0;
  };

  test.each(['agora', 'shengwang'] as const)('a file is shared, listed, downloaded and removed (%s)', async (shape) => {
    const owner = newUser();
    const app = calls(shape);
    const groupId = await newGroup(app, { owner, members: ['ann'] });
    const path = `/chatgroups/${groupId}/share_files`;
    const uri = `${gateway.url}${baseOf(app.keys, shape)}${path}`;
    const bytes = Buffer.alloc(250_000, 'any bytes, \r\n--even boundaries');
    const by = app.as('ann');
    const answer = await upload(by, groupId, { bytes, name: 'Übersicht 表.pdf', fields: { 'thumbnail-width': '80' } });
    expect(answer).toEqual({
      status: 200,
      body: {
        ...enveloped(app, 'post', uri),
        data: {
          ...{ file_url: `${uri}/1`, group_id: groupId, file_name: 'Übersicht 表.pdf', file_id: '1' },
          ...{ file_size: 250_000, created: expect.any(Number) as number },
        },
      },
    });
    expect((await by.get(path)).body).toEqual({
      ...enveloped(app, 'get', uri),
      data: [
        {
          ...{ file_id: '1', file_name: 'Übersicht 表.pdf', file_owner: 'ann', file_size: 250_000 },
          created: expect.any(Number) as number,
        },
      ],
    });

    const downloaded = await fetch(`${uri}/1`, { headers: { Authorization: `Bearer ${tokenOf(app.keys, owner)}` } });
    expect(Buffer.compare(Buffer.from(await downloaded.arrayBuffer()), bytes)).toBe(0);
    expect(Object.fromEntries(downloaded.headers)).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': '250000',
      'content-disposition': `attachment; filename="_bersicht _.pdf"; filename*=UTF-8''%C3%9Cbersicht%20%E8%A1%A8.pdf`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'access-control-allow-origin': '*',
    });
    expect(await raw(app, 'HEAD', `${path}/1`)).toMatchObject({ status: 200, text: '' });

    expect(await app.as('bob').call('DELETE', `${path}/1`)).toEqual(
      error('forbidden', 'users [bob] are not members of this group!'),
    );
    expect((await by.delete(`${path}/1`)).body.data).toEqual({ group_id: groupId, file_id: '1', result: true });
    expect(parsed(await raw(app, 'GET', `${path}/1`))).toEqual(error('notFound', `Group ${groupId} has no file 1.`));
    expect(await stored(0)).toBe(0);
  });

  test('files are listed by pages that count from 1, and each group has its own', async () => {
    const app = calls('agora', 2);
    const groupId = await newGroup(app);
    for (const bytes of ['a', 'b', 'c']) await shared(app, groupId, { bytes });
    expect(await listed(app, groupId)).toEqual(['3', '2', '1']);
    expect(await listed(app, groupId, '?pagenum=1&pagesize=2')).toEqual(['3', '2']);
    expect(await listed(app, groupId, '?pagenum=2&pagesize=2&resource=web_1')).toEqual(['1']);
    expect(await listed(app, groupId, '?pagenum=3&pagesize=2')).toEqual([]);

    // An entry that another service made, with the address of another group's bytes, opens nothing.
    const {
      files: [file],
    } = await nats.query('files', { app: tenants[2]!.id, groupId, limit: 1 });
    const other = await newGroup(app);
    await nats.command('shareFile', {
      ...{ app: tenants[2]!.id, actor: { type: 'service' }, groupId: other, name: 'x', size: 1, url: file!.url },
    });
    const wait = async () => (await listed(app, other)).length === 1;
    await waitFor(wait);
    const opened = parsed(await raw(app, 'GET', `/chatgroups/${other}/share_files/1`));
    expect(opened).toEqual(error('notFound', 'The bytes of this file are not here.'));
  });

  test('members alone share and download; tokens and tenants are checked before any byte is stored', async () => {
    const app = calls();
    const groupId = await newGroup(app);
    const path = `/chatgroups/${groupId}/share_files`;
    await shared(app.as('u1'), groupId, { bytes: 'secret' });
    const before = await stored(0);
    const stranger = error('forbidden', 'users [bob] are not members of this group!');
    expect(await upload(app.as('bob'), groupId, { bytes: 'x' })).toEqual(stranger);
    expect(parsed(await raw(app.as('bob'), 'GET', `${path}/1`))).toEqual(stranger);
    const foreign = calls('agora', 2);
    expect(parsed(await raw(foreign, 'GET', `${path}/1`))).toEqual(noGroup(groupId));
    expect(await upload(foreign, groupId, { bytes: 'x' })).toEqual(noGroup(groupId));
    const crossed = new AgoraCaller(gateway.url, { ...app.keys, certificate: foreign.keys.certificate }, 'agora');
    expect(await upload(crossed, groupId, { bytes: 'x' })).toEqual(
      error('unauthorized', 'Unable to authenticate (OAuth)'),
    );
    const url = `${gateway.url}${baseOf(app.keys, 'agora')}${path}/1`;
    expect(parsed(await send(url, 'GET', {}))).toEqual(error('noToken', 'token is blank!'));
    expect(await stored(0)).toBe(before);
  });

  test('what is too large, of a wrong type, or no form is refused, and nothing of it is stored', async () => {
    const app = calls();
    const groupId = await newGroup(app);
    const before = await stored(0);
    const tooLarge = error('invalid', `A file may have at most ${LARGEST} bytes.`);
    expect(await upload(app, groupId, { bytes: Buffer.alloc(LARGEST + 1) })).toEqual(tooLarge);
    expect(await upload(app, groupId, { bytes: Buffer.alloc(4 * LARGEST) })).toEqual(tooLarge);
    expect(await upload(app, groupId, { bytes: '<script>', type: 'image/png' })).toEqual(
      error('invalid', 'The file is no image/png.'),
    );
    const missing = error('illegal', 'file must be provided.');
    expect(await upload(app, groupId, { bytes: 'x', field: 'other' })).toEqual(missing);
    const path = `/chatgroups/${groupId}/share_files`;
    for (const type of ['application/json', 'multipart/form-data', 'multipart/mixed; boundary=x']) {
      expect(parsed(await raw(app, 'POST', path, form({ bytes: 'x' }), type))).toEqual(missing);
    }
    const cut = form({ bytes: Buffer.alloc(1_000) }).subarray(0, 600);
    expect(parsed(await raw(app, 'POST', path, cut))).toEqual(error('invalid', 'the body ended early'));
    expect(await stored(0)).toBe(before);
    expect(await listed(app, groupId)).toEqual([]);
    await shared(app, groupId, { bytes: PNG, type: 'image/png', name: 'dot.png' });
  });

  test('names with folders or control characters are shortened to a name; active types are sent as bytes', async () => {
    const app = calls();
    const groupId = await newGroup(app);
    const names = {
      '../../etc/passwd': 'passwd',
      'C:\\windows\\evil.exe': 'evil.exe',
      '..': 'file',
      '/': 'file',
      'a\u200fb\u202Egpj.exe': 'abgpj.exe',
      [`${'x'.repeat(300)}.txt`]: `${'x'.repeat(252)}.txt`,
    };
    for (const [name, expected] of Object.entries(names)) {
      const { file_name } = await shared(app, groupId, { bytes: 'x', name, type: 'text/html; charset=utf-8' });
      expect(file_name).toBe(expected);
    }
    const { headers } = await raw(app, 'GET', `/chatgroups/${groupId}/share_files/1`);
    expect(headers['content-type']).toBe('application/octet-stream');
    expect(headers['content-disposition']).toMatch(/^attachment; filename="passwd"/);
    for (const id of ['..%2f1', '0', 'x', '99']) {
      expect(await raw(app, 'GET', `/chatgroups/${groupId}/share_files/${id}`)).toMatchObject({ status: 404 });
    }
  });

  test("a tenant's own limits hold, a full store says so, and refused files leave no bytes", async () => {
    const app = calls('agora', 1);
    const groupId = await newGroup(app);
    expect(await upload(app, groupId, { bytes: Buffer.alloc(1_001) })).toEqual(
      error('invalid', 'A file may have at most 1000 bytes.'),
    );
    expect(await stored(1)).toBe(0);

    const full = calls('shengwang', 2);
    const large = await newGroup(full);
    let answer = await upload(full, large, { bytes: Buffer.alloc(LARGEST) });
    for (let i = 0; i < 4 && answer.status === 200; i++)
      answer = await upload(full, large, { bytes: Buffer.alloc(LARGEST) });
    expect(answer).toEqual(
      error('unavailable', 'There is no room for this file: remove other files, or ask an operator.'),
    );
    const count = (await listed(full, large)).length;
    expect(count).toBe(3);
    await full.delete(`/chatgroups/${large}/share_files/1`);
    await shared(full, large, { bytes: Buffer.alloc(LARGEST) });

    await full.post(`/chatgroups/${large}/disable`);
    const before = await stored(2);
    expect(await upload(full, large, { bytes: 'x' })).toMatchObject({ status: 403 });
    expect(await stored(2)).toBe(before);
  });

  describe("of Lanying's callers", () => {
    const post = async (url: string, file: FormFile, headers: Record<string, string> = {}) =>
      parsed(await send(url, 'POST', { ...headers, 'Content-Type': FORM_TYPE }, form(file)));
    const get = async (path: string, headers: Record<string, string>) =>
      parsed(await send(`${gateway.url}${path}`, 'GET', headers)).body;
    const keys = () => tenants[2]!.lanying;
    const ok = (data: unknown) => ({ status: 200, body: { code: 200, data } });
    const bad = (code: number, message: string) => ({ status: 200, body: { code, message } });

    test("an avatar is uploaded as the vendor's web SDK does it, and shown to everybody who has its address", async () => {
      const [owner, member] = [71_001, 71_002];
      const created = await send(
        `${gateway.url}/group/create`,
        'POST',
        userHeaders(keys(), owner),
        JSON.stringify({ name: 'Sales', user_list: [member] }),
      );
      const groupId = (JSON.parse(created.text) as { data: { group_id: number } }).data.group_id;
      const addresses = `/file/upload/avatar/group?group_id=${groupId}`;
      expect(await get(addresses, userHeaders(keys(), member))).toMatchObject({ code: 20012 });
      expect(await get(addresses, userHeaders(keys(), 71_003))).toMatchObject({ code: 20011 });
      expect(await get(addresses, { app_id: keys().appId })).toMatchObject({ code: 10003 });

      const { data } = (await get(addresses, userHeaders(keys(), owner))) as { data: Record<string, string> };
      const { upload_url: uploadUrl = '', download_url: downloadUrl = '' } = data;
      expect(data).toEqual({
        ...{ upload_url: uploadUrl, download_url: downloadUrl, upload_method: 'POST', oss_body_param: {} },
      });
      const image = { bytes: PNG, type: 'image/jpeg', name: 'me.jpg' };
      expect(await post(uploadUrl.replace('ticket=', 'ticket=x'), image)).toEqual(
        bad(10002, 'ticket is not valid, or its time is over'),
      );
      expect(await post(uploadUrl.replace(keys().appId, tenants[0]!.lanying.appId), image)).toEqual(
        bad(10002, 'ticket is not valid, or its time is over'),
      );
      expect(await post(uploadUrl, { bytes: '<svg onload=x>', type: 'image/png' })).toEqual(
        bad(10002, 'The file must be an image: image/png, image/jpeg, image/gif, image/webp.'),
      );
      expect(await post(uploadUrl, { ...image, field: 'other' })).toEqual(bad(10002, 'file is required in a form'));
      expect(await post(uploadUrl, image, userHeaders(keys(), owner))).toEqual(ok(true));
      expect(await post(uploadUrl, image)).toEqual(bad(10010, 'User has no permission'));

      // The SDK adds these to the address. It sets the avatar by itself, too.
      expect(await get(`/group/info?group_id=${groupId}`, userHeaders(keys(), member))).toMatchObject({
        data: { avatar: downloadUrl },
      });
      const shown = await fetch(`${downloadUrl}&image_type=2&access-token=x&app_id=${keys().appId}`);
      expect(Buffer.from(await shown.arrayBuffer())).toEqual(PNG);
      expect(Object.fromEntries(shown.headers)).toMatchObject({
        ...{ 'content-type': 'image/png', 'x-content-type-options': 'nosniff' },
        'content-disposition': `attachment; filename="avatar.png"; filename*=UTF-8''avatar.png`,
      });
      const foreign = downloadUrl.replace(keys().appId, tenants[0]!.lanying.appId);
      expect(parsed(await send(foreign, 'GET', {}))).toEqual(bad(20022, 'Group shared file does not exist'));
    });

    test('a file that was shared through another API has an address that can be opened until the file is removed', async () => {
      const app = calls('agora', 2);
      const groupId = await newGroup(app, { owner: '71011' });
      await shared(app, groupId, { bytes: 'hello', name: 'hi.txt', type: 'text/plain' });
      const headers = userHeaders(keys(), 71_011);
      const { data } = (await get(`/group/file/list?group_id=${groupId}`, headers)) as { data: { url: string }[] };
      const { url } = data[0]!;
      expect(await send(url, 'GET', {})).toMatchObject({ status: 200, text: 'hello' });
      expect(parsed(await send(`${url}x`, 'GET', {}))).toMatchObject(
        bad(10002, 'ticket is not valid, or its time is over'),
      );
      const taken = JSON.stringify({ group_id: Number(groupId), name: 'x', size: 1, url: 'cohort-file:x' });
      expect(parsed(await send(`${gateway.url}/group/file/upload`, 'POST', headers, taken))).toEqual(
        bad(10002, 'url must not name bytes that are here'),
      );
      await app.delete(`/chatgroups/${groupId}/share_files/1`);
      expect(parsed(await send(url, 'GET', {}))).toEqual(bad(20022, 'Group shared file does not exist'));
    });
  });

  test('a sweep removes the bytes of removed files and of dismissed groups, and keeps all others', async () => {
    const { id: app } = tenants[3]!;
    const caller = calls('agora', 3);
    const [groupId, dismissed] = [await newGroup(caller), await newGroup(caller)];
    for (const bytes of ['kept', 'removed']) await shared(caller, groupId, { bytes });
    await shared(caller, dismissed, { bytes: 'dismissed' });
    const service = { app, actor: { type: 'service' } } as const;
    await nats.command('removeFiles', { ...service, groupId, fileIds: ['2'] });
    const { position } = await nats.command('dismiss', { ...service, groupId: dismissed });
    const swept = async (before: Date) => {
      const removed: string[] = [];
      const failures: unknown[] = [];
      const { signal } = new AbortController();
      const report = { onRemoved: (what: string) => removed.push(what), onFailure: (e: unknown) => failures.push(e) };
      await sweep(app, {
        files: new JetStreamInventory(connection),
        client: nats,
        signal,
        before,
        at: position,
        ...report,
      });
      expect(failures).toEqual([]);
      return removed;
    };
    expect(await swept(new Date(Date.now() - 60_000))).toEqual([]);
    expect(await stored(3)).toBe(6);
    expect(await swept(new Date(Date.now() + 60_000))).toEqual(['file', 'file']);
    expect(await stored(3)).toBe(2);
    expect(await raw(caller, 'GET', `/chatgroups/${groupId}/share_files/1`)).toMatchObject({
      status: 200,
      text: 'kept',
    });
  });

  test('a gateway that is killed during an upload shares nothing, and the next one serves what was shared', async () => {
    const app = calls();
    const groupId = await newGroup(app);
    await shared(app, groupId, { bytes: 'kept' });
    const before = await stored(0);
    const begin = formBegin({ bytes: Buffer.alloc(200_000) });
    const path = `${baseOf(app.keys, 'agora')}/chatgroups/${groupId}/share_files`;
    const headers = {
      ...{ Authorization: `Bearer ${tokenOf(app.keys)}`, 'Content-Type': FORM_TYPE, 'Content-Length': 250_000 },
    };
    const uploading = new RawConnection(gateway.url).send(head(path, headers)).send(begin);
    await waitFor(async () => (await stored(0)) > before);
    await gateway.kill();
    await waitFor(() => uploading.closed);
    gateway = await startPart('gateway', env);
    const again = calls();
    expect(await listed(again, groupId)).toEqual(['1']);
    expect(await raw(again, 'GET', `/chatgroups/${groupId}/share_files/1`)).toMatchObject({
      status: 200,
      text: 'kept',
    });
    expect(uploading.received).toBe('');

    // A caller who breaks off leaves nothing.
    const left = await stored(0);
    const broken = new RawConnection(gateway.url).send(head(path, headers)).send(begin);
    await waitFor(async () => (await stored(0)) > left);
    broken.destroy();
    await waitFor(async () => (await stored(0)) === left);
    await shared(again, groupId, { bytes: 'next' });
  });
});
