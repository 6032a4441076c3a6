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
});
