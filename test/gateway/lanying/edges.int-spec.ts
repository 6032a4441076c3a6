import { TEXTS, type VendorCode } from '../../../apps/gateway/src/dialects/lanying/errors';
import { adminHeaders, userHeaders } from '../../support/lanying';
import { FIRST_START_MS, newTenant, sharedService } from '../../support/service';
import type { Tenant, TenantKind } from '../../support/service/tenants';
import { waitFor } from '../../support/wait-for';
import type { Values } from '../cases';
import { callAt, newWorld, VisibleClient, type World } from './world';

const error = (code: VendorCode) => ({ code, message: TEXTS[code] });
type Body = Readonly<Record<string, unknown>> & { readonly code: number };

/** Calls at the edges of the dialect: numbers that nothing has, pages of public groups, ends. */
describe('the Lanying dialect', () => {
  let url: string;
  let tenant: Tenant;
  let nats: VisibleClient;
  let world: World;

  const inTenant = (kind: TenantKind) => {
    beforeAll(async () => {
      const service = await sharedService();
      url = service.gateway.url;
      tenant = await newTenant(kind);
      nats = await VisibleClient.connect(service, tenant.id);
      world = await newWorld(nats);
    }, FIRST_START_MS);
    afterAll(() => nats?.close());
  };
  const get = (by: number, path: string, query: Values = {}) =>
    callAt(url, tenant, by, { method: 'GET', path, query }) as Promise<Body>;
  const post = (by: number, path: string, body: Values, query: Values = {}) =>
    callAt(url, tenant, by, { method: 'POST', path, body, query }) as Promise<Body>;
  const group = () => ({ groupId: String(world.groupId) });

  describe('a number that no announcement and no file can have', () => {
    inTenant('plain');

    test.each(['0', '1000000000000000', '9223372036854775807'])('%s is unknown, not malformed', async (number) => {
      const { owner, stranger, groupId } = world;
      const announcement = { group_id: groupId, announcement_id: number };
      const file = { group_id: groupId, file_id: number };
      expect(await get(owner, '/group/announcement', announcement)).toEqual(error(20020));
      expect(await post(owner, '/group/announcement/delete', {}, announcement)).toEqual(error(20020));
      expect(await get(owner, '/group/file', file)).toEqual(error(20022));
      expect(await post(owner, '/group/file/update_name', { ...file, name: 'Plan' })).toEqual(error(20022));
      expect(await get(stranger, '/group/file', file)).toEqual(error(20011));
    });

    test('a list with such numbers has a result for each, and the others are removed', async () => {
      const { owner, stranger, groupId } = world;
      const { fileId } = await nats.run('shareFile', {
        ...{ ...group(), name: 'a', size: 1, type: '', url: 'u', actor: { type: 'user', id: String(owner) } },
      });
      const unknown = { result: 'fail', reason: TEXTS[20022] };
      const numbers = [0, Number(fileId), 2 ** 53 - 1];
      expect(await post(stranger, '/group/file/delete', { group_id: groupId, file_list: [0] })).toEqual(error(20011));
      expect(await post(owner, '/group/file/delete', { group_id: groupId, file_list: numbers })).toEqual({
        code: 200,
        data: [
          { file_id: 0, ...unknown },
          { file_id: Number(fileId), result: 'success' },
          { file_id: 2 ** 53 - 1, ...unknown },
        ],
      });
      expect(await post(owner, '/group/file/delete', { group_id: groupId, file_list: [0] })).toEqual({
        code: 200,
        data: [{ file_id: 0, ...unknown }],
      });
    });
  });

  describe('the list of public groups', () => {
    inTenant('small');
    let ids: number[];
    beforeAll(async () => {
      ids = [];
      for (let n = 0; n < 5; n++) {
        const groupId = world.groupId + 100 + n;
        const settings = { visibility: n % 2 === 0 ? ('public' as const) : ('chatroom' as const) };
        await nats.run('create', { groupId: String(groupId), name: 'Found', owner: String(world.owner), settings });
        ids.unshift(groupId);
      }
    });
    const list = (query: Values = {}) => get(world.stranger, '/group/public_list', query);

    test("has as many groups as the tenant's setting, the newest first, and a cursor if there are more", async () => {
      const first = await list();
      expect(first).toEqual({ code: 200, data: ids.slice(0, 3), cursor: expect.any(String) as unknown });
      expect(await list({ limit: 50 })).toMatchObject({ data: ids.slice(0, 3) });
      expect(await list({ cursor: first.cursor as string })).toEqual({ code: 200, data: ids.slice(3) });
    });

    test('has pages of the given limit, in which every group appears once', async () => {
      const found: unknown[] = [];
      let cursor: unknown;
      do {
        const page = await list({ limit: 2, ...(cursor === undefined ? {} : { cursor: cursor as string }) });
        found.push(page.data);
        ({ cursor } = page);
      } while (cursor !== undefined);
      expect(found).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
    });

    test('refuses a limit below 1 and a cursor of another list', async () => {
      expect(await list({ limit: 0 })).toEqual({ code: 10002, message: 'limit must be a number from 1' });
      const { cursor } = await get(world.owner, '/group/member_list', { group_id: world.groupId, limit: 1 });
      expect(await list({ cursor: cursor as string })).toMatchObject({ code: 10002 });
    });
  });

  describe("the web application's list of applications", () => {
    inTenant('plain');
    const list = (headers: Record<string, string>, group_list: number[]) =>
      callAt(url, tenant, undefined, {
        method: 'POST',
        path: '/group/application_list',
        body: { group_list },
        headers,
      });
    const by = (user: number) => userHeaders(tenant.lanying, user);

    test('names all groups of its user: those that the user does not administer, or that are gone, are left out', async () => {
      const { owner, admin, member, stranger, groupId } = world;
      const others = await newWorld(nats);
      for (const id of [groupId, others.groupId]) {
        await nats.run('changeSettings', { groupId: String(id), visibility: 'public', joinPolicy: 'approval' });
        await post(stranger, '/group/apply', { group_id: id });
      }
      await nats.run('addMembers', { groupId: String(others.groupId), userIds: [String(owner)] });
      const all = [others.groupId, 6_000_000, 2 ** 53 - 1, groupId];
      const own = { code: 200, data: [{ group_id: groupId, applicant_id: stranger }], total: 1 };
      expect(await list(by(owner), all)).toMatchObject(own);
      expect(await list(by(admin), [...Array(200).keys(), groupId])).toMatchObject(own);
      expect(await list(adminHeaders(tenant.lanying), [groupId, 6_000_000])).toMatchObject(own);
      expect(await list(by(owner), [])).toMatchObject(own);
      expect(await list(by(member), [groupId, 6_000_000])).toEqual(error(20012));
      expect(await list(by(stranger), [])).toMatchObject({ data: [] });
    });

    test('answers as other operations if all its groups are gone', async () => {
      await nats.run('dismiss', group());
      for (const headers of [by(world.owner), adminHeaders(tenant.lanying)]) {
        for (const id of [world.groupId, 2 ** 53 - 1, 6_000_000]) {
          expect(await list(headers, [id])).toEqual(error(20001));
        }
      }
    });
  });

  describe('lists of many groups, and of nobody', () => {
    inTenant('plain');

    test('are accepted: info/batch has all groups of a user, create an empty user_list', async () => {
      const { owner, groupId } = world;
      const group_list = [...Array(500).keys(), groupId];
      expect(await post(owner, '/group/info/batch', { group_list })).toMatchObject({ data: [{ group_id: groupId }] });
      expect(await post(owner, '/group/create', { name: 'x', user_list: [] })).toMatchObject({ data: { count: 1 } });
    });
  });

  describe('a disabled group', () => {
    inTenant('plain');

    test('refuses changes with 10010, is still shown, and can be dismissed by its owner alone', async () => {
      const { owner, member, groupId } = world;
      await nats.run('disable', group());
      const kick = { group_id: groupId, user_list: [member] };
      expect(await post(owner, '/group/kick', kick)).toEqual(error(10010));
      expect(await post(member, '/group/leave', {}, { group_id: groupId })).toEqual(error(10010));
      expect(await get(member, '/group/info', { group_id: groupId })).toMatchObject({ data: { status: 0 } });
      expect(await post(member, '/group/destroy', {}, { group_id: groupId })).toEqual(error(20013));
      expect(await post(owner, '/group/destroy', {}, { group_id: groupId })).toEqual({ code: 200, data: true });
    });
  });

  describe('a request', () => {
    inTenant('plain');

    test('gets 10002 for a Host that is no host', async () => {
      const asked = { method: 'GET', path: '/v2/app_dns', headers: { Host: 'a b' } };
      expect(await callAt(url, tenant, undefined, asked)).toEqual({ code: 10002, message: 'Host is malformed' });
    });
  });

  describe('a push mode that is none', () => {
    inTenant('plain');

    test.each([5, -1, '5', 2 ** 60])('such as %p has a code of its own', async (msg_push_mode) => {
      const sent = await post(world.owner, '/group/msg/push_mode', { group_id: world.groupId, msg_push_mode });
      expect(sent).toEqual(error(20003));
    });
  });

  describe('applications and invitations that have run out', () => {
    inTenant('hasty');

    test('keep the status 0 with their past time, and can no longer be handled', async () => {
      const { owner, stranger, groupId } = world;
      const applicant = stranger + 1;
      await nats.run('changeSettings', { ...group(), visibility: 'public', joinPolicy: 'approval' });
      await post(applicant, '/group/apply', { group_id: groupId });
      await post(owner, '/group/invite', { group_id: groupId, user_list: [stranger] });
      const applications = () => post(owner, '/group/application_list', { group_list: [groupId] });
      const invitations = () => get(stranger, '/group/invitation_list');
      const entry = ({ data }: Body) => (data as { status: number; expired_time: number }[])[0]!;
      for (const list of [applications, invitations]) {
        const end = entry(await list()).expired_time;
        await waitFor(() => Date.now() > end);
        expect(entry(await list())).toMatchObject({ status: 0, expired_time: end });
      }
      const handled = { approval: true, group_id: groupId };
      expect(await post(owner, '/group/apply/handle', { ...handled, user_id: applicant })).toEqual(error(20014));
      expect(await post(stranger, '/group/invite/handle', { ...handled, user_id: owner })).toEqual(error(20015));
    });
  });
});
