import { baseOf } from '../../support/agora';
import { enveloped, error, inTenant, newGroup, newUser, noGroup } from './world';

const SHAPES = ['shengwang', 'agora'] as const;

/** The operations of the two vendors' documents, in both shapes of their paths. */
describe.each(SHAPES)('the operations of the documents, in the shape of %s', (shape) => {
  const tenant = inTenant();
  const app = () => tenant.in(shape);
  const uri = (path: string) => `${app().url}${baseOf(app().keys, shape)}${path}`;
  const properties = shape === 'shengwang' ? { properties: {} } : {};
  const create = (fields: object) =>
    app().post('/chatgroups', { groupname: 'Sales', desc: '', public: true, owner: 'u1', ...fields });
  const detail = async (groupId: string) => {
    const { body } = await app().get(`/chatgroups/${groupId}`);
    return (body.data as Record<string, unknown>[])[0]!;
  };

  test('create answers the id, and details show the group with its members', async () => {
    const owner = newUser();
    const created = await create({
      ...{ owner, members: ['u2', 'u3', owner], maxusers: '300', avatar: 'https://x/y', custom: 'c', desc: 'about us' },
      ...{ membersonly: true, allowinvites: true },
    });
    const { groupid: groupId } = created.body.data as { groupid: string };
    expect(created).toEqual({
      status: 200,
      body: {
        ...enveloped(app(), 'post', uri('/chatgroups')),
        data: { groupid: expect.stringMatching(/^\d+$/) as string },
      },
    });
    expect(await app().get(`/chatgroups/${groupId}`)).toEqual({
      status: 200,
      body: {
        ...enveloped(app(), 'get', uri(`/chatgroups/${groupId}`)),
        ...properties,
        count: 1,
        data: [
          {
            ...{ id: groupId, name: 'Sales', avatar: 'https://x/y', description: 'about us', membersonly: true },
            ...{ allowinvites: false, maxusers: 300, owner, created: expect.any(Number) as number, custom: 'c' },
            ...{ mute: false, affiliations_count: 3, disabled: false, public: true },
            affiliations: [{ member: 'u2' }, { member: 'u3' }, { owner }],
          },
        ],
      },
    });
  });

  test('defaults are 200 members, no approval, no invitations by members', async () => {
    const groupId = await newGroup(app(), { public: false });
    expect(await detail(groupId)).toMatchObject({ maxusers: 200, membersonly: false, allowinvites: false, custom: '' });
    const large = await newGroup(app(), { scale: 'large', members: [] });
    expect(await detail(large)).toMatchObject({ maxusers: 1_000, affiliations_count: 1 });
  });

  test('create names the field that is missing, too long or of a wrong type', async () => {
    expect(await create({ public: null })).toEqual(error('invalid', 'group must contain public field!'));
    expect(await create({ owner: null })).toEqual(error('invalid', 'owner must be provided'));
    expect(await create({ avatar: 'x'.repeat(1_025) })).toEqual(error('invalid', 'avatar length is too big'));
    expect(await create({ groupname: 'x'.repeat(129) })).toEqual(error('invalid', 'groupname length is too big'));
    expect(await create({ desc: 'x'.repeat(513) })).toEqual(error('invalid', 'desc length is too big'));
    expect(await create({ maxusers: 0 })).toEqual(error('invalid', 'maxusers must be a number from 1'));
    expect(await create({ maxusers: 'many' })).toEqual(error('invalid', 'maxusers must be a number from 1'));
    const tooMany = error('exceeds', 'members size is greater than max user size !');
    expect(await create({ maxusers: 2, members: ['u2', 'u3'] })).toEqual(tooMany);
    expect(await create({ maxusers: 2, members: ['u2', 'u2', 'u1'] })).toMatchObject({ status: 200 });
  });

  test('a group id that is given is taken once', async () => {
    const groupid = String(Math.floor(Math.random() * 1e12));
    expect((await create({ groupid })).body).toMatchObject({ data: { groupid } });
    expect(await create({ groupid })).toEqual(error('illegal', `group ID ${groupid} already exists!`));
  });

  test('a change answers true for each field, and details show it', async () => {
    const groupId = await newGroup(app(), { members: ['u2'] });
    const answer = await app().put(`/chatgroups/${groupId}`, {
      ...{ groupname: 'Ops', description: 'new', maxusers: 1500, membersonly: true, allowinvites: true, custom: 'abc' },
    });
    expect(answer).toEqual({
      status: 200,
      body: {
        ...enveloped(app(), 'put', uri(`/chatgroups/${groupId}`)),
        ...properties,
        data: {
          ...{ groupname: true, description: true, maxusers: true, membersonly: true, allowinvites: true },
          custom: true,
        },
      },
    });
    expect(await detail(groupId)).toMatchObject({
      ...{ name: 'Ops', description: 'new', maxusers: 1500, membersonly: true, allowinvites: true, custom: 'abc' },
    });
    expect(await app().put(`/chatgroups/${groupId}`, { approval: false })).toMatchObject({
      body: { data: { membersonly: true } },
    });
    expect(await detail(groupId)).toMatchObject({ membersonly: false });
  });

  test('one field that is not valid refuses the whole change', async () => {
    const groupId = await newGroup(app());
    const answer = await app().put(`/chatgroups/${groupId}`, { groupname: 'Ops', groupid: 'x', owner: 'u2' });
    expect(answer).toEqual(error('invalid', 'some of [groupid, owner] are not valid fields'));
    expect(await app().put(`/chatgroups/${groupId}`, { groupname: 'Ops', maxusers: true })).toEqual(
      error('invalid', 'maxusers must be a number from 1'),
    );
    expect(await detail(groupId)).toMatchObject({ name: 'Sales' });
  });

  test('fewer members than the group has are refused', async () => {
    const groupId = await newGroup(app(), { members: ['u2', 'u3'] });
    expect(await app().put(`/chatgroups/${groupId}`, { maxusers: 2 })).toEqual(
      error('forbidden', 'current user count is larger than the maxUsers that you want to update !'),
    );
  });

  test('newowner makes a member the owner', async () => {
    const groupId = await newGroup(app(), { members: ['u2'] });
    const transfer = (newowner: string) => app().put(`/chatgroups/${groupId}`, { newowner });
    expect(await transfer('u9')).toEqual(error('forbidden', `user: u9 doesn't exist in group: ${groupId}`));
    expect(await transfer('u1')).toEqual(error('forbidden', 'new owner and old owner are the same'));
    expect((await transfer('u2')).body).toMatchObject({ data: { newowner: true } });
    expect(await detail(groupId)).toMatchObject({ owner: 'u2', affiliations: [{ member: 'u1' }, { owner: 'u2' }] });
  });

  test('details of several groups have those that exist, and a text for each of the others', async () => {
    const [one, two] = [await newGroup(app()), await newGroup(app())];
    const { body } = await app().get(`/chatgroups/${two},404,${one}`);
    expect(body).toMatchObject({
      count: 2,
      data: [{ id: two }, { id: '404', error: "group id doesn't exist" }, { id: one }],
    });
    expect(await app().get('/chatgroups/404')).toEqual(noGroup('404'));
    const ids = Array.from({ length: 101 }, (_, i) => i).join(',');
    expect(await app().get(`/chatgroups/${ids}`)).toEqual(error('invalid', 'group_id has more than 100 ids'));
  });

  test('a disabled group refuses every change until it is enabled, and can be dismissed', async () => {
    const groupId = await newGroup(app());
    const path = `/chatgroups/${groupId}`;
    for (const _ of ['once', 'again']) {
      expect(await app().post(`${path}/disable`)).toEqual({
        status: 200,
        body: { ...enveloped(app(), 'post', uri(`${path}/disable`)), ...properties, data: { disabled: true } },
      });
    }
    expect(await detail(groupId)).toMatchObject({ disabled: true });
    const refused = error('forbidden', 'can not operate this group, reason: group is disabled');
    expect(await app().put(path, { groupname: 'Ops' })).toEqual(refused);
    expect(await app().put(path, { maxusers: 300 })).toEqual(refused);
    expect((await app().post(`${path}/enable`)).body).toMatchObject({ data: { disabled: false }, ...properties });
    expect(await app().put(path, { groupname: 'Ops' })).toMatchObject({ status: 200 });
    await app().post(`${path}/disable`);
    expect(await app().delete(path)).toEqual({
      status: 200,
      body: { ...enveloped(app(), 'delete', uri(path)), data: { success: true, groupid: groupId } },
    });
  });

  test('a dismissed group does not exist', async () => {
    const groupId = await newGroup(app());
    const path = `/chatgroups/${groupId}`;
    await app().delete(path);
    expect(await app().get(path)).toEqual(noGroup(groupId));
    expect(await app().delete(path)).toEqual(noGroup(groupId));
    expect(await app().put(path, { groupname: 'Ops' })).toEqual(noGroup(groupId));
    expect(await app().post(`${path}/disable`)).toEqual(noGroup(groupId));
  });

  test('is_joined has the answer of the document', async () => {
    const groupId = await newGroup(app(), { members: ['u2'] });
    const path = (userId: string) => `/chatgroups/${groupId}/user/${userId}/is_joined`;
    const { body } = await app().get(path('u2'));
    const { uri: _, entities: __, ...times } = enveloped(app(), 'get', '');
    expect(body).toEqual(
      shape === 'shengwang'
        ? { ...times, application: expect.any(String) as string, organization: app().keys.org, data: true }
        : { ...enveloped(app(), 'get', uri(path('u2'))), data: true },
    );
    expect((await app().get(path('u9'))).body.data).toBe(false);
  });

  test("the app's groups come newest first, page by page, without a cursor on the last one", async () => {
    const own = await Promise.all([0, 1, 2].map(() => newGroup(app())));
    const pages: Record<string, unknown>[] = [];
    for (let search = '?limit=2'; search !== '';) {
      const { status, body } = await app().get(`/chatgroups${search}`);
      expect(status).toBe(200);
      pages.push(body);
      search = 'cursor' in body ? `?limit=2&cursor=${encodeURIComponent(body.cursor as string)}` : '';
    }
    const ids = pages.flatMap(({ data }) => (data as { groupid: string }[]).map(({ groupid }) => groupid));
    expect(new Set(ids.slice(0, 3))).toEqual(new Set(own));
    const { keys } = app();
    expect(pages[0]).toEqual({
      ...enveloped(app(), 'get', uri('/chatgroups')),
      ...{ params: { limit: ['2'] }, count: 2, cursor: expect.any(String) as string },
      data: own.slice(0, 2).map(() => ({
        ...{
          owner: `${keys.org}#${keys.app}_u1`,
          groupid: expect.any(String) as string,
          affiliations: 1,
          type: 'group',
        },
        [shape === 'shengwang' ? 'lastModified' : 'last_modified']: expect.stringMatching(/^\d{13}$/) as string,
        groupname: 'Sales',
      })),
    });
    const wrong = error('invalid', 'limit must be a number from 1');
    for (const limit of ['0', '-1', 'x', '1.5']) expect(await app().get(`/chatgroups?limit=${limit}`)).toEqual(wrong);
    expect((await app().get('/chatgroups?limit=5000')).status).toBe(200);
    expect(await app().get('/chatgroups?cursor=nobodys')).toMatchObject({
      status: 400,
      body: { error: 'invalid_parameter' },
    });
  });

  test("a user's groups in both shapes of the answer", async () => {
    const userId = newUser();
    const groups: string[] = [];
    for (let i = 0; i < 3; i++) groups.unshift(await newGroup(app(), { owner: userId }));
    const path = `/chatgroups/user/${userId}`;
    const { entities: _, ...rest } = enveloped(app(), 'get', uri(path));
    const { body } = await app().get(`${path}?pagesize=2&pagenum=0`);
    expect(body).toEqual({
      ...{ ...rest, total: 3, params: { pagesize: ['2'], pagenum: ['0'] } },
      entities: groups.slice(0, 2).map((id) => ({
        ...{ name: 'Sales', avatar: '', owner: userId, id, groupId: id, description: '', disabled: false },
        ...{ public: true, allowinvites: false, membersonly: false, maxusers: 200 },
        created: expect.any(Number) as number,
      })),
    });
    expect((await app().get(`${path}?pagesize=2&pagenum=1`)).body.entities).toMatchObject([{ id: groups[2] }]);
    expect((await app().get(`${path}?pagesize=99`)).body.entities).toHaveLength(3);
    expect(await app().get(`${path}?pagenum=-1`)).toEqual(error('invalid', 'pagenum must be a number from 0'));
    expect((await app().get(`/chatgroups/user/${newUser()}`)).body).toMatchObject({ entities: [], total: 0 });

    const joined = `/users/${userId}/joined_chatgroups`;
    const entries = groups.map((groupid) => ({ groupid, groupname: 'Sales' }));
    expect((await app().get(joined)).body).toEqual({
      ...{ ...enveloped(app(), 'get', uri(joined)), data: entries, count: 3 },
    });
    const paged = (search: string) =>
      app()
        .get(`${joined}?${search}`)
        .then((answer) => answer.body);
    expect(await paged('pagesize=2&pagenum=1')).toMatchObject({ data: entries.slice(0, 2), properties: {} });
    expect(await paged('pagesize=2&pagenum=0')).toMatchObject({ data: entries.slice(0, 2) });
    expect(await paged('pagesize=2&pagenum=2')).toMatchObject({ data: entries.slice(2), count: 1 });
    expect(await paged('pagesize=1&pagenum=100')).toEqual({
      ...{ ...enveloped(app(), 'get', uri(joined)), data: [], count: 0, properties: {} },
      params: { pagesize: ['1'], pagenum: ['100'] },
    });
    const first = await paged('limit=2');
    expect(first).toMatchObject({ data: entries.slice(0, 2) });
    const last = await paged(`limit=2&cursor=${encodeURIComponent(first.cursor as string)}`);
    expect(last).toMatchObject({ data: entries.slice(2) });
    expect(last).not.toHaveProperty('cursor');
    expect(await paged('version=v3')).toMatchObject({
      data: groups.map((id) => ({ id, name: 'Sales', disabled: false, permission: 'owner' })),
    });
    expect((await app().get(`${path}/joined_count`)).body.data).toBe(3);
  });
});
