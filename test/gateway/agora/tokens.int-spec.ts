import { send } from '../http';
import { AgoraCaller, baseOf, tokenOf } from '../../support/agora';
import { accessToken2 } from '../../../apps/gateway/src/dialects/agora/testing/access-token2';
import { error, inTenant, newGroup, newUser } from './world';

const unauthorized = error('unauthorized', 'Unable to authenticate (OAuth)');

/** Who calls, and what their token lets them do. */
describe('tokens', () => {
  const tenant = inTenant();
  const app = () => tenant.in('agora');
  const bearer = (caller: AgoraCaller, authorization: string, path = '/chatgroups') =>
    caller.call('GET', path, undefined, { Authorization: authorization });
  const keys = () => app().keys as AgoraCaller['keys'] & { clientId: string; clientSecret: string };

  test.each(['shengwang', 'agora'] as const)(
    'a request without a valid token is refused in the shape of %s',
    async (shape) => {
      const caller = tenant.in(shape);
      expect(await bearer(caller, '')).toEqual(error('noToken', 'token is blank!'));
      for (const wrong of ['Basic eA==', 'Bearer', 'Bearer x', `Bearer ${tokenOf(keys())}x y`]) {
        expect(await bearer(caller, wrong)).toEqual(unauthorized);
      }
      const past = { issuedAt: 1_700_000_000, privileges: { 2: 600 } };
      expect(await bearer(caller, `Bearer ${accessToken2(keys(), past)}`)).toEqual(unauthorized);
      const foreign = { ...keys(), certificate: 'x' };
      expect(await bearer(caller, `Bearer ${tokenOf(foreign)}`)).toEqual(unauthorized);
      expect(await bearer(caller, `bearer ${tokenOf(keys())}`)).toMatchObject({ status: 200 });
    },
  );

  test('an app that nobody has is named', async () => {
    const { appId, org } = keys();
    for (const path of [`/app-id/${appId}x/chatgroups`, `/${org}/nothing/chatgroups`, `/app-id/im/chatgroups`]) {
      const { status, text } = await send(`${app().url}${path}`, 'GET', {});
      expect([status, JSON.parse(text)]).toEqual([
        404,
        expect.objectContaining({ error: 'organization_application_not_found' }),
      ]);
    }
  });

  test("the token call returns the app's token for the secret of its client", async () => {
    const { clientId: client_id, clientSecret: client_secret } = keys();
    const asks = (body: object) => app().call('POST', '/token', body, { Authorization: '' });
    const { status, body } = await asks({ grant_type: 'client_credentials', client_id, client_secret });
    expect([status, body]).toEqual([
      200,
      {
        ...{ access_token: expect.stringMatching(/^YWMt/) as string, expires_in: 86_400 },
        ...{ expire_timestamp: expect.any(Number) as number, application: expect.any(String) as string },
      },
    ]);
    expect(Math.abs((body.expire_timestamp as number) - Date.now() - 86_400_000)).toBeLessThan(60_000);
    const token = `Bearer ${body.access_token as string}`;
    for (const shape of ['shengwang', 'agora'] as const) {
      expect(await bearer(tenant.in(shape), token)).toMatchObject({ status: 200 });
    }
    for (const wrong of [{ client_id: 'x', client_secret }, { client_id, client_secret: 'x' }, { client_id }]) {
      expect(await asks({ grant_type: 'client_credentials', ...wrong })).toEqual(unauthorized);
    }
    expect(await asks({ grant_type: 'password' })).toEqual(
      error('invalid', 'grant_type must be client_credentials or agora'),
    );
  });

  test("the token call exchanges an AccessToken2, a user's for a user's", async () => {
    const asks = (caller: AgoraCaller) => caller.post('/token', { grant_type: 'agora' });
    const user = newUser();
    const { body } = await asks(app().as(user));
    const token = `Bearer ${body.access_token as string}`;
    expect(await bearer(app(), token)).toEqual(unauthorized);
    expect(await bearer(app(), token, `/users/${user}/joined_chatgroups`)).toMatchObject({ status: 200 });
    const own = await asks(app());
    expect(await bearer(app(), `Bearer ${own.body.access_token as string}`)).toMatchObject({ status: 200 });
    expect(await app().call('POST', '/token', { grant_type: 'agora' }, { Authorization: 'Bearer x' })).toEqual(
      unauthorized,
    );
  });

  describe('of a user', () => {
    const [owner, admin, member, stranger] = [newUser(), newUser(), newUser(), newUser()];
    let groupId: string;
    let path: string;
    const by = (user: string) => app().as(user);
    const notIn = (user: string) => error('forbidden', `users [${user}] are not members of this group!`);

    beforeEach(async () => {
      groupId = await newGroup(app(), { owner, members: [admin, member], public: false });
      path = `/chatgroups/${groupId}`;
    });

    test('makes own groups only', async () => {
      const fields = { groupname: 'Own', desc: '', public: true };
      expect(await by(owner).post('/chatgroups', { ...fields, owner })).toMatchObject({ status: 200 });
      expect(await by(stranger).post('/chatgroups', { ...fields, owner })).toMatchObject({
        ...{ status: 403, body: { error: 'forbidden_op' } },
      });
    });

    test('changes, transfers and dismisses by their role', async () => {
      const notAdmin = error('forbidden', `user:${member} is not admin of group:${groupId}`);
      expect(await by(member).put(path, { groupname: 'Ops' })).toEqual(notAdmin);
      expect(await by(stranger).put(path, { groupname: 'Ops' })).toEqual(notIn(stranger));
      expect(await by(owner).put(path, { groupname: 'Ops' })).toMatchObject({ status: 200 });
      const notOwner = error('forbidden', `user:${member} is not owner of group:${groupId}`);
      expect(await by(member).put(path, { newowner: admin })).toEqual(notOwner);
      expect(await by(member).delete(path)).toEqual(notOwner);
      expect(await by(owner).put(path, { newowner: admin })).toMatchObject({ status: 200 });
      expect(await by(admin).delete(path)).toMatchObject({ status: 200 });
    });

    test('never reads or changes for the whole app', async () => {
      for (const call of ['disable', 'enable']) expect(await by(owner).post(`${path}/${call}`)).toEqual(unauthorized);
      expect(await by(owner).get('/chatgroups')).toEqual(unauthorized);
      expect(await by(owner).get(`/users/${member}/joined_chatgroups`)).toEqual(unauthorized);
      expect(await by(owner).get(`/chatgroups/user/${member}`)).toEqual(unauthorized);
      expect(await by(owner).get(`/chatgroups/user/${owner}`)).toMatchObject({ status: 200 });
    });

    test('reads a private group as its member, a public one as anybody', async () => {
      expect(await by(member).get(path)).toMatchObject({ status: 200, body: { count: 1 } });
      expect(await by(stranger).get(path)).toEqual(notIn(stranger));
      expect(await by(stranger).get(`/chatgroups/${await newGroup(app())}`)).toMatchObject({ status: 200 });
    });

    test('asks whether another user has joined as a member', async () => {
      expect(await by(member).get(`${path}/user/${owner}/is_joined`)).toMatchObject({ body: { data: true } });
      expect(await by(stranger).get(`${path}/user/${owner}/is_joined`)).toEqual(notIn(stranger));
      expect(await by(stranger).get(`${path}/user/${stranger}/is_joined`)).toMatchObject({ body: { data: false } });
    });
  });

  test('a page of another site may call, and its preflight needs no token', async () => {
    const url = `${app().url}${baseOf(keys(), 'agora')}/chatgroups`;
    const preflight = await send(url, 'OPTIONS', {
      ...{ Origin: 'https://shop.example', 'Access-Control-Request-Headers': 'authorization' },
    });
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([204, '*']);
    expect(preflight.headers['access-control-allow-headers']).toBe(
      'authorization, content-type, accept, restrict-access, x-requested-with',
    );
    const refused = await send(url, 'GET', { Origin: 'https://shop.example' });
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([401, '*']);
  });

  test("Agora's path with two slashes, and with /sdk, is the same path", async () => {
    const groupId = await newGroup(app());
    const own = baseOf(keys(), 'agora');
    const headers = { Authorization: `Bearer ${tokenOf(keys())}` };
    const found = await send(`${app().url}/${own}/chatgroups/${groupId}`, 'GET', headers);
    expect(found.status).toBe(200);
    expect((await send(`${app().url}${own}/sdk/chatgroups/${groupId}`, 'GET', headers)).status).toBe(200);
    expect((await send(`${app().url}/${own}/chatgroups/${groupId}`, 'DELETE', headers)).status).toBe(200);
  });
});

/** Rules of one of the two documents. */
describe('limits', () => {
  const tenant = inTenant();
  const create = (shape: 'shengwang' | 'agora', fields: object) =>
    tenant.in(shape).post('/chatgroups', { groupname: 'Sales', desc: '', public: true, owner: 'u1', ...fields });
  const many = (count: number) => Array.from({ length: count }, (_, i) => `m${i}`);

  test("of Agora's document", async () => {
    expect(await create('agora', { groupname: null })).toEqual(error('invalid', 'groupname must be provided'));
    expect(await create('agora', { desc: null })).toEqual(error('invalid', 'desc must be provided'));
    expect(await create('agora', { groupname: 'a/b' })).toEqual(error('invalid', 'groupname must not contain /'));
    expect(await create('agora', { desc: 'a/b' })).toEqual(error('invalid', 'desc must not contain /'));
    expect(await create('agora', { custom: 'ö'.repeat(1_025) })).toEqual(error('invalid', 'custom length is too big'));
    expect(await create('agora', { custom: 'ö'.repeat(1_024) })).toMatchObject({ status: 200 });
    expect(await create('agora', { maxusers: 2_001 })).toEqual(
      error('invalid', 'maxusers must not be larger than 2000'),
    );
    expect(await create('agora', { maxusers: '2000', members: many(101) })).toEqual(
      error('invalid', 'members size is more than max limit : 100'),
    );
    expect(await create('agora', { owner: 'a b' })).toEqual(error('invalid', 'owner must be a username'));
  });

  test("of Shengwang's document", async () => {
    expect(await create('shengwang', { groupname: null })).toMatchObject({ status: 200 });
    expect(await create('shengwang', { groupname: 'a/b', owner: 'ö 1' })).toMatchObject({ status: 200 });
    expect(await create('shengwang', { maxusers: 5_000, members: many(101) })).toMatchObject({ status: 200 });
    expect(await create('shengwang', { custom: 'ö'.repeat(4_097) })).toEqual(
      error('invalid', 'custom length is too big'),
    );
    expect(await create('shengwang', { custom: 'ö'.repeat(4_096) })).toMatchObject({ status: 200 });
  });

  test('spaces and + in a name are kept as they are sent', async () => {
    const { body } = await create('agora', { groupname: 'a b+c' });
    const { groupid } = body.data as { groupid: string };
    expect((await tenant.in('agora').get(`/chatgroups/${groupid}`)).body.data).toMatchObject([{ name: 'a b+c' }]);
  });

  test('a field that the other document alone changes is not valid', async () => {
    const groupId = await newGroup(tenant.in('agora'));
    const put = (shape: 'shengwang' | 'agora', fields: object) =>
      tenant.in(shape).put(`/chatgroups/${groupId}`, fields);
    const refused = (name: string) => error('invalid', `some of [${name}] are not valid fields`);
    expect(await put('agora', { public: false })).toEqual(refused('public'));
    expect(await put('agora', { invite_need_confirm: false })).toEqual(refused('invite_need_confirm'));
    expect(await put('shengwang', { desc: 'x' })).toEqual(refused('desc'));
    expect(await put('shengwang', { public: false, invite_need_confirm: false })).toMatchObject({ status: 200 });
    expect((await put('agora', { name: 'Ops', desc: 'x', avatar: 'y' })).body.data).toEqual({
      ...{ groupname: true, description: true, avatar: true },
    });
  });

  test("the case of a name in Agora's API makes no difference, and new names are in lower case", async () => {
    const { body } = await create('agora', { owner: 'Zoe', members: ['Yan'] });
    const { groupid } = body.data as { groupid: string };
    const joined = async (name: string) =>
      (await tenant.in('agora').get(`/chatgroups/${groupid}/user/${name}/is_joined`)).body.data;
    expect(await Promise.all(['zoe', 'ZOE', 'yan', 'Xi'].map(joined))).toEqual([true, true, true, false]);
    const exact = await create('shengwang', { owner: 'Eva' });
    const { groupid: other } = exact.body.data as { groupid: string };
    const path = `/chatgroups/${other}/user/Eva/is_joined`;
    expect((await tenant.in('agora').get(path)).body.data).toBe(true);
    expect((await tenant.in('shengwang').get(path.replace('Eva', 'eva'))).body.data).toBe(false);
  });
});
