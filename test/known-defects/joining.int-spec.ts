import type { Notification } from '@cohort/contracts';
import { user } from '@cohort/contracts/testing';
import { connect, type NatsConnection } from 'nats';
import { FIRST_START_MS, newTenant, sharedService } from '../support/service';
import { fresh, onBothNodes, TenantClient } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';

/** Defects that users of other group services met when users came again, applied again, became owners or were deleted. */

let tenant: TenantClient;
let nats: NatsConnection;
const received: Notification[] = [];
beforeAll(async () => {
  const { natsUrl } = await sharedService();
  tenant = await TenantClient.connect(natsUrl, (await newTenant()).id);
  nats = await connect({ servers: natsUrl });
  nats.subscribe(`group.v1.notify.${tenant.app}.>`, {
    callback: (_error, message) => received.push(message.json<Notification>()),
  });
  await nats.flush();
}, FIRST_START_MS);
afterAll(async () => {
  await nats?.close();
  await tenant?.close();
});

const notified = (groupId: string) =>
  received.filter((one) => one.groupId === groupId).map(({ userId, kind }) => `${userId} ${kind}`);
const approval = { visibility: 'public', joinPolicy: 'approval' } as const;

// openimsdk/open-im-server#837, #3640, #3649: a user who was kicked and invited again lost history, or read what was sent meanwhile.
test('a member who was kicked and invited again has two memberships, and each shows when it began and ended', async () => {
  const groupId = await tenant.newGroup({ members: ['a'], settings: { historyVisible: false } });
  const [begin] = await tenant.eventsOf(groupId);
  const kicked = await tenant.run('kick', { groupId, userIds: ['a'], actor: user('o') });
  const kickedAt = (await tenant.eventsOf(groupId)).at(-1)!.at;
  expect(await tenant.query('canReadSince', { groupId, userId: 'a', after: kicked.position })).toEqual({
    canRead: false,
  });
  await waitFor(() => Date.now() > Date.parse(kickedAt));
  await tenant.run('invite', { groupId, userIds: ['a'], actor: user('o') });
  const back = await tenant.run('handleInvitation', { groupId, userId: 'a', approve: true, actor: user('a') });
  const backAt = (await tenant.eventsOf(groupId)).at(-1)!.at;
  expect(backAt > kickedAt).toBe(true);

  const after = back.position;
  // Messages from before the second membership aren't theirs to read.
  for (const answer of await onBothNodes(() => tenant.query('canReadSince', { groupId, userId: 'a', after }))) {
    expect(answer).toEqual({ canRead: true, since: backAt });
  }
  const { memberships } = await tenant.query('exportUser', { userId: 'a', after });
  const times = memberships.filter((one) => one.groupId === groupId);
  expect(times.map(({ joinedAt, endedAt, joinedVia }) => [joinedAt, endedAt, joinedVia]).sort()).toEqual([
    [begin!.at, kickedAt, 'create'],
    [backAt, undefined, 'invitation'],
  ]);
  const then = async (revision: string) =>
    (await tenant.query('membersAt', { groupId, revision, after })).members.map(({ userId }) => userId);
  const before = String(Number(kicked.revision) - 1);
  expect([await then(before), await then(kicked.revision), await then(back.revision)]).toEqual([
    ['o', 'a'],
    ['o'],
    ['o', 'a'],
  ]);
});

// openimsdk/openim-sdk-core#203: of an application that was refused, sent again and approved, a client saw the refusal only.
test('an application that is declined, sent again and approved is seen by copies of the list, and by both sides', async () => {
  const groupId = await tenant.newGroup({ settings: approval });
  const statuses: string[] = [];
  const of = { groupIds: [groupId] };
  let { position: sincePosition, basis } = await tenant.query('applications', of);
  const see = async ({ position: after }: { position: string }) => {
    const answers = await onBothNodes(() => tenant.query('applications', { ...of, sincePosition, basis, after }));
    for (const { full, applications } of answers) {
      expect(full).toBe(false);
      expect(applications).toEqual(answers[0]!.applications);
    }
    statuses.push(...answers[0]!.applications.map((one) => `${one.applicationId} ${one.status}`));
    ({ position: sincePosition, basis } = answers[0]!);
  };
  const apply = () => tenant.run('apply', { groupId, userId: 'x', reason: 'Please', actor: user('x') });
  const handle = (approve: boolean) =>
    tenant.run('handleApplication', { groupId, userId: 'x', approve, actor: user('o') });
  await see(await apply());
  await see(await handle(false));
  await see(await apply());
  const approved = await handle(true);
  await see(approved);
  expect(statuses).toEqual(['1 pending', '1 declined', '2 pending', '2 approved']);
  const member = await tenant.query('member', { groupId, userId: 'x', after: approved.position });
  expect(member).toMatchObject({ joinedVia: 'application', joinedBy: 'o' });
  await waitFor(() => notified(groupId).includes('x applicationApproved'));
  expect(notified(groupId).filter((one) => one !== 'o added')).toEqual([
    'o applied',
    'x applicationDeclined',
    'o applied',
    'x applicationApproved',
  ]);
});

// openimsdk/open-im-server#3284: after a transfer to a muted member the lists of clients were wrong.
test('a banned member who becomes the owner stays banned, and the former owner falls under the ban of all members', async () => {
  const groupId = await tenant.newGroup({ members: ['a', 'b'] });
  await tenant.run('ban', { groupId, userIds: ['a'] });
  await tenant.run('allowToSpeak', { groupId, userIds: ['b'] });
  const begun = await tenant.run('banAll', { groupId });
  const { basis } = await tenant.query('members', { groupId, after: begun.position });
  const { position: after } = await tenant.run('transfer', { groupId, newOwner: 'a', actor: user('o') });
  const since = { groupId, sinceRevision: begun.revision, basis, after };
  for (const { members, removed } of await onBothNodes(() => tenant.query('members', since))) {
    expect([members.map(({ userId, role }) => `${userId} ${role}`).sort(), removed]).toEqual([
      ['a owner', 'o member'],
      [],
    ]);
  }
  // An entry is reported again with every change of its member, such as the role.
  const list = await tenant.query('banned', since);
  expect([list.total, list.banned.map(({ userId }) => userId), list.removed]).toEqual([1, ['a'], []]);
  const reasons = async (position: string) =>
    Promise.all(
      ['o', 'a', 'b'].map(async (userId) => {
        const { canSpeak, reason } = await tenant.query('canSpeak', { groupId, userId, after: position });
        return canSpeak ? 'speaks' : reason;
      }),
    );
  expect(await reasons(after)).toEqual(['allBanned', 'banned', 'speaks']);
  const { position } = await tenant.run('unban', { groupId, userIds: ['a'], actor: user('a') });
  expect(await reasons(position)).toEqual(['allBanned', 'speaks', 'speaks']);
});

// RocketChat/Rocket.Chat#14896, #35266: deleted users were still counted and listed, and owned groups.
test('an erased user is no ghost: in no count, no list of members, admins, applicants or invitees, and owns no group', async () => {
  const userId = fresh('ghost');
  const own = await tenant.newGroup({ owner: userId, members: ['a', 'b'] });
  const alone = await tenant.newGroup({ owner: userId });
  const other = await tenant.newGroup({ members: [userId, 'a'], settings: approval });
  const asked = await tenant.newGroup({ settings: approval });
  await tenant.run('grantAdmins', { groupId: other, userIds: [userId] });
  await tenant.run('allowToSpeak', { groupId: other, userIds: [userId] });
  await tenant.run('apply', { groupId: asked, userId });
  const { position } = await tenant.run('invite', { groupId: own, userIds: ['x'], actor: user(userId) });
  const { sync, position: requested } = await tenant.run('eraseUser', { userId });
  await tenant.query('groups', { groupIds: [own], after: position });
  await waitFor(
    async () => (await tenant.query('userSync', { userId, sync, after: requested, waitMs: 1_000 })).completed,
  );
  const { position: after } = await tenant.run('changeInfo', { groupId: other, name: 'After' });

  const views = await tenant.query('groups', { groupIds: [own, other], after });
  expect(views.groups.map(({ owner, memberCount }) => [owner, memberCount])).toEqual([
    ['a', 2],
    ['o', 2],
  ]);
  const all = [
    ...(await Promise.all([own, other].map((groupId) => tenant.query('members', { groupId, after })))),
    await tenant.query('members', { groupId: other, role: 'admin', after }),
    await tenant.query('allowList', { groupId: other, after }),
    await tenant.query('applications', { groupIds: [asked, other], status: 'pending', after }),
    await tenant.query('invitations', { groupId: own, status: 'pending', after }),
  ];
  expect(JSON.stringify(all)).not.toContain(userId);
  expect(await tenant.query('applicationCount', { groupIds: [asked], after })).toEqual({ count: 0 });
  expect(await tenant.query('joinedCount', { userId, after })).toEqual({ count: 0 });
  expect((await tenant.query('userGroups', { userId, after })).groups).toEqual([]);
  const late = tenant.run('handleApplication', { groupId: asked, userId, approve: true });
  await expect(late).rejects.toMatchObject({ code: 'APPLICATION_HANDLED' });
  await expect(tenant.query('members', { groupId: alone, after })).rejects.toMatchObject({ code: 'GROUP_DISMISSED' });
});
