import { randomUUID } from 'node:crypto';
import { groupStream } from '@cohort/contracts';
import { connectEventStore, type EventStore } from '@cohort/event-store';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { InFlight } from '../../apps/command/src/in-flight';
import { GroupMailboxes } from '../../apps/command/src/group';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { requires } from '../support/servers';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy';
import { waitFor } from '../support/wait-for';
import { demo, eventsOf, metadataOf, newGroupId, send, Watched } from './mailbox-support';

requires('own event store');

let server: TestEventStore;
let proxy: TcpProxy;
let store: EventStore;
let watched: Watched;
let node: GroupMailboxes;
let inFlight: InFlight;
/** What another node does and sees: on a connection that is never broken. */
let other: EventStoreDBClient;

beforeAll(async () => {
  server = await startEventStore();
  other = EventStoreDBClient.connectionString(server.url);
});
beforeEach(() => start());
afterEach(() => stop());
afterAll(async () => {
  await other.dispose();
  await server.stop();
});

async function start(times: { appendTimeoutMs?: number; settleTimeoutMs?: number } = {}): Promise<void> {
  proxy = await startTcpProxy(server.port);
  const url = `esdb://127.0.0.1:${proxy.port}?tls=false`;
  store = await connectEventStore({ url, appendTimeoutMs: 400, ...times });
  watched = new Watched(store);
  inFlight = new InFlight();
  node = new GroupMailboxes({ store: watched, inFlight });
}

async function stop(): Promise<void> {
  await store.close();
  await proxy.close();
}
async function restart(times: { appendTimeoutMs: number; settleTimeoutMs?: number }): Promise<void> {
  await stop();
  await start(times);
}

async function newGroup(): Promise<string> {
  const groupId = newGroupId();
  await send(node, 'create', { groupId, name: 'Sales', owner: 'o' });
  return groupId;
}
const join = (groupId: string, userId: string, more = {}) => send(node, 'join', { groupId, userId }, more);

async function usersSeenByOthers(groupId: string): Promise<string[]> {
  const users: string[] = [];
  for await (const { event } of other.readStream(groupStream(demo.id, groupId))) {
    const { members = [] } = event?.data as { members?: { userId: string }[] };
    users.push(...members.map(({ userId }) => userId));
  }
  return users;
}

/** Another node lets a user join. */
async function joinElsewhere(groupId: string, userId: string, revision: number): Promise<void> {
  const stored: Record<string, unknown>[] = [];
  for await (const { event } of other.readStream(groupStream(demo.id, groupId))) {
    stored.push(event!.metadata as Record<string, unknown>);
  }
  const joined = jsonEvent({
    type: 'memberJoined',
    data: { members: [{ userId }], via: 'join', memberCount: revision + 2 },
    metadata: { ...stored.at(-1), commandId: randomUUID(), batch: { index: 0, size: 1 } },
  });
  await other.appendToStream(groupStream(demo.id, groupId), joined, { expectedRevision: BigInt(revision) });
}

test('a command whose reply is lost after the append was written is answered, with its first time, and written once', async () => {
  const groupId = await newGroup();
  proxy.set('dropReplies');
  const answer = join(groupId, 'a');
  await waitFor(async () => (await usersSeenByOthers(groupId)).length === 1);
  const written = Date.now();
  proxy.set('pass');
  expect(await answer).toMatchObject({ revision: '1' });
  const events = await eventsOf(store, groupId);
  expect(events).toHaveLength(2);
  expect(Date.parse(metadataOf(events[1]!).at)).toBeLessThanOrEqual(written);
  expect(await answer).toMatchObject({ position: events[1]!.position });
});

test('a batch whose reply is lost is sent again with the same bytes before the newer commands that wait', async () => {
  // The newer ones come while the batch is sent for the first time: once it is in doubt, they would be refused.
  await restart({ appendTimeoutMs: 10_000 });
  const groupId = await newGroup();
  watched.hold();
  const { length } = watched.appends;
  const first = join(groupId, 'first');
  await waitFor(() => watched.appends.length > length);
  const batch = ['a', 'b', 'c'].map((userId) => join(groupId, userId));
  watched.releaseOne();
  await first;
  proxy.set('dropReplies');
  watched.release();
  await waitFor(async () => (await usersSeenByOthers(groupId)).length === 4);
  const newer = ['a', 'd'].map((userId) => join(groupId, userId));
  const appends = watched.appends.length;
  proxy.set('pass');
  proxy.cut();
  expect((await Promise.all(batch)).map(({ revision }) => revision)).toEqual(['2', '3', '4']);
  expect((await Promise.all(newer)).map(({ revision }) => revision)).toEqual(['4', '5']);
  expect(watched.appends.length).toBe(appends + 1);
  expect(await usersSeenByOthers(groupId)).toEqual(['first', 'a', 'b', 'c', 'd']);
});

test('a command whose reply is lost while another node writes behind it is found by its event ids and answered from the stored events', async () => {
  const groupId = await newGroup();
  proxy.set('dropReplies');
  const answer = join(groupId, 'a');
  await waitFor(async () => (await usersSeenByOthers(groupId)).length === 1);
  await joinElsewhere(groupId, 'x', 1);
  proxy.set('pass');
  const { revision, position } = await answer;
  const events = await eventsOf(store, groupId);
  expect({ revision, position }).toEqual({ revision: '1', position: events[1]!.position });
  expect(await join(groupId, 'x')).toMatchObject({ revision: '2' });
  expect(await usersSeenByOthers(groupId)).toEqual(['a', 'x']);
});

test('a command whose append is lost while another node writes is decided again at another revision', async () => {
  const groupId = await newGroup();
  proxy.set('blackHole');
  const lost = proxy.lostBytes();
  const answers = [join(groupId, 'a'), join(groupId, 'b', { expectedRevision: 1 })];
  void Promise.allSettled(answers);
  await lost;
  await joinElsewhere(groupId, 'a', 0);
  proxy.set('pass');
  // The join has become a no-effect, which brings the group to the revision that its neighbour expects.
  expect(await answers[0]).toMatchObject({ revision: '1' });
  expect(await answers[1]).toMatchObject({ revision: '2' });
  expect(await usersSeenByOthers(groupId)).toEqual(['a', 'b']);
});

test('a command is OVERLOADED, with nothing written, after other nodes were first a hundred times', async () => {
  const groupId = await newGroup();
  let attempts = 0;
  const append: EventStore['append'] = async (...args) => {
    await joinElsewhere(groupId, `x${attempts}`, attempts);
    attempts += 1;
    return watched.append(...args);
  };
  const overtaken = new GroupMailboxes({ store: Object.assign(new Watched(store), { append }) });
  await expect(send(overtaken, 'join', { groupId, userId: 'a' })).rejects.toMatchObject({ code: 'OVERLOADED' });
  expect(attempts).toBe(101);
  expect(await usersSeenByOthers(groupId)).toEqual(Array.from({ length: 101 }, (_, i) => `x${i}`));
  expect(await join(groupId, 'a')).toMatchObject({ revision: '102' });
});

test.each(['cut', 'black-holed'])(
  'when the connection is %s under load and comes back, successful commands are written once and UNAVAILABLE ones are not',
  async (how) => {
    const groups = await Promise.all(Array.from({ length: 10 }, newGroup));
    const wanted = groups.flatMap((groupId) => Array.from({ length: 30 }, (_, i) => ({ groupId, userId: `u${i}` })));
    let answered = 0;
    const answers = wanted.map(async ({ groupId, userId }, i) => {
      await waitFor(() => answered >= i - 60, { everyMs: 1, withinMs: 60_000 });
      const outcome = await join(groupId, userId).then(
        () => 'ok',
        (error: { code: string }) => error.code,
      );
      answered += 1;
      return { groupId, userId, outcome };
    });
    await waitFor(() => answered > 30, { everyMs: 1 });
    if (how === 'cut') proxy.cut();
    else {
      proxy.set('blackHole');
      await proxy.lostBytes();
      proxy.set('pass');
    }
    const outcomes = await Promise.all(answers);
    for (const groupId of groups) {
      const well = outcomes
        .filter((one) => one.groupId === groupId && one.outcome === 'ok')
        .map(({ userId }) => userId);
      expect((await usersSeenByOthers(groupId)).sort()).toEqual(well.sort());
    }
    expect(outcomes.every(({ outcome }) => outcome === 'ok' || outcome === 'UNAVAILABLE')).toBe(true);
  },
);

test('a command whose outcome stays unknown is OUTCOME_UNKNOWN, its neighbours that depend only on older events are answered, and a repeat gets the first answer', async () => {
  await restart({ appendTimeoutMs: 10_000, settleTimeoutMs: 1_000 });
  const groupId = await newGroup();
  const commandId = randomUUID();
  watched.hold();
  const { length } = watched.appends;
  const answers = Promise.allSettled([
    send(node, 'transfer', { groupId, newOwner: 'stranger' }),
    join(groupId, 'o'),
    join(groupId, 'a', { commandId }),
    join(groupId, 'a'),
  ]);
  await waitFor(() => watched.appends.length > length);
  proxy.set('dropReplies');
  watched.release();
  await waitFor(async () => (await usersSeenByOthers(groupId)).length === 1);
  proxy.set('refuse');
  expect(await answers).toMatchObject([
    { reason: { code: 'NOT_A_MEMBER' } },
    { value: { revision: '0' } },
    { reason: { code: 'OUTCOME_UNKNOWN' } },
    { reason: { code: 'OUTCOME_UNKNOWN' } },
  ]);
  proxy.set('pass');
  await waitFor(() => store.status === 'connected');
  expect(await join(groupId, 'a', { commandId })).toMatchObject({ revision: '1' });
  expect(await usersSeenByOthers(groupId)).toEqual(['a']);
});

test('while the event store is unreachable all commands are UNAVAILABLE within seconds, and when it is back they succeed', async () => {
  const cached = await newGroup();
  proxy.set('refuse');
  await waitFor(() => store.status === 'disconnected');
  const begun = Date.now();
  const attempts = [
    ...Array.from({ length: 300 }, (_, i) => join(cached, `u${i}`)),
    join('never-seen', 'u'),
    send(node, 'create', { groupId: newGroupId(), name: 'Sales', owner: 'o' }),
    send(node, 'create', { name: 'Sales', owner: 'o' }),
  ];
  for (const one of await Promise.allSettled(attempts)) expect(one).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
  expect(Date.now() - begun).toBeLessThan(10_000);
  expect([inFlight.count, node.groupsInFlight]).toEqual([0, 0]);

  proxy.set('pass');
  await waitFor(() => store.status === 'connected');
  expect(await join(cached, 'a')).toMatchObject({ revision: '1' });
});

test('commands behind an append in doubt are UNAVAILABLE immediately, and the append is settled when the store is back', async () => {
  const groupId = await newGroup();
  proxy.set('dropReplies');
  const inDoubt = join(groupId, 'in-doubt');
  await waitFor(async () => (await usersSeenByOthers(groupId)).length === 1);
  const behind = join(groupId, 'behind').catch((error: unknown) => error);
  proxy.set('refuse');
  expect(await behind).toMatchObject({ code: 'UNAVAILABLE' });
  await expect(join(groupId, 'later')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  proxy.set('pass');
  expect(await inDoubt).toMatchObject({ revision: '1' });
  expect(await join(groupId, 'after')).toMatchObject({ revision: '2' });
  expect(await usersSeenByOthers(groupId)).toEqual(['in-doubt', 'after']);
});
