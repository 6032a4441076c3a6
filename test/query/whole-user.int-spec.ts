import { exportUser } from '@cohort/client';
import { groupStream, userKeyStream, userStream, type HistoryEntry } from '@cohort/contracts';
import { FIRST_START_MS, newTenant, sharedService } from '../support/service';
import { fresh } from '../support/tenant-client';
import { named, SyncCaller } from '../worker/sync-caller';

jest.setTimeout(60_000);

let caller: SyncCaller;
beforeAll(async () => {
  const { natsUrl, eventStoreUrl } = await sharedService();
  caller = await SyncCaller.connect(natsUrl, eventStoreUrl, (await newTenant()).id);
}, FIRST_START_MS);
afterAll(() => caller?.close());

/** A user who owns one group and is a member of another, with texts of their own in both. */
async function someUser() {
  const [userId, own, other] = [fresh('u'), fresh('own'), fresh('other')];
  const { tenant } = caller;
  await caller.create(own, userId, { members: ['m', 'n'] });
  await caller.create(other, 'o', { members: [userId] });
  await tenant.run('setDisplayName', { groupId: own, userId, displayName: 'Secret 1' });
  const set = [{ key: 'nick', text: 'Secret 2' }];
  const { position: after } = await tenant.run('setMemberExtra', { groupId: other, userId, set });
  return { userId, own, other, after };
}
const erase = async (userId: string, over: { ownerPolicy?: 'dismiss' } = {}) => {
  const answer = await caller.tenant.run('eraseUser', { userId, ...over });
  return caller.completed(answer);
};

test('an erased user is in no group, disabled ones included, and their texts are readable nowhere', async () => {
  const { userId, own, other } = await someUser();
  const { tenant } = caller;
  await tenant.run('disable', { groupId: other });
  await erase(userId);
  expect(await caller.groupsOf(userId)).toEqual([]);
  expect(await caller.members(own)).toEqual(['m', 'n']);
  expect(await caller.members(other)).toEqual(['o']);
  expect(await caller.typesOf(userKeyStream(tenant.app, userId))).toEqual(['keysErased']);
  for (const groupId of [own, other]) {
    expect(JSON.stringify(await tenant.eventsOf(groupId))).not.toContain('Secret');
    expect(JSON.stringify(await caller.eventsOf(groupStream(tenant.app, groupId)))).not.toContain('Secret');
  }
  expect(await caller.typesOf(userStream(tenant.app, userId))).toEqual(['syncRequested', 'syncCompleted']);
});

test('an erasure withdraws what the user asked for and was asked, in disabled groups too; bans and blocks stay', async () => {
  const { tenant } = caller;
  const [userId, applied, invites, disabled] = [fresh('u'), fresh('applied'), fresh('invites'), fresh('disabled')];
  const settings = { visibility: 'public', membersMayInvite: true } as const;
  const by = { type: 'user', id: userId } as const;
  const reason = 'Secret 3';
  for (const groupId of [applied, disabled]) {
    await caller.create(groupId, 'o', { settings });
    await tenant.run('apply', { groupId, userId, reason });
  }
  await caller.create(invites, 'o', { settings, members: [userId] });
  await tenant.run('invite', { groupId: invites, userIds: ['x', 'y'], actor: by, reason });
  await tenant.run('ban', { groupId: invites, userIds: [userId] });
  await tenant.run('leave', { groupId: invites, userId });
  await tenant.run('invite', { groupId: invites, userIds: [userId, 'z'] });
  const blocking = await tenant.newGroup();
  await tenant.run('block', { groupId: blocking, userIds: [userId] });
  await tenant.run('disable', { groupId: disabled });
  const after = await erase(userId);

  const { groups } = await tenant.query('openRequests', { userId, after });
  expect(groups).toEqual([]);
  const statuses = async (groupId: string) =>
    (await tenant.query('invitations', { groupId, after })).invitations.map(
      (one) => `${one.userId} ${one.status} ${one.reason}`,
    );
  expect((await statuses(invites)).sort()).toEqual(
    [`${userId} withdrawn `, 'x withdrawn ', 'y withdrawn ', 'z pending '].sort(),
  );
  for (const groupId of [applied, disabled]) {
    const { applications } = await tenant.query('applications', { groupIds: [groupId], after });
    expect(applications).toMatchObject([{ userId, status: 'withdrawn', reason: '' }]);
  }
  expect(await tenant.query('banned', { groupId: invites, after })).toMatchObject({ banned: [{ userId }] });
  expect(await tenant.query('blocked', { groupId: blocking, after })).toMatchObject({ blocked: [{ userId }] });
  for (const groupId of [applied, invites, disabled]) {
    expect(JSON.stringify(await tenant.eventsOf(groupId))).not.toContain('Secret');
  }
});

test('an erasure that names a policy ends the own groups by it', async () => {
  const { userId, own } = await someUser();
  await erase(userId, { ownerPolicy: 'dismiss' });
  expect((await caller.eventsOf(groupStream(caller.tenant.app, own))).at(-1)).toMatchObject({ type: 'dismissed' });
});

test('the id of an erased user can be used again, with texts that stay', async () => {
  const { userId, other } = await someUser();
  const { tenant } = caller;
  await erase(userId);
  await tenant.run('join', { groupId: other, userId });
  const { position: after } = await tenant.run('setDisplayName', { groupId: other, userId, displayName: 'New' });
  expect(await tenant.query('member', { groupId: other, userId, after })).toMatchObject({ displayName: 'New' });
});

test('a sync that follows at once takes the erasure over', async () => {
  const { userId, own, other } = await someUser();
  const { tenant } = caller;
  const erasing = tenant.run('eraseUser', { userId });
  const answer = await erasing.then(() => caller.request(userId, named(other)));
  await caller.completed(answer);
  expect(await caller.groupsOf(userId)).toEqual([`${other}: of ${other}`]);
  expect(await caller.members(own)).toEqual(['m', 'n']);
  expect((await caller.typesOf(userKeyStream(tenant.app, userId)))[0]).toBe('keysErased');
});

test('a repeated erasure gets the first answer; a user may not erase anybody', async () => {
  const { userId } = await someUser();
  const { tenant } = caller;
  const commandId = fresh('c');
  const first = await tenant.run('eraseUser', { userId, commandId });
  expect(await tenant.run('eraseUser', { userId, commandId })).toEqual(first);
  await caller.completed(first);
  const actor = { type: 'user', id: userId } as const;
  await expect(tenant.run('eraseUser', { userId, actor })).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

test('an export has all memberships of a user in pages, and the history what they did', async () => {
  const { userId, own, other, after } = await someUser();
  const { tenant } = caller;
  const first = await tenant.query('exportUser', { userId, limit: 1, after });
  const { cursor } = first;
  const second = await tenant.query('exportUser', { userId, limit: 1, cursor: cursor! });
  const plain = { muteMode: 0, pushMode: 0, joinedAt: expect.any(String) as string };
  expect([...first.memberships, ...second.memberships]).toEqual([
    {
      ...{ groupId: other, name: `of ${other}`, status: 'current', role: 'member', joinedVia: 'create', ...plain },
      ...{ displayName: '', extra: { nick: 'Secret 2' } },
    },
    {
      ...{ groupId: own, name: `of ${own}`, status: 'current', role: 'owner', joinedVia: 'create', ...plain },
      ...{ displayName: 'Secret 1', extra: {} },
    },
  ]);
  expect(second.cursor).toBeUndefined();
});

test('one call of the client exports all that is known of a user, groups that they left and groups that ended included', async () => {
  const { userId, own, other } = await someUser();
  const { app, client } = caller.tenant;
  await caller.tenant.run('leave', { groupId: other, userId });
  const { position: after } = await caller.tenant.run('dismiss', { groupId: own });
  const memberships: string[] = [];
  const history: HistoryEntry[] = [];
  for await (const page of exportUser(client, { app, userId, after })) {
    if (page.kind === 'memberships') memberships.push(...page.memberships.map((one) => `${one.groupId} ${one.status}`));
    else history.push(...page.history);
  }
  expect(memberships).toEqual([`${other} left`, `${own} dismissed`]);
  expect(history.map(({ groupId, type }) => `${groupId} ${type}`)).toEqual([
    ...[`${other} memberLeft`, `${other} memberExtraSet`, `${own} displayNameChanged`, `${other} memberJoined`],
    `${own} created`,
  ]);
  expect(history.slice(1, 3).map(({ details }) => details)).toEqual([
    { userId, set: { nick: 'Secret 2' } },
    { userId, displayName: 'Secret 1' },
  ]);
});
