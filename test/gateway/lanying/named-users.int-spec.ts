import { TEXTS, type VendorCode } from '../../../apps/gateway/src/dialects/lanying/errors';
import { adminHeaders } from '../../support/lanying';
import { FIRST_START_MS, newTenant, sharedService } from '../../support/service';
import type { Tenant } from '../../support/service/tenants';
import { callAt, newWorld, VisibleClient, type Standing, type World } from './world';

/** A number that stands for a user, and is nobody's. */
const NOBODY = 2 ** 53 - 1;
const error = (code: VendorCode) => ({ code, message: TEXTS[code] });

interface ListCase {
  readonly path: string;
  /** A user for whom the call succeeds. */
  readonly to: Standing;
  /** Who may not make the call, with the code of the answer. */
  readonly refuses: readonly [Standing, VendorCode];
}
const adminsOnly = ['member', 20012] as const;
const ownerOnly = ['admin', 20013] as const;
const CASES: readonly ListCase[] = [
  { path: '/group/kick', to: 'member', refuses: adminsOnly },
  { path: '/group/ban', to: 'member', refuses: adminsOnly },
  { path: '/group/unban', to: 'member', refuses: adminsOnly },
  { path: '/group/block', to: 'member', refuses: adminsOnly },
  { path: '/group/unblock', to: 'member', refuses: adminsOnly },
  { path: '/group/invite', to: 'stranger', refuses: ['stranger', 20011] },
  { path: '/group/admin/add', to: 'member', refuses: ownerOnly },
  { path: '/group/admin/remove', to: 'admin', refuses: ownerOnly },
];

describe('a number that is nobody’s, in a list of users,', () => {
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

  const failed = { user_id: NOBODY, result: 'fail', reason: 'User does not exist' };
  const call = (path: string, by: number | undefined, user_list: number[], headers = {}) =>
    callAt(url, tenant, by, { method: 'POST', path, body: { group_id: world.groupId, user_list }, headers });
  const asService = () => adminHeaders(tenant.lanying, { group_id: String(world.groupId) });
  const revision = async () => (await nats.query('group', { groupId: String(world.groupId) })).revision;

  test.each(CASES)('fails by itself in $path, and the others are carried out', async (one) => {
    const {
      path,
      to,
      refuses: [standing, code],
    } = one;
    const { owner } = world;
    const before = await revision();
    expect(await call(path, owner, [NOBODY])).toEqual({ code: 200, data: [failed] });
    expect(await call(path, undefined, [NOBODY], asService())).toEqual({ code: 200, data: [failed] });
    expect(await call(path, world[standing], [NOBODY])).toEqual(error(code));
    expect(await revision()).toBe(before);
    expect(await call(path, owner, [NOBODY, world[to], NOBODY - 1])).toEqual({
      code: 200,
      data: [failed, { user_id: world[to], result: 'success' }, { ...failed, user_id: NOBODY - 1 }],
    });
    await nats.run('dismiss', { groupId: String(world.groupId) });
    expect(await call(path, owner, [NOBODY])).toEqual(error(20001));
    expect(await call(path, undefined, [NOBODY], asService())).toEqual(error(20001));
  });
});
