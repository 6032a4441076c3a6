import { user } from '@cohort/contracts/testing';
import { FIRST_START_MS, newTenant, sharedService } from '../support/service';
import { onBothNodes, TenantClient } from '../support/tenant-client';

let tenant: TenantClient;

beforeAll(async () => {
  const { natsUrl } = await sharedService();
  tenant = await TenantClient.connect(natsUrl, (await newTenant()).id);
}, FIRST_START_MS);
afterAll(() => tenant?.close());

test('attributes that a group has are read from any node, and other groups have none', async () => {
  const groupId = await tenant.newGroup();
  const set = [
    { key: 'type', text: '3' },
    { key: 'history', text: '0' },
  ];
  await tenant.run('setAttributes', { groupId, set });
  const { position: after } = await tenant.run('setAttributes', { groupId, remove: ['history'], actor: user('o') });
  const other = await tenant.newGroup();
  const answers = await onBothNodes(() => tenant.query('attributes', { groupIds: [other, groupId, 'none'], after }));
  for (const answer of answers) expect(answer).toEqual({ groups: [{ groupId, attributes: { type: '3' } }] });
  const [, first, second] = await tenant.eventsOf(groupId, '0');
  expect(first).toMatchObject({ type: 'attributesSet', data: { set: { type: '3', history: '0' }, removed: [] } });
  expect(second).toMatchObject({ type: 'attributesSet', data: { set: {}, removed: ['history'] } });
});
