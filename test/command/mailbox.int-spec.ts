import { randomUUID } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import {
  ALIAS_BLOCK_SIZE,
  eventId,
  firstAliasOf,
  groupStream,
  generatedGroupId,
  type AppSettings,
} from '@cohort/contracts';
import { newestVersion } from '@cohort/contracts/testing';
import { connectEventStore, type EventStore } from '@cohort/event-store';
import { v7 } from 'uuid';
import { AliasAllocator } from '../../apps/command/src/aliases';
import { InFlight, type InFlightLimits } from '../../apps/command/src/in-flight';
import { GroupMailboxes, type GroupMailboxesOptions } from '../../apps/command/src/group';
import { useEventStore, type UsedEventStore } from '../support/event-store';
import { fresh } from '../support/fresh';
import { testOn } from '../support/servers';
import { waitFor } from '../support/wait-for';
import { demo, eventsOf, metadataOf, newGroupId, send, Watched } from './mailbox-support';

let server: UsedEventStore;
let store: EventStore;
let watched: Watched;
let node: GroupMailboxes;

beforeAll(async () => {
  server = await useEventStore();
  store = await connectEventStore({ url: server.url });
});
beforeEach(() => {
  watched = new Watched(store);
  node = newNode();
});
afterEach(() => node.settled());
afterAll(async () => {
  await store.close();
  await server.stop();
});

/** A command node: its own mailboxes and cache, on the same event store. */
const newNode = (options: Partial<GroupMailboxesOptions> = {}) => new GroupMailboxes({ store: watched, ...options });

async function newGroup(owner = 'o', on = node): Promise<string> {
  const groupId = newGroupId();
  await send(on, 'create', { groupId, name: 'Sales', owner });
  return groupId;
}

const join = (groupId: string, userId: string, more = {}, on = node) => send(on, 'join', { groupId, userId }, more);
/** Holds back the append of a first command, so that others gather behind it. */
async function firstInFlight(groupId: string, on = node): Promise<void> {
  const { length } = watched.appends;
  watched.hold();
  const first = join(groupId, 'first', {}, on);
  first.catch(() => undefined);
  await waitFor(() => watched.appends.length > length);
}
const outcomes = async (answers: Promise<unknown>[]) =>
  (await Promise.allSettled(answers)).map((one) =>
    one.status === 'fulfilled' ? 'ok' : (one.reason as { code: string }).code,
  );
const usersOf = async (groupId: string) =>
  (await eventsOf(store, groupId)).flatMap(({ data }) =>
    ((data as { members?: { userId: string }[] }).members ?? []).map(({ userId }) => userId),
  );

describe('the commands of one group', () => {
  test('gather while an append is in flight, and are then appended as one batch', async () => {
    const groupId = await newGroup();
    watched.appends.length = 0;
    await firstInFlight(groupId);
    const answers = Array.from({ length: 100 }, (_, i) => join(groupId, `u${i}`));
    watched.release();
    const revisions = (await Promise.all(answers)).map(({ revision }) => revision);
    expect(watched.appends.map(({ events }) => events)).toEqual([1, 100]);
    expect(revisions).toEqual(Array.from({ length: 100 }, (_, i) => String(i + 2)));
    expect(await usersOf(groupId)).toEqual(['first', ...Array.from({ length: 100 }, (_, i) => `u${i}`)]);
  });

  test('write events that have their place in the append as batch, and ids and metadata of their own command', async () => {
    const groupId = newGroupId();
    const commandId = randomUUID();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    watched.hold();
    const answers = [
      send(node, 'create', { groupId, name: 'Sales', owner: 'o', members: ['a'] }, { commandId, traceparent }),
      ...['b', 'c'].map((userId) => join(groupId, userId)),
    ];
    await waitFor(() => watched.appends.length === 1);
    watched.release();
    await Promise.all(answers);
    const events = await eventsOf(store, groupId);
    // All were waiting when the create's number was settled.
    expect(events.map((event) => metadataOf(event).batch)).toEqual([0, 1, 2, 3].map((index) => ({ index, size: 4 })));
    expect(events.slice(0, 2).map(({ id }) => id)).toEqual(
      [0, 1].map((index) => eventId({ stream: groupStream(demo.id, groupId), ...metadataOf(events[0]!), index })),
    );
    expect(metadataOf(events[0]!)).toMatchObject({
      $correlationId: commandId,
      $causationId: commandId,
      app: demo.id,
      actor: { type: 'service' },
      commandId,
      schemaVersion: newestVersion('created'),
      traceparent,
    });
    expect(metadataOf(events[2]!).commandId).not.toBe(commandId);
  });

  test('do not wait for those of another group', async () => {
    const [slow, fast] = [await newGroup(), await newGroup()];
    await firstInFlight(slow);
    const behind = join(slow, 'u');
    watched.letThrough(groupStream(demo.id, fast));
    expect(await join(fast, 'u')).toMatchObject({ revision: '1' });
    expect(node.groupsInFlight).toBe(1);
    watched.release();
    expect(await behind).toMatchObject({ revision: '2' });
  });

  test('are appended at most 256 together', async () => {
    const groupId = await newGroup();
    watched.appends.length = 0;
    await Promise.all(Array.from({ length: 600 }, (_, i) => join(groupId, `u${i}`)));
    expect(watched.appends.map(({ events }) => events)).toEqual([256, 256, 88]);
  });

  test('are appended at most 512 KiB together', async () => {
    const groupId = await newGroup();
    watched.appends.length = 0;
    // About 100 KB each.
    const wide = (n: number) =>
      Array.from({ length: 1_000 }, (_, i) => `${n}-${i}-`.padEnd(60, 'x').slice(0, 60) + '€'.repeat(4));
    await Promise.all(Array.from({ length: 12 }, (_, n) => send(node, 'addMembers', { groupId, userIds: wide(n) })));
    // Two events for each command.
    expect(watched.appends.map(({ events }) => events / 2)).toEqual([6, 6]);
  });

  test('succeed beside one that is TOO_LARGE by itself', async () => {
    const groupId = await newGroup();
    // More than the DTOs let through: 5,000 of the longest ids.
    const userIds = Array.from({ length: 5_000 }, (_, i) => `${i}`.padStart(4, '0') + '\u{10FFFF}'.repeat(60));
    const answers = Array.from({ length: 256 }, (_, i) =>
      i === 100 ? send(node, 'createOrJoin', { groupId, userIds }) : join(groupId, `u${i}`),
    );
    const results = await outcomes(answers);
    expect(results[100]).toBe('TOO_LARGE');
    expect(results.filter((result) => result === 'ok')).toHaveLength(255);
    expect(await usersOf(groupId)).toHaveLength(255);
  });

  test('are one append even with 3,000 first members whose ids are longest', async () => {
    const groupId = newGroupId();
    const members = Array.from({ length: 3_000 }, (_, i) => `${i}`.padStart(64, 'x'));
    expect(await send(node, 'create', { groupId, name: 'Large', owner: 'o', members })).toMatchObject({
      revision: '6',
    });
    expect(watched.appends.filter(({ stream }) => stream.endsWith(groupId))).toHaveLength(1);
  });

  test("are answered only after the append's outcome is known, refusals and no-effects included", async () => {
    const groupId = await newGroup();
    await firstInFlight(groupId);
    const answered: string[] = [];
    const say = (what: string) => () => void answered.push(what);
    const all = [
      join(groupId, 'a').then(say('join')),
      join(groupId, 'a').then(say('no effect')),
      send(node, 'transfer', { groupId, newOwner: 'stranger' }).catch(say('refused')),
    ];
    const { length } = watched.appends;
    watched.releaseOne();
    await waitFor(() => watched.appends.length > length);
    for (let i = 0; i < 20; i++) await turn();
    expect(answered).toEqual([]);
    watched.release();
    await Promise.all(all);
    expect(answered).toEqual(['join', 'no effect', 'refused']);
  });

  test("have an expectedRevision that counts the batch's earlier commands", async () => {
    const groupId = await newGroup();
    const answers = [
      join(groupId, 'first'),
      join(groupId, 'a', { expectedRevision: 1 }),
      join(groupId, 'b', { expectedRevision: 2 }),
      join(groupId, 'c', { expectedRevision: 2 }),
      join(groupId, 'd', { expectedRevision: 3 }),
    ];
    expect(await outcomes(answers)).toEqual(['ok', 'ok', 'ok', 'CONCURRENCY_CONFLICT', 'ok']);
    await expect(answers[3]).rejects.toMatchObject({ details: { expected: '2', actual: '3' } });
  });

  test('with one id in one batch get the first answer, with another payload COMMAND_ID_REUSED', async () => {
    const groupId = await newGroup();
    const commandId = randomUUID();
    const answers = [
      join(groupId, 'first'),
      join(groupId, 'a', { commandId }),
      join(groupId, 'a', { commandId }),
      join(groupId, 'b', { commandId }),
    ];
    expect(await outcomes(answers)).toEqual(['ok', 'ok', 'ok', 'COMMAND_ID_REUSED']);
    expect(await answers[2]).toEqual(await answers[1]);
    expect(await usersOf(groupId)).toEqual(['first', 'a']);
  });

  test('leave no mailbox behind when they are done', async () => {
    const inFlight = new InFlight();
    const counted = newNode({ inFlight });
    const groupId = await newGroup('o', counted);
    const answer = join(groupId, 'a', {}, counted);
    expect([counted.groupsInFlight, inFlight.count]).toEqual([1, 1]);
    await answer;
    expect([counted.groupsInFlight, inFlight.count]).toEqual([0, 0]);
  });
});

describe('the state of a group', () => {
  test('is not read again while it is in the cache', async () => {
    const groupId = await newGroup();
    watched.reads.length = 0;
    for (const userId of ['a', 'b', 'c']) await join(groupId, userId);
    expect(watched.reads).toEqual([]);
  });

  const createOrJoin = (groupId: string, userId: string, more = {}, on = node) =>
    send(on, 'createOrJoin', { groupId, name: 'Sales', userIds: [userId] }, more);

  test.each([
    ['create', newGroup],
    ['createOrJoin of a new group', () => createOrJoin(newGroupId(), 'a')],
  ])('is not read before a %s, which is one append', async (_name, make) => {
    await newGroup();
    const [appends, reads] = [watched.appends.length, watched.reads.length];
    await make();
    expect([watched.appends.length - appends, watched.reads.length - reads]).toEqual([1, 0]);
  });

  test('is found by a createOrJoin of a group that another node made, and a repeat at any node gets its answer', async () => {
    const groupId = await newGroup();
    const [other, third] = [newNode(), newNode()];
    const commandId = randomUUID();
    const joined = await createOrJoin(groupId, 'a', { commandId }, other);
    expect(joined).toMatchObject({ revision: '1', results: [{ userId: 'a', ok: true }] });
    for (const on of [other, third, node]) expect(await createOrJoin(groupId, 'a', { commandId }, on)).toEqual(joined);
    const types = (await eventsOf(store, groupId)).map(({ type }) => type);
    expect(types).toEqual(['created', 'memberJoined']);
  });

  test('is read again, with its commands, after eviction from the cache, which is bounded in bytes', async () => {
    const small = newNode({ cacheBytes: 4_000 });
    const commandId = randomUUID();
    const groupId = await newGroup('o', small);
    const first = await join(groupId, 'a', { commandId }, small);
    for (let i = 0; i < 10; i++) await newGroup('o', small);
    watched.reads.length = 0;
    expect(await join(groupId, 'b', {}, small)).toMatchObject({ revision: '2' });
    expect(watched.reads).toMatchObject([{ stream: groupStream(demo.id, groupId), from: 0 }]);
    for (let i = 0; i < 10; i++) await newGroup('o', small);
    expect(await join(groupId, 'a', { commandId }, small)).toEqual(first);
  });

  test('stays as it is, without events, when a command has nothing to change', async () => {
    const groupId = await newGroup();
    const first = await join(groupId, 'a');
    expect(await join(groupId, 'a')).toEqual(first);
    expect(await eventsOf(store, groupId)).toHaveLength(2);
  });

  test("has events whose `at` is this node's clock, but never before the last event's", async () => {
    let now = Date.parse('2030-01-01T00:00:00.500Z');
    const clocked = newNode({ now: () => now });
    const groupId = await newGroup('o', clocked);
    now -= 60_000;
    await join(groupId, 'a', {}, clocked);
    now += 120_000;
    await join(groupId, 'b', {}, clocked);
    expect((await eventsOf(store, groupId)).map((event) => metadataOf(event).at)).toEqual([
      '2030-01-01T00:00:00.500Z',
      '2030-01-01T00:00:00.500Z',
      '2030-01-01T00:01:00.500Z',
    ]);
  });

  testOn('event store of this run')('is UNAVAILABLE if a newer version of the service wrote to it', async () => {
    const groupId = await newGroup();
    const [created] = await eventsOf(store, groupId);
    const newer = {
      id: randomUUID(),
      type: 'memberJoined',
      data: {},
      metadata: { ...created!.metadata, schemaVersion: 99 },
    };
    await store.append(groupStream(demo.id, groupId), [newer], 0);
    await expect(join(groupId, 'a', {}, newNode())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      details: { schemaVersion: 99 },
    });
  });
});

describe('when another node wrote to the group', () => {
  test('only the newer events are read, and the command is decided again', async () => {
    const groupId = await newGroup();
    const other = newNode();
    await join(groupId, 'a', {}, other);
    watched.reads.length = 0;
    expect(await join(groupId, 'b')).toMatchObject({ revision: '2' });
    expect(watched.reads).toMatchObject([{ stream: groupStream(demo.id, groupId), from: 1 }]);
    await send(other, 'dismiss', { groupId });
    await expect(join(groupId, 'c')).rejects.toMatchObject({ code: 'GROUP_DISMISSED' });
  });

  test("a command with the caller's own expected revision is CONCURRENCY_CONFLICT", async () => {
    const groupId = await newGroup();
    await join(groupId, 'a', {}, newNode());
    await expect(join(groupId, 'b', { expectedRevision: 0 })).rejects.toMatchObject({
      code: 'CONCURRENCY_CONFLICT',
      details: { expected: '0', actual: '1' },
    });
  });

  test('a refusal or no-effect is never answered from a cache that is behind', async () => {
    const groupId = await newGroup();
    await join(groupId, 'a');
    const other = newNode();
    await send(other, 'kick', { groupId, userIds: ['a'] });
    expect(await join(groupId, 'a')).toMatchObject({ revision: '3' });
    await join(groupId, 'b', {}, other);
    expect(await send(node, 'transfer', { groupId, newOwner: 'b' })).toMatchObject({ revision: '5' });
  });

  test('a no-effect is not answered from a cache that is behind, beside a command that the other node has carried out', async () => {
    const groupId = await newGroup();
    const other = newNode();
    const commandId = randomUUID();
    const first = await join(groupId, 'a', { commandId }, other);
    await send(other, 'kick', { groupId, userIds: ['a'] });
    // The store takes the repeat's events for written; what is decided on them is of the past.
    const [again, fresh] = await Promise.all([join(groupId, 'a', { commandId }), join(groupId, 'a')]);
    expect(again).toEqual(first);
    expect(fresh).toMatchObject({ revision: '3' });
  });

  test('a no-effect is not answered from a read that began before the command came', async () => {
    const groupId = await newGroup();
    const other = newNode();
    await join(groupId, 'a', {}, other);
    watched.holdReads();
    const early = join(groupId, 'o');
    await waitFor(() => watched.readsHeld === 1);
    await join(groupId, 'b', {}, other);
    const late = join(groupId, 'o');
    watched.releaseReads();
    expect(await early).toMatchObject({ revision: '1' });
    expect(await late).toMatchObject({ revision: '2' });
  });

  test('and both nodes write all the time, every command is carried out once', async () => {
    const groupId = await newGroup();
    const nodes = [node, newNode()];
    const users = Array.from({ length: 600 }, (_, i) => `u${i}`);
    await Promise.all(
      nodes.flatMap((on, n) =>
        users
          .filter((_, i) => i % 2 === n)
          .map(async (userId, i) => {
            await new Promise((resolve) => setTimeout(resolve, i));
            await join(groupId, userId, {}, on);
          }),
      ),
    );
    expect((await usersOf(groupId)).sort()).toEqual([...users].sort());
    const counts = (await eventsOf(store, groupId)).map(({ data }) => (data as { memberCount: number }).memberCount);
    expect(counts).toEqual(Array.from({ length: 601 }, (_, i) => i + 1));
  });

  test('a create at the same moment is GROUP_EXISTS', async () => {
    const groupId = newGroupId();
    const results = await outcomes(
      [node, newNode()].map((on) => send(on, 'create', { groupId, name: 'Sales', owner: 'o' })),
    );
    expect(results.sort()).toEqual(['GROUP_EXISTS', 'ok']);
  });
});

describe('a repeated command', () => {
  const other: AppSettings = { ...demo, id: fresh('other') };

  /** Keeps one group at a time. */
  const evictingNode = () => {
    const small = newNode({ cacheBytes: 1 });
    return { first: small, again: small, between: () => newGroup('o', small) };
  };
  test.each<[string, () => { first: GroupMailboxes; again: GroupMailboxes; between?: () => Promise<unknown> }]>([
    ['immediately', () => ({ first: node, again: node })],
    ['after a restart, or to another node', () => ({ first: node, again: newNode() })],
    ['after eviction from the cache', evictingNode],
  ])(
    '(%s) gets the first answer without a new event, and with another payload COMMAND_ID_REUSED',
    async (_when, nodes) => {
      const { first: node, again, between = () => Promise.resolve() } = nodes();
      const groupId = newGroupId();
      const ids = { create: randomUUID(), add: v7(), leave: randomUUID() };
      const create = { groupId, name: 'Sales', owner: 'o', members: ['a'] };
      const add = { groupId, userIds: ['a', 'b', 'b', 'c'] };
      const leave = { groupId, userIds: ['o', 'a', 'b'] };
      const first = {
        create: await send(node, 'create', create, { commandId: ids.create }),
        add: await send(node, 'addMembers', add, { commandId: ids.add }),
        leave: await send(node, 'leaveMany', leave, { commandId: ids.leave }),
      };
      expect(first.add.results).toEqual(['a', 'b', 'c'].map((userId) => ({ userId, ok: true })));
      expect(first.leave.results).toEqual([
        { userId: 'o', ok: false, code: 'OWNER_CANNOT_LEAVE' },
        { userId: 'a', ok: true },
        { userId: 'b', ok: true },
      ]);
      await between();
      expect(await send(again, 'create', create, { commandId: ids.create })).toEqual(first.create);
      expect(await send(again, 'addMembers', add, { commandId: ids.add })).toEqual(first.add);
      expect(await send(again, 'leaveMany', leave, { commandId: ids.leave })).toEqual(first.leave);
      await between();
      for (const attempt of [
        send(again, 'create', { ...create, name: 'Other' }, { commandId: ids.create }),
        send(again, 'addMembers', { groupId, userIds: ['z'] }, { commandId: ids.add }),
        send(again, 'join', { groupId, userId: 'a' }, { commandId: ids.leave }),
      ]) {
        await expect(attempt).rejects.toMatchObject({ code: 'COMMAND_ID_REUSED' });
      }
      expect(await eventsOf(store, groupId)).toHaveLength(4);
    },
  );

  test('of a batch gets the same position after a restart', async () => {
    const groupId = await newGroup();
    const commandId = randomUUID();
    const answers = await Promise.all([join(groupId, 'a'), join(groupId, 'b', { commandId }), join(groupId, 'c')]);
    expect(await join(groupId, 'b', { commandId }, newNode())).toEqual(answers[1]);
  });

  test('is a new command if its id is repeated in another group or tenant', async () => {
    const [one, two] = [await newGroup(), await newGroup()];
    const commandId = randomUUID();
    await join(one, 'a', { commandId });
    expect(await join(two, 'b', { commandId })).toMatchObject({ groupId: two, revision: '1' });
    await send(node, 'create', { groupId: one, name: 'Sales', owner: 'o' }, { app: other });
    expect(await join(one, 'c', { commandId, app: other })).toMatchObject({ revision: '1' });
    expect((await eventsOf(store, one)).length).toBe(2);
    expect((await eventsOf(store, one, other.id)).length).toBe(2);
  });

  test('is decided again after a refusal or no-effect', async () => {
    const groupId = await newGroup();
    const [refused, without] = [randomUUID(), randomUUID()];
    await expect(send(node, 'transfer', { groupId, newOwner: 'a' }, { commandId: refused })).rejects.toMatchObject({
      code: 'NOT_A_MEMBER',
    });
    await join(groupId, 'o', { commandId: without });
    await join(groupId, 'a');
    expect(await send(node, 'transfer', { groupId, newOwner: 'a' }, { commandId: refused })).toMatchObject({
      revision: '2',
    });
    await send(node, 'kick', { groupId, userIds: ['o'] });
    expect(await join(groupId, 'o', { commandId: without })).toMatchObject({ revision: '4' });
  });

  test('with another command id is GROUP_EXISTS if it creates a group, and after dismissal GROUP_DISMISSED', async () => {
    const groupId = await newGroup();
    for (const on of [node, newNode()]) {
      await expect(send(on, 'create', { groupId, name: 'Sales', owner: 'o' })).rejects.toMatchObject({
        code: 'GROUP_EXISTS',
      });
    }
    await send(node, 'dismiss', { groupId });
    for (const on of [node, newNode()]) {
      await expect(send(on, 'create', { groupId, name: 'Sales', owner: 'o' })).rejects.toMatchObject({
        code: 'GROUP_DISMISSED',
      });
    }
  });

  test('with a UUIDv7 is COMMAND_EXPIRED after 24 hours and 1,000 commands, and gets the first answer before', async () => {
    let now = Date.parse('2030-01-01T00:00:00Z');
    const clocked = newNode({ now: () => now });
    const groupId = await newGroup('o', clocked);
    const commandId = v7({ msecs: now - 1_000 });
    const first = await join(groupId, 'a', { commandId }, clocked);
    now += 25 * 3_600_000;
    await Promise.all(Array.from({ length: 999 }, (_, i) => join(groupId, `u${i}`, {}, clocked)));
    expect(await join(groupId, 'a', { commandId }, clocked)).toEqual(first);
    await Promise.all([join(groupId, 'v', {}, clocked), join(groupId, 'w', {}, clocked)]);
    for (const on of [clocked, newNode({ now: () => now })]) {
      await expect(join(groupId, 'a', { commandId }, on)).rejects.toMatchObject({ code: 'COMMAND_EXPIRED' });
      await join(groupId, randomUUID(), { commandId: v7({ msecs: now }) }, on);
    }
  });
});

describe('a create without a group id', () => {
  const create = { name: 'Sales', owner: 'o' };

  test('makes a group whose id, a decimal below 2^52, the command id determines, and a repeat finds it', async () => {
    const commandId = randomUUID();
    const first = await send(node, 'create', create, { commandId });
    expect(first.groupId).toBe(generatedGroupId(demo.id, commandId, 0));
    expect(await send(newNode(), 'create', create, { commandId })).toEqual(first);
    await expect(send(newNode(), 'create', { ...create, name: 'X' }, { commandId })).rejects.toMatchObject({
      code: 'COMMAND_ID_REUSED',
    });
  });

  test('takes the next salt if the id is taken by a group, dismissed or not, and a repeat gets the first answer', async () => {
    const commandId = randomUUID();
    await send(node, 'create', { ...create, groupId: generatedGroupId(demo.id, commandId, 0) });
    await send(node, 'create', { ...create, groupId: generatedGroupId(demo.id, commandId, 1) });
    await send(node, 'dismiss', { groupId: generatedGroupId(demo.id, commandId, 1) });
    const first = await send(node, 'create', create, { commandId });
    expect(first.groupId).toBe(generatedGroupId(demo.id, commandId, 2));
    expect(await send(newNode(), 'create', create, { commandId })).toEqual(first);
  });

  test.each([
    ['an opaque id', () => randomUUID()],
    ['a UUIDv7', () => v7({ msecs: Date.parse('2029-12-31') })],
  ])('with %s gets the first answer after the group forgot the command', async (_what, makeId) => {
    let now = Date.parse('2030-01-01T00:00:00Z');
    const clocked = newNode({ now: () => now });
    const commandId = makeId();
    const first = await send(clocked, 'create', { ...create, members: ['a'] }, { commandId });
    now += 25 * 3_600_000;
    await Promise.all(Array.from({ length: 1_001 }, (_, i) => join(first.groupId, `u${i}`, {}, clocked)));
    expect(await send(clocked, 'create', { ...create, members: ['a'] }, { commandId })).toEqual(first);
    await expect(send(clocked, 'create', create, { commandId })).rejects.toMatchObject({ code: 'COMMAND_ID_REUSED' });
  });
});

describe('the number of a group', () => {
  const numberOf = async (groupId: string) =>
    ((await eventsOf(store, groupId))[0]!.data as { numericId: string }).numericId;

  test('is its id if that is a decimal below 2^52, else an alias of its own', async () => {
    await send(node, 'create', { groupId: '4503599627370495', name: 'Sales', owner: 'o' });
    expect(await numberOf('4503599627370495')).toBe('4503599627370495');
    const ids = await Promise.all([...Array.from({ length: 10 }, () => newGroup()), newGroup('o', newNode())]);
    const numbers = await Promise.all(ids.map(numberOf));
    expect(new Set(numbers).size).toBe(11);
    for (const number of numbers) {
      expect(BigInt(number)).toBeGreaterThanOrEqual(2n ** 52n);
      expect(BigInt(number)).toBeLessThan(2n ** 53n);
    }
  });

  test('comes from one block for a tenant and process, reserved when it is needed', async () => {
    const fresh = newNode();
    watched.appends.length = 0;
    await send(fresh, 'create', { groupId: '12345', name: 'Sales', owner: 'o' });
    await Promise.all(Array.from({ length: 5 }, () => newGroup('o', fresh)));
    expect(watched.appends.filter(({ stream }) => stream.startsWith(`numeric-${demo.id}/`))).toHaveLength(1);
  });

  test('comes from a block that no other process has, and from another one when that is used up', async () => {
    const blocks = [7_001n, 7_001n, 7_002n, 7_003n];
    const allocator = () => new AliasAllocator(watched, () => blocks.shift()!);
    const [one, two] = [allocator(), allocator()];
    expect(await one.take(demo.id)).toBe(String(firstAliasOf(7_001n)));
    expect(await two.take(demo.id)).toBe(String(firstAliasOf(7_002n)));
    let last = '';
    for (let i = 1; i < Number(ALIAS_BLOCK_SIZE); i++) last = await one.take(demo.id);
    expect(last).toBe(String(firstAliasOf(7_002n) - 1n));
    expect(await one.take(demo.id)).toBe(String(firstAliasOf(7_003n)));
  });

  test('is reserved if it is an alias: no group can be created with it as id', async () => {
    await expect(
      send(node, 'create', { groupId: '4503599627370496', name: 'Sales', owner: 'o' }),
    ).rejects.toMatchObject({
      code: 'GROUP_ID_RESERVED',
    });
  });
});

describe('within bounds', () => {
  test.each<[string, Partial<InFlightLimits>, string[]]>([
    ['app', { perApp: 3 }, ['g1', 'g2', 'g3', 'g4']],
    ['group', { perGroup: 3 }, ['g1', 'g1', 'g1', 'g1']],
  ])(
    'a command beyond those in flight for one %s is OVERLOADED immediately, and others succeed',
    async (_what, limits, names) => {
      const ids = new Map<string, string>();
      for (const name of names) ids.set(name, ids.get(name) ?? (await newGroup()));
      const bounded = newNode({ inFlight: new InFlight(limits) });
      watched.hold();
      const answers = names.slice(0, 3).map((name, i) => join(ids.get(name)!, `u${i}`, {}, bounded));
      await expect(join(ids.get(names[3]!)!, 'u3', {}, bounded)).rejects.toMatchObject({
        code: 'OVERLOADED',
        details: { limit: 3 },
      });
      watched.release();
      expect(await outcomes(answers)).toEqual(['ok', 'ok', 'ok']);
      await join(ids.get(names[3]!)!, 'u3', {}, bounded);
    },
  );

  test('a command whose deadline passed while it waited is not begun', async () => {
    let now = 1_000_000;
    const clocked = newNode({ now: () => now });
    const groupId = await newGroup('o', clocked);
    await firstInFlight(groupId, clocked);
    const answers = ['a', 'b'].map((userId, i) => join(groupId, userId, { deadline: now + [9, 99][i]! }, clocked));
    now += 10;
    watched.release();
    expect(await outcomes(answers)).toEqual(['DEADLINE_EXCEEDED', 'ok']);
    expect(await usersOf(groupId)).toEqual(['first', 'b']);
  });

  test('a group that took longer to read than its command had time is in memory for the next one', async () => {
    const groupId = await newGroup();
    let now = 1_000_000;
    const clocked = newNode({ now: () => now });
    watched.holdReads();
    const late = join(groupId, 'a', { deadline: now + 9 }, clocked);
    await waitFor(() => watched.readsHeld === 1);
    now += 10;
    watched.releaseReads();
    expect(await outcomes([late])).toEqual(['DEADLINE_EXCEEDED']);
    watched.reads.length = 0;
    await join(groupId, 'b', { deadline: now + 9 }, clocked);
    expect(watched.reads).toEqual([]);
    expect(await usersOf(groupId)).toEqual(['b']);
  });
});
