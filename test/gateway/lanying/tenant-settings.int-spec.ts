import { TEXTS, type VendorCode } from '../../../apps/gateway/src/dialects/lanying/errors';
import { FIRST_START_MS, newTenant, sharedService } from '../../support/service';
import type { Tenant, TenantKind } from '../../support/service/tenants';
import type { Values } from '../cases';
import { groupInfo } from './group-info';
import { callAt, VisibleClient } from './world';

/** Calls whose answers depend on settings of the tenant. */
describe('settings of a tenant', () => {
  let url: string;
  let tenant: Tenant;
  let nats: VisibleClient;

  const useTenant = (kind: TenantKind) => {
    beforeAll(async () => {
      const service = await sharedService();
      url = service.gateway.url;
      tenant = await newTenant(kind);
      nats = await VisibleClient.connect(service, tenant.id);
    }, FIRST_START_MS);
    afterAll(() => nats?.close());
  };
  const post = (by: number, path: string, body: Values) => callAt(url, tenant, by, { method: 'POST', path, body });

  describe('inviteOnCreate', () => {
    useTenant('inviting');

    test('makes create invite the users of user_list, who join when they accept', async () => {
      const created = (await post(20, '/group/create', { name: 'Ops', user_list: [21, 20, 22] })) as {
        data: { group_id: number };
      };
      const groupId = created.data.group_id;
      expect(created).toEqual({ code: 200, data: groupInfo({ name: 'Ops', count: 1, owner_id: 20 }) });
      const { invitations } = await nats.query('invitations', { groupId: String(groupId) });
      expect(invitations.map(({ userId, inviter, status }) => [userId, inviter, status]).sort()).toEqual([
        ['21', '20', 'pending'],
        ['22', '20', 'pending'],
      ]);
      expect(await post(21, '/group/invite/handle', { group_id: groupId, user_id: 20, approval: true })).toEqual({
        code: 200,
        data: true,
      });
      const joined = await nats.query('member', { groupId: String(groupId), userId: '21' });
      expect(joined).toMatchObject({ joinedVia: 'invitation', joinedBy: '20' });
    });
  });

  describe('limits of groups', () => {
    useTenant('few');

    const create = (by: number, others: number[] = []) =>
      post(by, '/group/create', { name: 'Ops', ...(others.length > 0 ? { user_list: others } : {}) });
    const madeBy = async (by: number, others?: number[]) =>
      ((await create(by, others)) as { data: { group_id: number } }).data.group_id;
    const error = (code: VendorCode) => ({ code, message: TEXTS[code] });

    test('are exact for commands one after another, on whichever nodes, and have the codes of the vendor', async () => {
      const first = await madeBy(20, [21]);
      await madeBy(20, [21]);
      expect(await create(20)).toEqual(error(20008));
      const third = await madeBy(22, [21]);
      expect(await create(22, [23, 21])).toEqual(error(20009));
      expect(await post(22, '/group/transfer', { group_id: third, new_owner: 20 })).toEqual(error(20005));

      const fourth = await madeBy(22);
      const add = () => nats.run('addMembers', { groupId: String(fourth), userIds: ['21', '23'] });
      expect((await add()).results).toEqual([
        { userId: '21', ok: false, code: 'JOINED_GROUPS_REACHED' },
        { userId: '23', ok: true },
      ]);
      await expect(
        nats.run('transfer', { groupId: String(fourth), newOwner: '20', addIfMissing: true }),
      ).rejects.toMatchObject({ code: 'OWNED_GROUPS_REACHED', details: { limit: 2, userIds: ['20'] } });
      const sync = { userId: '24', groups: [1, 2, 3, 4].map((id) => ({ groupId: `s${id}`, name: 'n' })) };
      await expect(nats.run('syncUser', sync)).rejects.toMatchObject({ code: 'JOINED_GROUPS_REACHED' });

      await madeBy(30);
      expect(await create(31)).toEqual(error(20007));
      await nats.run('dismiss', { groupId: String(first) });
      expect((await add()).results).toEqual(['21', '23'].map((userId) => ({ userId, ok: true })));
      expect(await create(31)).toMatchObject({ code: 200 });
    });

    test('invitations are accepted up to the limit', async () => {
      const groups = (await nats.query('appGroups', {})).groups.map(({ groupId }) => Number(groupId));
      const owners = await Promise.all(
        groups.map(async (groupId) => (await nats.query('group', { groupId: String(groupId) })).owner),
      );
      const codes: number[] = [];
      for (const [i, group_id] of groups.slice(0, 4).entries()) {
        const owner = Number(owners[i]);
        await post(owner, '/group/invite', { group_id, user_list: [40] });
        const accepted = await post(40, '/group/invite/handle', { group_id, user_id: owner, approval: true });
        codes.push((accepted as { code: number }).code);
      }
      expect(codes).toEqual([200, 200, 200, 20009]);
    });
  });
});
