import { randomUUID } from 'node:crypto';
import { EventStoreDBClient } from '@eventstore/db-client';
import { commandHash, groupStream, userStream } from '@cohort/contracts';
import { created, joined, left } from '@cohort/contracts/testing';
import { connectEventStore, type EventStore } from '@cohort/event-store';
import type { CommandRequest } from '../../apps/command/src/command-request';
import { GroupMailboxes } from '../../apps/command/src/group';
import { UserMailboxes } from '../../apps/command/src/user/user-mailboxes';
import { useEventStore, type TestEventStore } from '../support/event-store';
import { waitFor } from '../support/wait-for';
import { demo, eventsOf, newGroupId, send } from './mailbox-support';

/** What programs other than this service do to streams, and how commands answer then. */
let server: Pick<TestEventStore, 'url' | 'stop'>;
let store: EventStore;
/** What an operator uses. */
let operator: EventStoreDBClient;
let node: GroupMailboxes;
const stopping = new AbortController();

beforeAll(async () => {
  server = await useEventStore();
  store = await connectEventStore({ url: server.url });
  operator = EventStoreDBClient.connectionString(server.url);
  node = await newNode();
});
afterAll(async () => {
  stopping.abort();
  await operator?.dispose();
  await store?.close();
  await server?.stop();
});

async function newNode(): Promise<GroupMailboxes> {
  const mailboxes = new GroupMailboxes({ store });
  void mailboxes.follow(store, { from: await store.head(), signal: stopping.signal });
  return mailboxes;
}

const join = (groupId: string, userId: string = randomUUID(), on = node) => send(on, 'join', { groupId, userId });
const create = (groupId: string, on = node) => send(on, 'create', { groupId, name: 'Again', owner: 'other' });
const codeOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'ok',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );

/** A group with six members and as many events, in the memory of `node`. */
async function sixMembers(): Promise<string> {
  const groupId = newGroupId();
  await send(node, 'create', { groupId, name: 'Sales', owner: 'u0' });
  for (let i = 1; i < 6; i++) await join(groupId, `u${i}`);
  return groupId;
}

const at = new Date().toISOString();
/** What is strange, the event, and its metadata. */
type Strange = readonly [string, { readonly type: string; readonly data: unknown }, object];
const write = (stream: string, event: { type: string; data: unknown }, metadata: object = { at }) =>
  store.append(stream, [{ id: randomUUID(), ...event, data: event.data as object, metadata }], 'any');

describe('a group whose stream has a strange event', () => {
  test.each<Strange>([
    ['data that is a text', { type: 'memberLeft', data: 'x' }, { at }],
    ['data that is null', { type: 'memberLeft', data: null }, { at }],
    ['data that is a list', { type: 'memberJoined', data: [] }, { at }],
    ['members without ids', { type: 'memberJoined', data: { members: [{}], via: 'add', memberCount: 2 } }, { at }],
    ['no metadata', left(1, 'o'), {}],
    ['a time that is none', left(1, 'o'), { at: 'yesterday' }],
    ['a place in its append that is none', left(1, 'o'), { at, batch: 'x' }],
    ['another app in its metadata', left(1, 'o'), { at, app: 'other' }],
    ['a second beginning', created('thief'), { at }],
  ])('refuses commands as DATA_DAMAGED, in memory and read anew: %s', async (_what, event, metadata) => {
    const groupId = newGroupId();
    await send(node, 'create', { groupId, name: 'Sales', owner: 'o' });
    await write(groupStream(demo.id, groupId), event, metadata);
    for (const on of [node, node, await newNode()]) {
      expect(await codeOf(join(groupId, 'a', on))).toBe('DATA_DAMAGED');
      expect(await codeOf(send(on, 'kick', { groupId, userIds: ['o'] }))).toBe('DATA_DAMAGED');
      expect(await codeOf(create(groupId, on))).toBe('DATA_DAMAGED');
      expect(await codeOf(send(on, 'createOrJoin', { groupId, userIds: ['b'] }))).toBe('DATA_DAMAGED');
    }
    expect(await eventsOf(store, groupId)).toHaveLength(2);
    expect(await codeOf(join(await sixMembers()))).toBe('ok');
  });

  test('in the first place is damaged, and not a new group', async () => {
    const groupId = newGroupId();
    await write(groupStream(demo.id, groupId), joined('add', 1, 'a'));
    expect(await codeOf(join(groupId))).toBe('DATA_DAMAGED');
    expect(await codeOf(create(groupId))).toBe('DATA_DAMAGED');
  });
});

describe('a group whose stream was cut', () => {
  test.each([
    ['a truncation', { truncateBefore: 3 }],
    ['a truncation of all', { truncateBefore: 6 }],
    ['a limit of the count', { maxCount: 2 }],
  ])('refuses commands as DATA_DAMAGED, in memory and read anew: %s', async (_what, metadata) => {
    const groupId = await sixMembers();
    const stream = groupStream(demo.id, groupId);
    await operator.setStreamMetadata(stream, metadata);
    await waitFor(async () => (await codeOf(join(groupId))) === 'DATA_DAMAGED');
    const written = (await eventsOf(store, groupId)).at(-1)?.revision;
    for (const on of [node, await newNode()]) {
      expect(await codeOf(join(groupId, 'a', on))).toBe('DATA_DAMAGED');
      expect(await codeOf(send(on, 'dismiss', { groupId }))).toBe('DATA_DAMAGED');
      expect(await codeOf(create(groupId, on))).toBe('DATA_DAMAGED');
    }
    expect((await eventsOf(store, groupId)).at(-1)?.revision).toBe(written);
  });

  test('by a limit that hides events only later works until then, and then refuses commands', async () => {
    const groupId = await sixMembers();
    await operator.setStreamMetadata(groupStream(demo.id, groupId), { maxCount: 8 });
    const codes: string[] = [];
    for (let i = 0; i < 5; i++) codes.push(await codeOf(join(groupId)));
    // The ninth event hides the first.
    expect(codes).toEqual(['ok', 'ok', 'ok', 'DATA_DAMAGED', 'DATA_DAMAGED']);
    expect(await codeOf(join(groupId, 'a', await newNode()))).toBe('DATA_DAMAGED');
  });

  test('is noticed within 100 events of the group, also if the limit was set before the node was started', async () => {
    const groupId = await sixMembers();
    await operator.setStreamMetadata(groupStream(demo.id, groupId), { maxCount: 20 });
    const later = await newNode();
    const answers: string[] = [];
    for (let i = 0; i < 220 && answers.at(-1) !== 'DATA_DAMAGED'; i++)
      answers.push(await codeOf(join(groupId, `x${i}`, later)));
    expect(answers.at(-1)).toBe('DATA_DAMAGED');
    expect(answers.length).toBeLessThan(150);
  });

  test('and has a snapshot refuses commands, too', async () => {
    const groupId = newGroupId();
    const members = Array.from({ length: 3_000 }, (_, i) => `${i}`.padEnd(60, 'x'));
    await send(node, 'create', { groupId, name: 'Sales', owner: 'o', members });
    for (let i = 0; i < 1_000; i += 100)
      await Promise.all(members.slice(i, i + 100).map((userId) => send(node, 'kick', { groupId, userIds: [userId] })));
    await node.settled();
    await operator.setStreamMetadata(groupStream(demo.id, groupId), { truncateBefore: 300 });
    expect(await codeOf(join(groupId, 'a', await newNode()))).toBe('DATA_DAMAGED');
  });

  test('is not a group with metadata that hide nothing', async () => {
    const groupId = await sixMembers();
    await operator.setStreamMetadata(groupStream(demo.id, groupId), { note: 'hello', maxCount: 1_000_000 });
    for (const on of [node, await newNode()]) expect(await codeOf(join(groupId, randomUUID(), on))).toBe('ok');
  });
});

describe('a group whose stream was deleted', () => {
  test('softly refuses commands as DATA_ERASED, in memory and read anew, and can not be made again', async () => {
    const groupId = await sixMembers();
    await operator.deleteStream(groupStream(demo.id, groupId));
    await waitFor(async () => (await codeOf(send(node, 'kick', { groupId, userIds: ['nobody'] }))) === 'DATA_ERASED');
    const on = await newNode();
    expect(await codeOf(join(groupId, 'a', on))).toBe('DATA_ERASED');
    expect(await codeOf(join(newGroupId(), 'a', on))).toBe('GROUP_NOT_FOUND');

    // Nodes that know of the deletion write nothing.
    for (const again of [on, node]) {
      expect(await codeOf(create(groupId, again))).toBe('DATA_ERASED');
      expect(await codeOf(send(again, 'createOrJoin', { groupId, userIds: ['b'] }))).toBe('DATA_ERASED');
    }
    expect(await eventsOf(store, groupId)).toEqual([]);
    // Another node learns of it from the answer to its append, and refuses, too.
    const ignorant = await newNode();
    expect(await codeOf(create(groupId, ignorant))).toBe('DATA_DAMAGED');
    expect(await codeOf(create(groupId, ignorant))).toBe('DATA_DAMAGED');
    expect(await codeOf(join(groupId, 'a', await newNode()))).toBe('DATA_DAMAGED');
  });

  test('for ever refuses commands as DATA_ERASED, in memory and read anew', async () => {
    const groupId = await sixMembers();
    await operator.tombstoneStream(groupStream(demo.id, groupId));
    for (const on of [node, node, await newNode()]) {
      expect(await codeOf(join(groupId, 'a', on))).toBe('DATA_ERASED');
      expect(await codeOf(send(on, 'kick', { groupId, userIds: ['nobody'] }))).toBe('DATA_ERASED');
      expect(await codeOf(create(groupId, on))).toBe('DATA_ERASED');
    }
    expect(store.status).toBe('connected');
    expect(await codeOf(join(await sixMembers()))).toBe('ok');
  });
});

describe("a user's stream", () => {
  const users = () => new UserMailboxes({ store, client: { query: () => Promise.reject(new Error('not asked')) } });
  const sync = (userId: string, commandId: string = randomUUID()) => {
    const data = { app: demo.id, actor: { type: 'service' }, userId, groups: [] };
    const circumstances = {
      app: demo,
      commandId,
      commandHash: commandHash('syncUser', { userId }),
      deadline: Infinity,
    };
    return users().execute({ ...circumstances, type: 'syncUser', data } as unknown as CommandRequest<'syncUser'>);
  };

  test('that was deleted takes syncs again, with the numbers that follow', async () => {
    const userId = randomUUID();
    await sync(userId);
    await sync(userId);
    await operator.deleteStream(userStream(demo.id, userId));
    expect(await sync(userId, 'third')).toMatchObject({ sync: 2, revision: '2' });
    expect(await sync(userId, 'third')).toMatchObject({ sync: 2, revision: '2' });
    expect(await sync(userId)).toMatchObject({ sync: 3 });
  });

  test('that was deleted for ever refuses syncs as DATA_ERASED', async () => {
    const userId = randomUUID();
    await sync(userId);
    await operator.tombstoneStream(userStream(demo.id, userId));
    expect(await codeOf(sync(userId))).toBe('DATA_ERASED');
  });

  test.each<Strange>([
    ['a request whose data is a text', { type: 'syncRequested', data: 'x' }, { at }],
    ['a completion without a number', { type: 'syncCompleted', data: { position: '1', skipped: [] } }, { at }],
    [
      'a completion of a sync that is not there',
      { type: 'syncCompleted', data: { sync: 999, position: '1', skipped: [] } },
      { at },
    ],
    ['a link', { type: '$>', data: { a: 1 } }, { at }],
    ['hostile metadata', { type: 'syncRequested', data: { groups: [] } }, { at, earlier: { length: 1 }, commandId: 7 }],
    [
      'hostile earlier syncs',
      { type: 'syncRequested', data: { groups: [] } },
      { at, commandId: 'c', commandHash: 'ab', earlier: [null, 'x', { commandId: 'y' }], forgottenUntil: {} },
    ],
  ])('that ends with %s takes syncs as before', async (_what, event, metadata) => {
    const userId = randomUUID();
    await sync(userId);
    await write(userStream(demo.id, userId), event, metadata);
    expect(await sync(userId)).toMatchObject({ sync: 2, revision: '2' });
  });
});
