import { randomUUID } from 'node:crypto';
import { commandHash, EVENT_NAMESPACE, userStream, type SyncUserAnswer } from '@cohort/contracts';
import { connectEventStore, type EventStore, type StoredEvent } from '@cohort/event-store';
import { v5 } from 'uuid';
import { UserMailboxes } from '../../apps/command/src/user/user-mailboxes';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { requires } from '../support/servers';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy';
import { waitFor } from '../support/wait-for';
import { demo } from './mailbox-support';

requires('own event store');

type Store = Pick<EventStore, 'append' | 'read' | 'head'>;

let server: TestEventStore;
let proxy: TcpProxy;
let store: EventStore;
beforeEach(() => start());
async function start(times: { appendTimeoutMs?: number; settleTimeoutMs?: number } = {}): Promise<void> {
  server = await startEventStore();
  proxy = await startTcpProxy(server.port);
  const url = `esdb://127.0.0.1:${proxy.port}?tls=false`;
  store = await connectEventStore({ url, ...times });
}
afterEach(() => stop());
async function stop(): Promise<void> {
  await store.close();
  await proxy.close();
  await server.stop();
}

/** A command node. No worker completes a sync here, so that no node ever queries the user's groups. */
const newNode = (on: Store = store) =>
  new UserMailboxes({ store: on, client: { query: () => Promise.reject(new Error('not asked')) } });

function request(node: UserMailboxes, groupId: string, commandId: string = randomUUID()): Promise<SyncUserAnswer> {
  const data = {
    app: demo.id,
    actor: { type: 'service' as const },
    userId: 'ann',
    groups: [{ groupId, name: `of ${groupId}` }],
  };
  const hash = commandHash('syncUser', data);
  return node.execute({ type: 'syncUser', data, app: demo, commandId, commandHash: hash, deadline: Infinity });
}
async function written(): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const event of store.read(userStream(demo.id, 'ann'))) events.push(event);
  return events;
}
/** The store, where something happens before each append. */
const interrupted = (before: () => Promise<unknown>): Store => ({
  append: async (...args) => {
    await before();
    return store.append(...args);
  },
  read: (...args) => store.read(...args),
  head: (...args) => store.head(...args),
});

test('syncs of one user at two nodes at the same time are each written once, with a number of their own', async () => {
  const nodes = [newNode(), newNode()];
  const commands = Array.from({ length: 60 }, (_, i) => ({ commandId: randomUUID(), node: nodes[i % 2]!, i }));
  const answers = await Promise.all(commands.map(({ commandId, node, i }) => request(node, `g${i}`, commandId)));
  const events = await written();
  expect(events.map(({ metadata }) => metadata.commandId).sort()).toEqual(
    commands.map(({ commandId }) => commandId).sort(),
  );
  for (const [i, { sync }] of answers.entries()) {
    expect(events[sync]!.metadata.commandId).toBe(commands[i]!.commandId);
  }
});

test('a sync is OVERLOADED, with nothing written, after another node was first a hundred times', async () => {
  const other = newNode();
  let attempts = 0;
  const overtaken = newNode(interrupted(() => request(other, `other-${attempts++}`)));
  await expect(request(overtaken, 'mine')).rejects.toMatchObject({ code: 'OVERLOADED' });
  expect(attempts).toBe(101);
  const asked = (await written()).map(({ data }) => (data as { groups: { groupId: string }[] }).groups[0]!.groupId);
  expect(asked).toEqual(Array.from({ length: 101 }, (_, i) => `other-${i}`));
});

/** A node whose appends reach the server, and whose replies don't come back. */
const unanswered = () => newNode(interrupted(() => Promise.resolve(proxy.set('dropReplies'))));

test('a sync whose reply is lost after it was written is answered, and written once', async () => {
  const commandId = randomUUID();
  const lost = proxy.lostBytes();
  const answer = request(unanswered(), 'g', commandId);
  answer.catch(() => undefined);
  await lost;
  proxy.set('pass');
  proxy.cut();
  const { sync, position } = await answer;
  expect(await written()).toMatchObject([{ revision: sync, position, metadata: { commandId } }]);
  expect(await request(newNode(), 'g', commandId)).toMatchObject({ sync, position });
  await expect(request(newNode(), 'h', commandId)).rejects.toMatchObject({ code: 'COMMAND_ID_REUSED' });
});

test('a sync whose outcome stays unknown is OUTCOME_UNKNOWN, and a repeat gets the first answer', async () => {
  await stop();
  await start({ settleTimeoutMs: 1_000 });
  const commandId = randomUUID();
  const lost = proxy.lostBytes();
  const answer = expect(request(unanswered(), 'g', commandId)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  await lost;
  proxy.set('refuse');
  await answer;
  proxy.set('pass');
  await waitFor(() => store.status === 'connected');
  const again = await request(newNode(), 'g', commandId);
  const events = await written();
  expect(events).toHaveLength(1);
  expect(again).toMatchObject({ sync: 0, position: events[0]!.position });
});

test('syncs behind an append in doubt are UNAVAILABLE immediately, and the append is settled when the store is back', async () => {
  await stop();
  await start({ appendTimeoutMs: 400 });
  const node = unanswered();
  const lost = proxy.lostBytes();
  const inDoubt = request(node, 'in-doubt');
  inDoubt.catch(() => undefined);
  await lost;
  const behind = request(node, 'behind').catch((error: unknown) => error);
  proxy.set('refuse');
  expect(await behind).toMatchObject({ code: 'UNAVAILABLE' });
  await expect(request(node, 'later')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  proxy.set('pass');
  expect(await inDoubt).toMatchObject({ sync: 0 });
  expect(await request(newNode(), 'after')).toMatchObject({ sync: 1 });
});

test('a sync stored under an id of the earlier form, without the payload, gets its first answer and is not written again', async () => {
  const commandId = randomUUID();
  const first = await request(newNode(), 'g', commandId);
  const [{ data, metadata } = { data: {}, metadata: {} }] = await written();
  await stop();
  await start();
  const stream = userStream(demo.id, 'ann');
  const id = v5(`${stream}\n${commandId}\n0`, EVENT_NAMESPACE);
  const { position } = await store.append(
    stream,
    [{ id, type: 'syncRequested', data: data as object, metadata }],
    'none',
  );
  const node = newNode();
  expect(await request(node, 'g', commandId)).toEqual({ ...first, position });
  await expect(request(node, 'h', commandId)).rejects.toMatchObject({ code: 'COMMAND_ID_REUSED' });
  expect(await written()).toHaveLength(1);
});

test('one command id with two payloads at two nodes at the same time is COMMAND_ID_REUSED at the second', async () => {
  const commandId = randomUUID();
  let before = 0;
  const first = newNode();
  const second = newNode(interrupted(() => (before++ === 0 ? request(first, 'g', commandId) : Promise.resolve())));
  await expect(request(second, 'h', commandId)).rejects.toMatchObject({ code: 'COMMAND_ID_REUSED' });
  expect(await written()).toMatchObject([{ data: { groups: [{ groupId: 'g' }] } }]);
});
