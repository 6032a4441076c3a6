import { newTenant, sharedService } from '../support/service';
import { fresh, TenantClient } from '../support/tenant-client';

let tenant: TenantClient;

beforeAll(async () => {
  const { natsUrl } = await sharedService();
  tenant = await TenantClient.connect(natsUrl, (await newTenant()).id);
});
afterAll(() => tenant?.close());

const groups = (count: number, members: string[]) =>
  Promise.all(Array.from({ length: count }, () => tenant.newGroup({ members })));

/** Waits until a request of this answer is done; the position from which its effects can be read. */
async function done({ userId, request, position }: { userId: string; request: number; position: string }) {
  const asked = { userId, request, after: position, waitMs: 10_000 };
  const answer = await tenant.query('banEverywhere', asked);
  expect(answer.completed).toBe(true);
  return answer.position;
}
const speaks = async (userId: string, groupId: string, after: string) =>
  (await tenant.query('canSpeak', { userId, groupId, after })).canSpeak;

test('a user is banned in all their groups until the same time, and unbanned in all, also in one that they have left', async () => {
  const userId = fresh('u');
  const groupIds = await groups(4, [userId, 'other']);
  const [first, second] = groupIds as [string, string, string, string];
  await tenant.run('ban', { groupId: first, userIds: [userId] });

  const banned = await done(await tenant.run('banUserEverywhere', { userId, durationMs: 3_600_000 }));
  for (const groupId of groupIds) {
    expect([groupId, await speaks(userId, groupId, banned)]).toEqual([groupId, false]);
    expect(await speaks('other', groupId, banned)).toBe(true);
  }
  const { bans } = await tenant.query('userBans', { userId, after: banned });
  expect(bans.map(({ groupId }) => groupId).sort()).toEqual([...groupIds].sort());
  const untils = bans.filter(({ groupId }) => groupId !== first).map(({ until }) => until);
  expect(new Set(untils).size).toBe(1);
  // The longer ban of one group stays.
  expect(bans.find(({ groupId }) => groupId === first)).toEqual({ groupId: first });

  await tenant.run('kick', { groupId: second, userIds: [userId] });
  const { position } = await tenant.run('unbanUserEverywhere', { userId }).then(async (answer) => {
    await done(answer);
    return tenant.run('join', { groupId: second, userId });
  });
  for (const groupId of groupIds) expect(await speaks(userId, groupId, position)).toBe(true);
  expect(await tenant.query('userBans', { userId, after: position })).toEqual({ bans: [] });
});

test('a request that comes before an older one is done replaces it', async () => {
  const userId = fresh('u');
  const groupIds = await groups(3, [userId]);
  await tenant.run('banUserEverywhere', { userId });
  const unbanned = await done(await tenant.run('unbanUserEverywhere', { userId }));
  for (const groupId of groupIds) expect(await speaks(userId, groupId, unbanned)).toBe(true);
});

test('a repeat of a request gets the first answer, and bans nobody again', async () => {
  const userId = fresh('u');
  const groupId = await tenant.newGroup({ members: [userId] });
  const commandId = fresh('c');
  const first = await tenant.run('banUserEverywhere', { userId, commandId });
  await done(first);
  const lifted = await tenant.run('unban', { groupId, userIds: [userId] });
  expect(await tenant.run('banUserEverywhere', { userId, commandId })).toEqual(first);
  await done(first);
  expect(await speaks(userId, groupId, lifted.position)).toBe(true);
});
