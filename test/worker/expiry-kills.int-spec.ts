import type { EventView } from '@cohort/contracts';
import { requires } from '../support/servers';
import { FIRST_START_MS, startStack, type Part, type Stack } from '../support/stack';
import { fresh, TenantClient, users } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';

requires('own event store', 'own nats-server');

jest.setTimeout(120_000);

let stack: Stack;
let tenant: TenantClient;
beforeAll(async () => {
  stack = await startStack({ env: { QUERY_AFTER_TIMEOUT_MS: '8000' } });
  tenant = await TenantClient.connect(stack.nats.url, 'demo');
}, FIRST_START_MS);
afterAll(async () => {
  await tenant?.client.close();
  await stack?.stop();
});

const MEMBERS = users(20);

/** The end of each ban, by user; the ban-all's under the empty name. */
function endsIn(events: readonly EventView[]): Map<string, string> {
  const ends = new Map<string, string>();
  for (const { type, data } of events) {
    if (type === 'allBanned' && 'until' in data) ends.set('', data.until!);
    if (type === 'banned' && 'users' in data && 'until' in data)
      for (const { userId } of data.users) ends.set(userId, data.until!);
  }
  return ends;
}

/** What was announced as expired, in order: whose end, the time of the end, and the time of the event. */
const announcedIn = (events: readonly EventView[]) =>
  events.flatMap(({ type, data, at }) => {
    if (!('reason' in data) || data.reason !== 'expired' || !('endedAt' in data)) return [];
    const whose = type === 'unbanned' && 'users' in data ? data.users.map(({ userId }) => userId) : [''];
    return whose.map((user) => ({ user, endedAt: data.endedAt!, at }));
  });

/** Bans of all members, and of the whole group, that end by themselves one after the other. */
async function newGroupWithBans(firstMs: number, stepMs: number): Promise<string> {
  const groupId = await tenant.newGroup({ groupId: fresh('bans'), members: MEMBERS });
  await tenant.run('banAll', { groupId, durationMs: firstMs });
  await Promise.all(
    MEMBERS.map((user, i) => tenant.run('ban', { groupId, userIds: [user], durationMs: firstMs + i * stepMs })),
  );
  return groupId;
}

async function allAnnounced(groupIds: readonly string[]): Promise<EventView[][]> {
  let events: EventView[][] = [];
  await waitFor(
    async () => {
      events = await Promise.all(groupIds.map((groupId) => tenant.eventsOf(groupId)));
      return events.every((each) => announcedIn(each).length >= MEMBERS.length + 1);
    },
    { withinMs: 60_000 },
  );
  return events;
}

/** Each end was announced once, with its own time, and not before it. */
function expectOnceAndNeverEarly(events: readonly EventView[]): void {
  const announced = announcedIn(events);
  const given = endsIn(events);
  expect(announced.map(({ user }) => user).sort()).toEqual(['', ...MEMBERS].sort());
  for (const { user, endedAt, at } of announced) {
    expect(endedAt).toBe(given.get(user));
    expect(at >= endedAt).toBe(true);
  }
}

test('while workers are killed and others begin, each ban that ends is announced once, never early, and none is forgotten', async () => {
  const groupIds = await Promise.all(Array.from({ length: 5 }, () => newGroupWithBans(400, 150)));
  let worker: Part = stack.worker;
  for (let round = 0; round < 3; round++) {
    const count = async () =>
      (await Promise.all(groupIds.map((groupId) => tenant.eventsOf(groupId)))).flatMap(announcedIn).length;
    const before = await count();
    // Two workers at a time, one of which dies in the middle of announcements.
    const next = await stack.start('worker');
    if (before < 5 * (MEMBERS.length + 1)) await waitFor(async () => (await count()) > before, { withinMs: 30_000 });
    await worker.kill();
    worker = next;
  }
  for (const events of await allAnnounced(groupIds)) expectOnceAndNeverEarly(events);
  await worker.kill();

  // Nobody announces these: they end while no worker runs.
  const alone = await newGroupWithBans(50, 1);
  const dismissed = await newGroupWithBans(50, 1);
  await tenant.run('dismiss', { groupId: dismissed });
  await waitFor(async () => (await tenant.query('banned', { groupId: alone })).total === 0);
  expect(announcedIn(await tenant.eventsOf(alone))).toEqual([]);
  expect(await tenant.query('canSpeak', { groupId: alone, userId: MEMBERS[0]! })).toEqual({ canSpeak: true });
  await stack.start('worker');
  const [events] = await allAnnounced([alone]);
  expectOnceAndNeverEarly(events!);
  expect((await tenant.eventsOf(dismissed)).at(-1)!.type).toBe('dismissed');
});

test('an end is announced within a second', async () => {
  const groupId = await newGroupWithBans(1_500, 10);
  const [events] = await allAnnounced([groupId]);
  const delays = announcedIn(events!).map(({ endedAt, at }) => Date.parse(at) - Date.parse(endedAt));
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...delays)).toBeLessThan(1_000);
});
