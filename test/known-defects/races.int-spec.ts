import { randomUUID } from 'node:crypto';
import { groupStream, type Actor } from '@cohort/contracts';
import { startEmbeddedEventStore, type EmbeddedEventStore } from '@cohort/embedded-event-store';
import { connectEventStore, type EventStore } from '@cohort/event-store';
import { GroupMailboxes } from '../../apps/command/src/mailbox';
import { demo, eventsOf, newGroupId, send, Watched } from '../command/mailbox-support';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy';
import { waitFor } from '../support/wait-for';

/** Races that other group services lose: another node acts between a command's reading and its writing. */

let server: EmbeddedEventStore;
let proxy: TcpProxy;
let store: EventStore;
let watched: Watched;
/** The node that is overtaken: its appends can be held back. */
let slow: GroupMailboxes;
let fast: GroupMailboxes;

beforeAll(async () => {
  server = await startEmbeddedEventStore({ memory: true });
  proxy = await startTcpProxy(server.port);
  const url = `esdb://127.0.0.1:${proxy.port}?tls=false`;
  // Time enough for the appends of the other tests on a busy machine; one that is never answered waits for it.
  store = await connectEventStore({ url, appendTimeoutMs: 2_000, settleTimeoutMs: 5_000 });
});
beforeEach(() => {
  watched = new Watched(store);
  slow = new GroupMailboxes({ store: watched });
  fast = new GroupMailboxes({ store });
});
afterAll(async () => {
  await store.close();
  await proxy.close();
  await server.stop();
});

const user = (id: string): Actor => ({ type: 'user', id });

/** A group that both nodes know. */
async function newGroup(members: string[], over: { capacity?: number } = {}): Promise<string> {
  const groupId = newGroupId();
  await send(slow, 'create', { groupId, name: 'Sales', owner: 'o', members, ...over });
  await send(fast, 'join', { groupId, userId: 'o' });
  return groupId;
}

/** `late` is about to write when `theirs` is carried out by the other node. */
async function overtaken(late: () => Promise<unknown>, theirs: () => Promise<unknown>): Promise<unknown> {
  const { length } = watched.appends;
  watched.hold();
  const outcome = late().then(
    () => 'ok',
    (error: { code: string }) => error.code,
  );
  await waitFor(() => watched.appends.length > length);
  await theirs();
  watched.release();
  return outcome;
}

const typesOf = async (groupId: string) => (await eventsOf(store, groupId)).map(({ type }) => type);
const newest = async (groupId: string) => (await eventsOf(store, groupId)).at(-1)!;

test('a user joins a group that was dismissed after it was looked at (open-im-server internal/rpc/group JoinGroup)', async () => {
  const groupId = await newGroup([]);
  const outcome = await overtaken(
    () => send(slow, 'join', { groupId, userId: 'a' }),
    () => send(fast, 'dismiss', { groupId }),
  );
  expect(outcome).toBe('GROUP_DISMISSED');
  expect(await typesOf(groupId)).toEqual(['created', 'dismissed']);
});

test('two transfers at once leave two owners (open-im-server mgo/group_member.go UpdateUserRoleLevels)', async () => {
  const groupId = await newGroup(['a', 'b']);
  const outcome = await overtaken(
    () => send(slow, 'transfer', { groupId, newOwner: 'a', actor: user('o') }),
    () => send(fast, 'transfer', { groupId, newOwner: 'b', actor: user('o') }),
  );
  expect(outcome).toBe('OWNER_ONLY');
  expect((await newest(groupId)).data).toEqual({ from: 'o', to: 'b', reason: 'requested' });
});

test('an owner quits, and his successor has gone meanwhile (wildfirechat im-server quitGroup)', async () => {
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

test('the last seat is taken twice (wildfirechat im-server addGroupMembers)', async () => {
  const groupId = await newGroup([], { capacity: 2 });
  const outcome = await overtaken(
    () => send(slow, 'join', { groupId, userId: 'a' }),
    () => send(fast, 'join', { groupId, userId: 'b' }),
  );
  expect(outcome).toBe('CAPACITY_REACHED');
  expect(await typesOf(groupId)).toEqual(['created', 'memberJoined']);
});

test('of a large invitation some chunks are carried out (open-im-server internal/rpc/group InviteUserToGroup)', async () => {
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

test('a group of 400 is made with 123 of them (RocketChat/Rocket.Chat#14463), and slowly (openimsdk/open-im-server#325): it is one append', async () => {
  const groupId = await newGroup(Array.from({ length: 400 }, (_, i) => `u${i}`));
  expect(watched.appends.filter(({ stream }) => stream === groupStream(demo.id, groupId))).toHaveLength(1);
  expect((await newest(groupId)).data).toMatchObject({ memberCount: 401 });
});

test('one group that takes long holds up all others (openimsdk/openim-sdk-core#575, #668)', async () => {
  const [large, other] = [await newGroup([]), await newGroup([])];
  watched.hold();
  const userIds = Array.from({ length: 1_000 }, (_, i) => `u${i}`);
  const invitation = send(slow, 'addMembers', { groupId: large, userIds });
  watched.letThrough(groupStream(demo.id, other));
  expect(await send(slow, 'join', { groupId: other, userId: 'a' })).toMatchObject({ revision: '1' });
  watched.release();
  expect(await invitation).toMatchObject({ revision: '2' });
});

test('a quit answers timeout but was done, and each retry quits once more (wildfirechat/im-server#676)', async () => {
  const groupId = await newGroup(['a']);
  const commandId = randomUUID();
  const quit = () => send(slow, 'leave', { groupId, userId: 'a' }, { commandId });
  proxy.set('dropReplies');
  await expect(quit()).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  proxy.set('pass');
  await waitFor(() => store.status === 'connected');
  const first = await quit();
  expect(first).toMatchObject({ revision: '2' });
  await send(fast, 'join', { groupId, userId: 'a' });
  expect([await quit(), await send(fast, 'leave', { groupId, userId: 'a' }, { commandId })]).toEqual([first, first]);
  expect(await typesOf(groupId)).toEqual(['created', 'memberJoined', 'memberLeft', 'memberJoined']);
});
