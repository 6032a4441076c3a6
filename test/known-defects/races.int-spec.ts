import { randomUUID } from 'node:crypto';
import { groupStream, type Actor } from '@cohort/contracts';
import type { EventStore } from '@cohort/event-store';
import type { GroupMailboxes } from '../../apps/command/src/group';
import { demo, eventsOf, send, type Watched } from '../command/mailbox-support';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';
import { TwoNodes } from './overtaken';

requires('own event store');

/** Races that other group services lose: another node writes between a command's read and its append. */

let nodes: TwoNodes;
let store: EventStore;
let watched: Watched;
let slow: GroupMailboxes;
let fast: GroupMailboxes;

beforeAll(async () => {
  nodes = await TwoNodes.start();
});
beforeEach(() => {
  nodes.renew();
  ({ store, watched, slow, fast } = nodes);
});
afterAll(() => nodes?.stop());

const user = (id: string): Actor => ({ type: 'user', id });
const newGroup: TwoNodes['newGroup'] = (...group) => nodes.newGroup(...group);
const overtaken: TwoNodes['overtaken'] = (...commands) => nodes.overtaken(...commands);
const typesOf = (groupId: string) => nodes.typesOf(groupId);
const newest = async (groupId: string) => (await eventsOf(store, groupId)).at(-1)!;

// open-im-server internal/rpc/group JoinGroup: a user joined a group that was dismissed after it had been read.
test('a join is refused when another node dismisses the group before the join is written', async () => {
  const groupId = await newGroup([]);
  const outcome = await overtaken(
    () => send(slow, 'join', { groupId, userId: 'a' }),
    () => send(fast, 'dismiss', { groupId }),
  );
  expect(outcome).toBe('GROUP_DISMISSED');
  expect(await typesOf(groupId)).toEqual(['created', 'dismissed']);
});

// open-im-server mgo/group_member.go UpdateUserRoleLevels: two concurrent transfers left two owners.
test('of two transfers on two nodes at the same time, one is refused', async () => {
  const groupId = await newGroup(['a', 'b']);
  const outcome = await overtaken(
    () => send(slow, 'transfer', { groupId, newOwner: 'a', actor: user('o') }),
    () => send(fast, 'transfer', { groupId, newOwner: 'b', actor: user('o') }),
  );
  expect(outcome).toBe('OWNER_ONLY');
  expect((await newest(groupId)).data).toEqual({ from: 'o', to: 'b', reason: 'requested' });
});

// wildfirechat im-server quitGroup: the successor of an owner had left meanwhile.
test('an owner who leaves is succeeded by a member who is still there when the leave is written', async () => {
  const groupId = await newGroup(['a', 'b']);
  const outcome = await overtaken(
    () => send(slow, 'leave', { groupId, userId: 'o', ownerPolicy: 'oldestMember' }),
    () => send(fast, 'leave', { groupId, userId: 'a' }),
  );
  expect(outcome).toBe('ok');
  expect((await eventsOf(store, groupId)).slice(2).map(({ type, data }) => ({ type, data }))).toEqual([
    { type: 'memberLeft', data: { members: [{ userId: 'a' }], memberCount: 2 } },
    { type: 'ownerTransferred', data: { from: 'o', to: 'b', reason: 'ownerLeft' } },
    { type: 'memberLeft', data: { members: [{ userId: 'o' }], memberCount: 1 } },
  ]);
});

// wildfirechat im-server addGroupMembers: the last place was taken twice.
test('of two joins for the last free place, one is refused', async () => {
  const groupId = await newGroup([], { capacity: 2 });
  const outcome = await overtaken(
    () => send(slow, 'join', { groupId, userId: 'a' }),
    () => send(fast, 'join', { groupId, userId: 'b' }),
  );
  expect(outcome).toBe('CAPACITY_REACHED');
  expect(await typesOf(groupId)).toEqual(['created', 'memberJoined']);
});

// open-im-server internal/rpc/group InviteUserToGroup: some chunks of a large invitation were carried out.
test('an invitation of 1,000 users is written whole or refused whole', async () => {
  const userIds = Array.from({ length: 1_000 }, (_, i) => `u${i}`);
  const groupId = await newGroup([], { capacity: 1_001 });
  const outcome = await overtaken(
    () => send(slow, 'addMembers', { groupId, userIds }),
    () => send(fast, 'join', { groupId, userId: 'a' }),
  );
  expect(outcome).toBe('CAPACITY_REACHED');
  expect(await typesOf(groupId)).toEqual(['created', 'memberJoined']);
  await send(fast, 'kick', { groupId, userIds: ['a'] });
  await send(slow, 'addMembers', { groupId, userIds });
  expect(watched.appends.at(-1)).toEqual({ stream: groupStream(demo.id, groupId), events: 2 });
});

// RocketChat/Rocket.Chat#14463, openimsdk/open-im-server#325: a group of 400 was made with 123 of them, and slowly.
test('a group of 400 members is created by one append', async () => {
  const groupId = await newGroup(Array.from({ length: 400 }, (_, i) => `u${i}`));
  expect(watched.appends.filter(({ stream }) => stream === groupStream(demo.id, groupId))).toHaveLength(1);
  expect((await newest(groupId)).data).toMatchObject({ memberCount: 401 });
});

// openimsdk/openim-sdk-core#575, #668: one slow group held up all others.
test('an append that is held up delays no command of another group', async () => {
  const [large, other] = [await newGroup([]), await newGroup([])];
  watched.hold();
  const userIds = Array.from({ length: 1_000 }, (_, i) => `u${i}`);
  const invitation = send(slow, 'addMembers', { groupId: large, userIds });
  watched.letThrough(groupStream(demo.id, other));
  expect(await send(slow, 'join', { groupId: other, userId: 'a' })).toMatchObject({ revision: '1' });
  watched.release();
  expect(await invitation).toMatchObject({ revision: '2' });
});

// wildfirechat/im-server#676: a quit timed out although it was carried out, and each retry quit once more.
test('a leave whose answer was lost is carried out once, and each repetition returns the first answer', async () => {
  const groupId = await newGroup(['a']);
  const commandId = randomUUID();
  const quit = () => send(slow, 'leave', { groupId, userId: 'a' }, { commandId });
  nodes.proxy.set('dropReplies');
  await expect(quit()).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  nodes.proxy.set('pass');
  await waitFor(() => store.status === 'connected');
  const first = await quit();
  expect(first).toMatchObject({ revision: '2' });
  await send(fast, 'join', { groupId, userId: 'a' });
  expect([await quit(), await send(fast, 'leave', { groupId, userId: 'a' }, { commandId })]).toEqual([first, first]);
  expect(await typesOf(groupId)).toEqual(['created', 'memberJoined', 'memberLeft', 'memberJoined']);
});
