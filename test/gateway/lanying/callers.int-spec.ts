import { TEXTS, type VendorCode } from '../../../apps/gateway/src/dialects/lanying/errors';
import { adminHeaders, token, userHeaders } from '../../support/lanying';
import { FIRST_START_MS, newTenant, sharedService } from '../../support/service';
import type { Tenant } from '../../support/service/tenants';
import { send, type Answer } from '../http';
import type { Values } from '../cases';
import { callAt, newWorld, VisibleClient, type Sent, type World } from './world';

const error = (code: VendorCode, message: string = TEXTS[code]) => ({ code, message });

/** Who calls, with which headers, and from where. */
describe('callers of the Lanying dialect', () => {
  let url: string;
  let tenant: Tenant;
  let nats: VisibleClient;
  let world: World;

  beforeAll(async () => {
    const service = await sharedService();
    url = service.gateway.url;
    tenant = await newTenant();
    nats = await VisibleClient.connect(service, tenant.id);
  }, FIRST_START_MS);
  beforeEach(async () => {
    world = await newWorld(nats);
  });
  afterAll(() => nats?.close());

  const sending = (headers: Record<string, string>, sent: Sent) =>
    callAt(url, tenant, undefined, { ...sent, headers: { ...headers, ...sent.headers } });
  const list = (): Sent => ({
    method: 'GET',
    path: '/group/member_list',
    query: { group_id: world.groupId, limit: 1 },
  });
  const kick = (user: number): Sent => ({
    ...{ method: 'POST', path: '/group/kick' },
    body: { group_id: world.groupId, user_list: [user] },
  });
  const kicked = (user: number) => ({ code: 200, data: [{ user_id: user, result: 'success' }] });

  describe("an admin's token", () => {
    const asAdmin = (as: { user_id?: number; group_id?: number }, sent: Sent) => {
      const headers = Object.entries(as).map(([name, id]) => [name, String(id)]);
      return sending(adminHeaders(tenant.lanying, Object.fromEntries(headers) as Record<string, string>), sent);
    };

    test('acts as the user of the header user_id, with the rights of that user', async () => {
      expect(await asAdmin({ user_id: world.member }, kick(world.other))).toEqual(error(20012));
      expect(await asAdmin({ user_id: world.owner }, kick(world.other))).toEqual(kicked(world.other));
    });

    test('acts as the service in the group of the header group_id, and in no other', async () => {
      expect(await asAdmin({ group_id: world.groupId + 1 }, kick(world.other))).toEqual(error(20012));
      expect(await asAdmin({ group_id: world.groupId }, kick(world.other))).toEqual(kicked(world.other));
    });

    test('reads every group without a user', async () => {
      expect(await asAdmin({}, list())).toMatchObject({ code: 200, total: 4 });
    });

    test('names no other group in a list, and has the applications of its group without one', async () => {
      const { groupId, stranger } = world;
      await nats.run('changeSettings', { groupId: String(groupId), visibility: 'public', joinPolicy: 'approval' });
      await nats.run('apply', { groupId: String(groupId), userId: String(stranger) });
      const inGroup = (path: string, body: Values) => asAdmin({ group_id: groupId }, { method: 'POST', path, body });
      for (const path of ['/group/application_list', '/group/info/batch']) {
        expect(await inGroup(path, { group_list: [groupId, groupId + 1] })).toEqual(error(20012));
        expect(await inGroup(path, { group_list: [groupId] })).toMatchObject({ code: 200, data: [{}] });
      }
      expect(await inGroup('/group/application_list', {})).toMatchObject({ data: [{ applicant_id: stranger }] });
      const withoutBody = { method: 'POST', path: '/group/application_list' };
      expect(await asAdmin({ group_id: groupId }, withoutBody)).toMatchObject({ data: [{ applicant_id: stranger }] });
    });

    test('needs an acting user, or a group, to change anything, and to leave it', async () => {
      const required = error(10002, 'user_id is required');
      expect(await asAdmin({}, kick(world.other))).toEqual(required);
      const leave = { method: 'POST', path: '/group/leave', query: { group_id: world.groupId } };
      expect(await asAdmin({ group_id: world.groupId }, leave)).toEqual(required);
      expect(await asAdmin({}, { method: 'GET', path: '/group/user_joined' })).toEqual(required);
    });

    test.each(['user_id', 'group_id'])('with a %s that is no number is refused', async (name) => {
      expect(await sending({ ...adminHeaders(tenant.lanying), [name]: 'x' }, list())).toEqual(
        error(10002, `${name} must be a number`),
      );
    });
  });

  describe("a user's token", () => {
    test('ignores the header group_id, and may repeat its user in user_id but name no other', async () => {
      const own = userHeaders(tenant.lanying, world.member);
      expect(await sending({ ...own, group_id: String(world.groupId) }, kick(world.other))).toEqual(error(20012));
      expect(await sending({ ...own, user_id: String(world.member) }, list())).toMatchObject({ code: 200 });
      expect(await sending({ ...own, user_id: String(world.owner) }, list())).toEqual(error(10010));
    });

    test("of another tenant's secret, another app or an earlier time is refused", async () => {
      const { appId, secret } = tenant.lanying;
      const with_ = (made: string) => sending({ app_id: appId, 'access-token': made }, list());
      const claims = { app: appId, sub: String(world.member) };
      expect(await with_(token('another secret', claims))).toEqual(error(10008));
      expect(await with_(token(secret, { ...claims, app: 'other' }))).toEqual(error(10008));
      expect(await with_(token(secret, { ...claims, exp: 1_600_000_000 }))).toEqual(error(402));
      expect(await sending({ app_id: 'nobody', 'access-token': 'x' }, list())).toEqual(error(40000));
    });
  });

  describe('ids', () => {
    test('that are no numbers are shown and accepted as aliases, in every direction', async () => {
      const groupId = `sales of ${world.groupId}`;
      await nats.run('create', { groupId, name: 'Sales', owner: 'alice', members: ['bob', String(2n ** 60n)] });
      const { appId, secret } = tenant.lanying;
      const alice = { app_id: appId, 'access-token': token(secret, { app: appId, sub: 'alice' }) };
      const joined = (await sending(alice, { method: 'GET', path: '/group/user_joined' })) as { data: number[] };
      expect(joined).toEqual({ code: 200, data: [expect.any(Number) as unknown] });
      const number = joined.data[0]!;
      expect(number).toBeGreaterThanOrEqual(2 ** 52);

      const asked = { method: 'GET', path: '/group/member_list', query: { group_id: number } };
      const members = (await sending(alice, asked)) as { data: { user_id: number }[] };
      const [first, second] = members.data.map(({ user_id: id }) => id);
      for (const id of [first!, second!]) expect(id).toBeGreaterThanOrEqual(2 ** 52);
      // The number of 64 bits stands in the text as it is; JavaScript would round it.
      const answer = await send(`${url}/group/member_list?group_id=${number}`, 'GET', alice);
      expect(answer.text).toContain(`"user_id":${2n ** 60n}`);

      const body = { group_id: number, user_list: [second!] };
      expect(await sending(alice, { method: 'POST', path: '/group/kick', body })).toEqual(kicked(second!));
      const asAlice = adminHeaders(tenant.lanying, { user_id: String(first) });
      expect(await sending(asAlice, asked)).toMatchObject({ code: 200, total: 2 });
    });

    test('that are aliases of nobody are unknown', async () => {
      const alias = 2 ** 53 - 1;
      const own = userHeaders(tenant.lanying, world.owner);
      const create = { method: 'POST', path: '/group/create', body: { name: 'Sales', user_list: [alias] } };
      expect(await sending(own, create)).toEqual(error(10000));
      expect(await sending(own, { ...list(), query: { group_id: alias } })).toEqual(error(20001));
      const path = '/group/members/display_name';
      const names = (user_list: number[]) =>
        sending(own, { method: 'POST', path, body: { group_id: world.groupId, user_list } });
      expect(await names([alias, world.member])).toMatchObject({ data: [{ user_id: world.member }] });
      expect(await names([alias])).toEqual({ code: 200, data: [] });
    });
  });

  describe('a version', () => {
    type Page = Readonly<Record<'data' | 'removed', { user_id: number }[]>> & { version: number; full?: boolean };
    const since = (version: number | string) =>
      sending(userHeaders(tenant.lanying, world.owner), {
        ...list(),
        query: { group_id: world.groupId, version },
      }) as Promise<Page>;

    test('brings the changes since then, removals included, and 0 the whole list', async () => {
      const { version, ...whole } = await since(0);
      expect([whole.data.length, 'full' in whole, 'removed' in whole]).toEqual([4, false, false]);
      await nats.run('kick', { groupId: String(world.groupId), userIds: [String(world.other)] });
      await nats.run('addMembers', { groupId: String(world.groupId), userIds: [String(world.stranger)] });
      const changes = await since(version);
      expect(changes).toEqual({
        code: 200,
        data: [{ user_id: world.stranger, display_name: '', join_time: expect.any(Number) as unknown }],
        total: 4,
        version: expect.any(Number) as unknown,
        removed: [world.other],
        full: false,
      });
      expect(await since(changes.version)).toMatchObject({ data: [], removed: [], full: false });
    });

    test('that no list can have brings the whole list', async () => {
      const { data } = await since(0);
      for (const version of ['1000000000000000', '9223372036854775807']) {
        expect(await since(version)).toMatchObject({ code: 200, data, removed: [], full: true });
      }
    });
  });

  test('a dismissed group is shown to its last members and to admins, and to nobody else', async () => {
    await nats.run('dismiss', { groupId: String(world.groupId) });
    const one = (headers: Record<string, string>, path: string) =>
      sending(headers, { method: 'GET', path, query: { group_id: world.groupId } });
    const batch = (headers: Record<string, string>) =>
      sending(headers, { method: 'POST', path: '/group/info/batch', body: { group_list: [world.groupId] } });
    for (const headers of [userHeaders(tenant.lanying, world.member), adminHeaders(tenant.lanying)]) {
      const ended = { group_id: world.groupId, status: 1, count: 4 };
      expect(await one(headers, '/group/info')).toMatchObject({ code: 200, data: ended });
      expect(await one(headers, '/group/settings')).toMatchObject({ code: 200, data: ended });
      expect(await batch(headers)).toMatchObject({ code: 200, data: [ended] });
    }
    const stranger = userHeaders(tenant.lanying, world.stranger);
    expect(await one(stranger, '/group/info')).toEqual(error(20001));
    expect(await batch(stranger)).toEqual({ code: 200, data: [] });
  });

  test('a public group is shown to everybody', async () => {
    await nats.run('changeSettings', { groupId: String(world.groupId), visibility: 'public' });
    const asked = { method: 'GET', path: '/group/info', query: { group_id: world.groupId } };
    expect(await sending(userHeaders(tenant.lanying, world.stranger), asked)).toMatchObject({ data: { type: 1 } });
  });

  describe('a page of another origin', () => {
    const origin = { Origin: 'https://shop.example' };
    const allowed = (answer: Answer) => answer.headers['access-control-allow-origin'];

    test.each(['/group/create', '/group/nothing', '/user/profile', '/', '/v2/app_dns'])(
      'gets an answer to its preflight of %s, without a token',
      async (path) => {
        const answer = await send(`${url}${path}`, 'OPTIONS', {
          ...origin,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'access-token,app_id,content-type',
        });
        expect([answer.status, answer.text, allowed(answer)]).toEqual([204, '', '*']);
        expect(answer.headers['access-control-allow-headers']).toBe(
          'app_id, access-token, user_id, group_id, content-type',
        );
        expect(answer.headers['access-control-allow-methods']).toBe('GET, POST, PUT, DELETE');
      },
    );

    test('may read answers, errors, and those of unknown paths', async () => {
      const headers = { ...origin, ...userHeaders(tenant.lanying, world.owner) };
      const appOnly = await send(`${url}/token/id`, 'POST', { ...origin, app_id: tenant.lanying.appId });
      expect([appOnly.status, allowed(appOnly)]).toEqual([200, '*']);
      for (const path of ['/group/user_joined', '/group/member_list', '/group/nothing', '/user/profile', '/']) {
        const answer = await send(`${url}${path}`, 'GET', headers);
        expect([path, answer.status, allowed(answer)]).toEqual([path, 200, '*']);
      }
    });

    test('may not read answers of RongCloud', async () => {
      for (const method of ['OPTIONS', 'POST']) {
        const answer = await send(`${url}/group/create.json`, method, { ...origin, 'access-token': 'x' });
        expect(allowed(answer)).toBeUndefined();
      }
    });
  });
});
