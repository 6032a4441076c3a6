import { user } from '@cohort/contracts/testing';
import { rongcloud } from '../support/rongcloud';
import { FIRST_START_MS, newTenant, sharedService, type Tenant } from '../support/service';
import { fresh, namedIn, onBothNodes, TenantClient, users } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';

/** Defects that users of other group services met, at the whole service with two command and two query nodes. */

let gatewayUrl: string;
let keys: Tenant['rongcloud'];
let tenant: TenantClient;
beforeAll(async () => {
  const { natsUrl, gateway } = await sharedService();
  const { id, rongcloud: credentials } = await newTenant();
  gatewayUrl = gateway.url;
  keys = credentials;
  tenant = await TenantClient.connect(natsUrl, id);
}, FIRST_START_MS);
afterAll(() => tenant?.close());

// openimsdk/openim-sdk-core#1005: the count and the list disagreed.
test('the member count equals the length of the member list at every revision', async () => {
  const groupId = await tenant.newGroup({ members: users(200) });
  const { position: after } = await tenant.run('join', { groupId, userId: 'o' });
  let over = false;
  const revisions = new Set<string>();
  const changing = Promise.all(
    users(10, 'caller').map(async (caller) => {
      // Until it was seen at several revisions, however seldom there is time to look.
      for (let i = 0; i < 15 || revisions.size <= 3; i++) {
        await tenant.run('addMembers', { groupId, userIds: users(3, `${caller}-${i}-`) });
        await tenant.run('kick', { groupId, userIds: [`${caller}-${i}-1`, `u${i}`] });
      }
    }),
  ).finally(() => (over = true));
  const looks: { revision: string; count: number }[] = [];
  while (!over) {
    const [list, group] = await Promise.all([
      tenant.query('members', { groupId, after, limit: 1_000 }),
      tenant.query('group', { groupId, after }),
    ]);
    expect(list.total).toBe(list.members.length);
    looks.push({ revision: list.revision, count: list.total }, { revision: group.revision, count: group.memberCount });
    revisions.add(list.revision);
  }
  await changing;

  const counts = (await tenant.eventsOf(groupId)).map(({ data }) => ('memberCount' in data ? data.memberCount : NaN));
  for (const { revision, count } of looks) expect([revision, count]).toEqual([revision, counts[Number(revision)]]);
});

// openimsdk/open-im-server#2097, RocketChat/Rocket.Chat#35266: a search showed another count, or none.
test('every query returns the same member count', async () => {
  const owner = fresh('o');
  const groupId = await tenant.newGroup({ owner, members: users(5) });
  const { position: after } = await tenant.run('kick', { groupId, userIds: ['u0', 'u1'] });
  const [group, groups, ofApp, ofUser, members, events] = await Promise.all([
    tenant.query('group', { groupId, after }),
    tenant.query('groups', { groupIds: [groupId], after }),
    tenant.query('appGroups', { after, limit: 1_000 }),
    tenant.query('userGroups', { userId: owner, after }),
    tenant.query('members', { groupId, after }),
    tenant.eventsOf(groupId),
  ]);
  const found = ofApp.groups.find((one) => one.groupId === groupId);
  expect([group, groups.groups[0], found, ofUser.groups[0]].map((one) => one?.memberCount)).toEqual([4, 4, 4, 4]);
  expect([members.total, events.at(-1)?.data]).toEqual([4, expect.objectContaining({ memberCount: 4 })]);
});

// wildfirechat/im-server#196: a kicked user was still listed.
test("a kicked user is in no list from the kick's position on", async () => {
  const groupId = await tenant.newGroup({ members: users(20) });
  for (const userId of users(20)) {
    const { position: after } = await tenant.run('kick', { groupId, userIds: [userId] });
    const asked = { groupId, userId, after };
    for (const { isMember } of await onBothNodes(() => tenant.query('isMember', asked))) expect(isMember).toBe(false);
    const { members } = await tenant.query('members', { groupId, after });
    expect(members.map((member) => member.userId)).not.toContain(userId);
  }
  // Where a caller knows no positions, each call is answered when all query nodes have what it did.
  const other = await tenant.newGroup({ members: users(5) });
  for (const userId of users(5)) {
    expect(await rongcloud(gatewayUrl, '/group/quit.json', { groupId: other, userId }, keys)).toMatchObject({
      status: 200,
    });
    const asked = () => rongcloud(gatewayUrl, '/group/user/query.json', { groupId: other }, keys);
    for (const { body } of await onBothNodes(asked)) expect(JSON.stringify(body)).not.toContain(`"${userId}"`);
  }
});

// openimsdk/open-im-server#3525, #3284, openim-sdk-core#977: an incremental mirror went wrong after a dismissal, a transfer, or when the
// info changed during a join.
test('a copy that applies each event of a group equals the group, after concurrent joins and changes of its info too', async () => {
  const { groupId, ...made } = await tenant.run('create', {
    groupId: fresh('g'),
    name: 'Sales',
    owner: 'o',
    members: ['a'],
  });
  const answers = [
    made,
    ...(await Promise.all([
      ...users(10).map((userId) => tenant.run('join', { groupId, userId })),
      ...users(10).map((text) => tenant.run('changeInfo', { groupId, description: text })),
    ])),
    await tenant.run('transfer', { groupId, newOwner: 'a' }),
    await tenant.run('addMembers', { groupId, userIds: ['b', 'c'] }),
    await tenant.run('kick', { groupId, userIds: ['b'] }),
    await tenant.run('leave', { groupId, userId: 'c' }),
    await tenant.run('leaveMany', { groupId, userIds: ['u0', 'u1'] }),
    await tenant.run('createOrJoin', { groupId, userIds: ['d'], name: 'Sales II', rename: true }),
  ];
  const { revision, position: after } = answers.at(-1)!;

  // A mirror that has the first events takes the others, and has what the service has.
  const seen = [...(await tenant.eventsOf(groupId)).slice(0, 5), ...(await tenant.eventsOf(groupId, '5'))];
  expect(seen.map((event) => event.revision)).toEqual(seen.map((_, i) => String(i)));
  expect(seen.at(-1)!.revision).toBe(revision);
  const mirrored = new Set<string>();
  let info: Record<string, unknown> = {};
  for (const event of seen) {
    if (event.type === 'created' || event.type === 'infoChanged') info = { ...info, ...event.data };
    if ('owner' in event.data) mirrored.add(event.data.owner);
    for (const userId of namedIn(event)) {
      if (event.type === 'memberJoined') mirrored.add(userId);
      else mirrored.delete(userId);
    }
  }
  const { members } = await tenant.query('members', { groupId, after });
  expect([...mirrored].sort()).toEqual(members.map(({ userId }) => userId).sort());
  const { name, description } = info;
  expect(await tenant.query('group', { groupId, after })).toMatchObject({
    name,
    description,
    owner: 'a',
    revision,
  });

  const end = await tenant.run('dismiss', { groupId });
  expect((await tenant.eventsOf(groupId, revision)).map((event) => [event.revision, event.type]).at(-1)).toEqual([
    end.revision,
    'dismissed',
  ]);
  // No command leaves a gap, and no two commands have the same revision.
  const ofCommands = answers.map((answer) => Number(answer.revision)).sort((x, y) => x - y);
  expect(new Set(ofCommands).size).toBe(answers.length);
});

// openimsdk/open-im-server#3139: an update of a mirror cost as much as the group is large.
test('the events after a revision are returned alone, however large the group is', async () => {
  const groupId = await tenant.newGroup({ members: users(3_000) });
  const { revision } = await tenant.run('join', { groupId, userId: 'new' });
  await tenant.run('kick', { groupId, userIds: ['u7'] });
  await tenant.run('changeInfo', { groupId, name: 'Other' });
  const events = await tenant.eventsOf(groupId, String(Number(revision) + 1));
  expect(events.map(({ type }) => type)).toEqual(['memberKicked', 'infoChanged']);
  expect(JSON.stringify(events).length).toBeLessThan(2_000);
});

// openimsdk/open-im-server#837, #3640, #3649: a user who was kicked and invited again kept the old membership.
test('a user who is kicked and added again has one membership, which begins with the addition', async () => {
  const groupId = await tenant.newGroup({ members: ['a', 'b'] });
  const first = await tenant.query('member', {
    groupId,
    userId: 'a',
    after: (await tenant.run('join', { groupId, userId: 'a' })).position,
  });
  await tenant.run('kick', { groupId, userIds: ['a'] });
  await waitFor(() => Date.now() > Date.parse(first.joinedAt));
  const { position: after } = await tenant.run('addMembers', { groupId, userIds: ['a'] });
  const { members } = await tenant.query('members', { groupId, after });
  expect(members.map(({ userId }) => userId)).toEqual(['o', 'b', 'a']);
  expect(members[2]!.joinedAt > first.joinedAt).toBe(true);
  const episodes = (await tenant.eventsOf(groupId)).filter((event) => namedIn(event).includes('a'));
  expect(episodes.map(({ type }) => type)).toEqual(['memberJoined', 'memberKicked', 'memberJoined']);
  expect(episodes[2]!.at).toBe(members[2]!.joinedAt);
});

// wildfirechat/im-server#32: after a transfer a cache still had the old owner.
test('both nodes refuse a former owner as soon as the transfer is acknowledged', async () => {
  const groupId = await tenant.newGroup({ members: ['a', 'victim'] });
  let [owner, other] = ['o', 'a'];
  for (let i = 0; i < 15; i++) {
    const { position: after } = await tenant.run('transfer', { groupId, newOwner: other, actor: user(owner) });
    [owner, other] = [other, owner];
    const asOld = () =>
      tenant.run('kick', { groupId, userIds: ['victim'], actor: user(other) }).catch((error: unknown) => error);
    for (const refusal of await onBothNodes(asOld)) expect(refusal).toMatchObject({ code: 'ADMIN_ONLY' });
    await tenant.run('changeInfo', { groupId, name: `of ${owner} ${i}`, actor: user(owner) });
    const asked = { groupId, userId: other, after };
    for (const { role } of await onBothNodes(() => tenant.query('isMember', asked))) expect(role).toBe('member');
  }
});

// wildfirechat/im-server#327, #47: an added user lacked the group; a user who had left kept it.
test("an added user's list has the group, and a kicked user's list hasn't, from the command's position on", async () => {
  const [groupId, members] = [await tenant.newGroup(), users(20, fresh('u'))];
  const added = await tenant.run('addMembers', { groupId, userIds: members });
  const groupsOf = async (after: string) => {
    const lists = await Promise.all(members.map((userId) => tenant.query('userGroups', { userId, after })));
    return lists.map(({ groups }) => groups.map((group) => group.groupId));
  };
  expect(await groupsOf(added.position)).toEqual(members.map(() => [groupId]));
  const kicked = await tenant.run('kick', { groupId, userIds: members });
  expect(await groupsOf(kicked.position)).toEqual(members.map(() => []));
});

// RocketChat/Rocket.Chat#14463: a large group was made, and seen, in part.
test('a large group appears with all of its members together', async () => {
  for (const size of [400, 3_000]) {
    const groupId = fresh('g');
    let made = false;
    const making = tenant.newGroup({ groupId, members: users(size) }).finally(() => (made = true));
    const seen = new Set<number>();
    while (!made) {
      const { groups } = await tenant.query('groups', { groupIds: [groupId] });
      seen.add(groups[0]?.memberCount ?? 0);
    }
    await making;
    await waitFor(async () => {
      const counts = await onBothNodes(() => tenant.query('groups', { groupIds: [groupId] }));
      for (const { groups } of counts) seen.add(groups[0]?.memberCount ?? 0);
      return counts.every(({ groups }) => groups.length === 1);
    });
    expect([0, size + 1]).toEqual(expect.arrayContaining([...seen]));
  }
});

// wildfirechat/im-server#311, android-chat#676: members could be read in one piece only, or appeared twice or never when others left.
test('a member who stays appears on exactly one page while others leave and join', async () => {
  const staying = users(120, 'stays');
  const groupId = await tenant.newGroup({ members: staying.flatMap((userId, i) => [`goes${i}`, userId]) });
  const read: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page === 0 || cursor !== undefined; page++) {
    const { position: after } = await tenant.run('leaveMany', {
      groupId,
      userIds: [`goes${page}`, `goes${119 - page}`],
    });
    const answer = await tenant.query('members', { groupId, after, limit: 25, ...(cursor ? { cursor } : {}) });
    await tenant.run('join', { groupId, userId: `comes${page}` });
    read.push(...answer.members.map(({ userId }) => userId));
    cursor = answer.cursor;
  }
  expect(read.filter((userId) => userId.startsWith('stays'))).toEqual(staying);
  expect(new Set(read).size).toBe(read.length);
});
