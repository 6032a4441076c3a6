import { FIRST_ALIAS, userNumberStream, type UserNumber } from '@cohort/contracts';
import { connectEventStore, type EventStore } from '@cohort/event-store';
import { newTenant, sharedService } from '../support/service';
import { fresh, onBothNodes, TenantClient, users } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';

let tenant: TenantClient;
let store: EventStore;
let natsUrl: string;

beforeAll(async () => {
  const service = await sharedService();
  ({ natsUrl } = service);
  tenant = await TenantClient.connect(natsUrl, (await newTenant()).id);
  store = await connectEventStore({ url: service.eventStoreUrl });
});
afterAll(async () => {
  await tenant?.close();
  await store?.close();
});

const numberOf = (userId: string, numbers: readonly UserNumber[]) =>
  numbers.find((one) => one.userId === userId)!.number;

test('a read that needs numbers has them given, and each node knows what they name from then on', async () => {
  const userIds = [fresh('ann'), '20', fresh('bob')];
  const { numbers, missing, assigned } = await tenant.query('userNumbers', { userIds });
  expect(numbers.map(({ userId }) => userId)).toEqual(userIds);
  expect(missing).toEqual([]);
  expect(numberOf('20', numbers)).toBe('20');
  const aliases = numbers.filter(({ userId }) => userId !== '20').map(({ number }) => number);
  for (const alias of aliases) expect(BigInt(alias)).toBeGreaterThanOrEqual(FIRST_ALIAS);
  expect(new Set(aliases).size).toBe(2);

  const after = assigned!;
  for (const again of await onBothNodes(() => tenant.query('userNumbers', { userIds, after }))) {
    expect(again).toEqual({ numbers, missing: [] });
  }
  const asked = numbers.map(({ number }) => number);
  for (const named of await onBothNodes(() => tenant.query('usersByNumber', { numbers: asked, after }))) {
    expect(named).toEqual({ users: numbers, missing: [] });
  }
});

test('commands and reads that race at two nodes give each user one number, and no number to two users', async () => {
  const userIds = users(60, fresh('racer'));
  const half = (from: number) => userIds.slice(from, from + 40);
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      i % 2 === 0
        ? tenant.run('assignNumbers', { userIds: half(i * 2) })
        : tenant.query('userNumbers', { userIds: half(i * 2) }),
    ),
  );
  const given = new Map<string, string>();
  for (const { userId, number } of answers.flatMap(({ numbers }) => numbers)) {
    expect([userId, given.get(userId) ?? number]).toEqual([userId, number]);
    given.set(userId, number);
  }
  expect(new Set(given.values()).size).toBe(given.size);
  // The log has one number for each, and it is the one that was answered.
  const [first] = given;
  const stored: unknown[] = [];
  for await (const { data } of store.read(userNumberStream(tenant.app, first![0]))) stored.push(data);
  expect(stored).toEqual([{ number: first![1] }]);
});

test('a group is found by its number, its own id or an alias', async () => {
  const sales = await tenant.newGroup({ groupId: fresh('sales') });
  const generated = await tenant.run('create', { name: 'Generated', owner: 'o' });
  const { position } = await tenant.run('changeInfo', { groupId: sales, name: 'Sales' });
  const { numericId } = await tenant.query('group', { groupId: sales, after: position });
  const numbers = [generated.groupId, numericId, '17'];
  expect(await tenant.query('groupsByNumber', { numbers, after: position })).toEqual({
    groups: [
      { groupId: generated.groupId, number: generated.groupId },
      { groupId: sales, number: numericId },
    ],
    missing: ['17'],
  });
});

test('the worker gives numbers to new members, imported ones included, in tenants that want it and in no other', async () => {
  const numeric = await TenantClient.connect(natsUrl, (await newTenant('numeric')).id);
  try {
    const [owner, imported, ...members] = users(5, fresh('m'));
    for (const each of [tenant, numeric]) {
      await each.run('create', { name: 'G', owner: owner!, members });
      const ofImport = { groupId: fresh('old'), importId: 'i' };
      await each.run('importGroup', { ...ofImport, name: 'G', owner: owner! });
      await each.run('importMembers', { ...ofImport, chunk: 0, members: [{ userId: imported! }] });
    }
    const assignedAt = async ({ app }: TenantClient, userId: string) => {
      let position: string | undefined;
      for await (const event of store.read(userNumberStream(app, userId))) position = event.position;
      return position;
    };
    const userIds = [owner!, imported!, ...members];
    for (const userId of userIds) await waitFor(async () => (await assignedAt(numeric, userId)) !== undefined);
    for (const userId of userIds) expect(await assignedAt(tenant, userId)).toBeUndefined();
    const positions = await Promise.all(userIds.map((userId) => assignedAt(numeric, userId)));
    for (const after of positions) {
      const answer = await numeric.query('userNumbers', {
        userIds: [userIds[positions.indexOf(after)]!],
        after: after!,
      });
      expect(answer).toMatchObject({ numbers: [{}], missing: [] });
      expect(answer.assigned).toBeUndefined();
    }
  } finally {
    await numeric.close();
  }
});
