import { FIRST_START_MS, newTenant, sharedService } from '../support/service';
import { TenantClient } from '../support/tenant-client';

let tenant: TenantClient;

beforeAll(async () => {
  const { natsUrl } = await sharedService();
  tenant = await TenantClient.connect(natsUrl, (await newTenant()).id);
}, FIRST_START_MS);
afterAll(() => tenant?.close());

test('public groups are listed and found by name, from the command that makes them public on', async () => {
  const sales = await tenant.newGroup({ name: '销售 Team', settings: { visibility: 'public' } });
  const room = await tenant.newGroup({ name: 'Team room', settings: { visibility: 'chatroom' } });
  const hidden = await tenant.newGroup({ name: 'Team of few' });
  const find = async (text: string, after: string) =>
    (await tenant.query('searchGroups', { text, after })).groups.map(({ groupId }) => groupId);

  const { position: before } = await tenant.run('changeInfo', { groupId: hidden, name: 'Team of some' });
  expect(await find('team', before)).toEqual([room, sales]);
  expect(await find('售', before)).toEqual([sales]);
  const { position: after } = await tenant.run('changeSettings', { groupId: hidden, visibility: 'public' });
  expect(await find('some te', after)).toEqual([hidden]);

  const first = await tenant.query('publicGroups', { limit: 2, after });
  expect([first.groups.map(({ groupId }) => groupId), first.total]).toEqual([[hidden, room], 3]);
  const second = await tenant.query('publicGroups', { cursor: first.cursor!, after });
  expect([second.groups.map(({ groupId }) => groupId), second.cursor]).toEqual([[sales], undefined]);

  const { position: end } = await tenant.run('dismiss', { groupId: room });
  expect(await find('room', end)).toEqual([]);
  expect((await tenant.query('publicGroups', { after: end })).total).toBe(2);
});
