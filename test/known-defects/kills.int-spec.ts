import { randomUUID } from 'node:crypto';
import { groupStream } from '@cohort/contracts';
import { service, user } from '@cohort/contracts/testing';
import { connectEventStore } from '@cohort/event-store';
import { Processes } from '../faults/processes';
import { requires } from '../support/servers';
import { FIRST_START_MS } from '../support/stack';
import { fresh, namedIn, onBothNodes, TenantClient, users, type CommandFields } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';

requires('own event store', 'own nats-server');

/** Defects that users of other group services met when a process ended or data were unreadable. */

const app = 'demo';
let processes: Processes;
let tenant: TenantClient;
beforeAll(async () => {
  // These tests are about the position that an answer has, not about how soon a busy machine gets there.
  processes = await Processes.start({ QUERY_AFTER_TIMEOUT_MS: '8000' });
  tenant = await TenantClient.connect(processes.natsUrl, app);
}, FIRST_START_MS);
afterAll(async () => {
  await tenant?.close();
  await processes?.stop();
});

// openimsdk/open-im-server#1654, #1587, #3050: a dismissed group took messages, came back with the next login, and was dismissed
// twice.
test("a dismissed group stays dismissed after a second dismiss, a member's sync and a restart of the query nodes", async () => {
  const [owner, a] = [fresh('o'), fresh('a')];
  const groupId = await tenant.newGroup({ owner, members: [a] });
  await tenant.run('dismiss', { groupId, actor: user(owner) });
  await tenant.run('dismiss', { groupId, actor: service });
  // What a client that missed the end still believes.
  const groups = [{ groupId, name: 'Sales' }];
  const sync = await tenant.run('syncUser', { userId: a, groups });
  await waitFor(async () => {
    const asked = { userId: a, sync: sync.sync, after: sync.position, waitMs: 1_000 };
    return (await tenant.query('userSync', asked)).completed;
  });
  const { position: after } = await tenant.run('create', { name: 'Other', owner });
  const expectItIsOver = async () => {
    const asked = { groupId, userId: a, after };
    for (const { isMember } of await onBothNodes(() => tenant.query('isMember', asked))) expect(isMember).toBe(false);
    const listed = await onBothNodes(() => tenant.query('userGroups', { userId: a, after }));
    expect(listed.flatMap((page) => page.groups)).toEqual([]);
    await expect(tenant.query('members', { groupId, after })).rejects.toMatchObject({ code: 'GROUP_DISMISSED' });
  };
  await expectItIsOver();
  await processes.kill(['query-1', 'query-2']);
  await processes.restart(['query-1', 'query-2']);
  await expectItIsOver();
  expect((await tenant.eventsOf(groupId)).map(({ type }) => type)).toEqual(['created', 'memberJoined', 'dismissed']);
});

// openimsdk/openim-sdk-core#668: one group in trouble held up all others of a user.
test("a group that can't be read delays no other group of a user", async () => {
  const [troubled, userId] = [await tenant.newGroup(), fresh('u')];
  const store = await connectEventStore({ url: processes.eventStoreUrl });
  // Written by a version to come, which this one can't follow.
  const [created] = await tenant.eventsOf(troubled);
  const metadata = {
    app,
    actor: service,
    at: created!.at,
    commandId: 'x',
    schemaVersion: 99,
    batch: { index: 0, size: 1 },
  };
  const event = { id: randomUUID(), type: 'memberJoined', data: {}, metadata };
  await store.append(groupStream(app, troubled), [event], 0);
  await store.close();

  await expect(tenant.run('join', { groupId: troubled, userId })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  const others = users(12, fresh('g'));
  const groups = [troubled, ...others].map((groupId) => ({ groupId, name: groupId }));
  await tenant.run('syncUser', { userId, groups });
  await waitFor(async () => {
    const list = await tenant.query('userGroups', { userId });
    return (
      list.groups
        .map(({ groupId }) => groupId)
        .sort()
        .join() === [...others].sort().join()
    );
  });
  const sound = await tenant.newGroup();
  const { position: after } = await tenant.run('join', { groupId: sound, userId: 'a' });
  for (const { total } of await onBothNodes(() => tenant.query('members', { groupId: sound, after })))
    expect(total).toBe(2);
});

// open-im-server internal/rpc/group InviteUserToGroup: chunks of an invitation were lost with the process.
test('each large invitation is carried out whole when the command nodes are killed', async () => {
  const groupId = await tenant.newGroup();
  const invitations = users(20, 'invitation').map((commandId) => ({
    groupId,
    commandId,
    userIds: users(1_000, `${commandId}-`),
  }));
  const untilDone = async (fields: CommandFields<'addMembers'>): Promise<void> => {
    await waitFor(() => tenant.run('addMembers', fields).then(() => true), { withinMs: 150_000 });
  };
  const carriedOut = invitations.map(untilDone);
  const all = Promise.all(carriedOut);
  await Promise.race(carriedOut);
  await processes.kill(['command-1', 'command-2']);
  const invited = new Map<string, number>();
  for (const event of await tenant.eventsOf(groupId)) {
    invited.set(event.commandId, (invited.get(event.commandId) ?? 0) + namedIn(event).length);
  }
  expect(new Set([...invited.values()].slice(1))).toEqual(new Set([1_000]));
  await processes.restart(['command-1', 'command-2']);
  await all;
  const members = (await tenant.eventsOf(groupId)).flatMap(namedIn);
  expect(members.length).toBe(20_000);
  expect(new Set(members).size).toBe(20_000);
}, 200_000);
