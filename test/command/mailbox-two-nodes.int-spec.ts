import { randomUUID } from 'node:crypto';
import { commandHash, EVENT_NAMESPACE, groupStream, snapshotStream, type AppSettings } from '@cohort/contracts';
import { connectEventStore, type EventStore, type StoredEvent } from '@cohort/event-store';
import { v5 } from 'uuid';
import { GroupMailboxes, type GroupMailboxesOptions } from '../../apps/command/src/group';
import { useEventStore, type UsedEventStore } from '../support/event-store';
import { waitFor } from '../support/wait-for';
import { demo, eventsOf, newGroupId, send, Watched } from './mailbox-support';

/** One command id at two nodes: with another payload, at the same moment, or after a restart. */

let server: UsedEventStore;
let store: EventStore;
let watched: Watched;
/** Its appends can be held back. */
let slow: GroupMailboxes;
let fast: GroupMailboxes;

beforeAll(async () => {
  server = await useEventStore();
  store = await connectEventStore({ url: server.url });
});
beforeEach(() => {
  watched = new Watched(store);
  slow = newSlow();
  fast = new GroupMailboxes({ store });
});
afterEach(() => slow.settled());
afterAll(async () => {
  await store.close();
  await server.stop();
});

const newSlow = (options: Partial<GroupMailboxesOptions> = {}) => new GroupMailboxes({ store: watched, ...options });

/** So that a node's next create is one append: it has reserved its numbers, and has seen how far the log goes. */
const warmUp = (on: GroupMailboxes) => create(on, newGroupId(), 'Warm');

/** `late` is about to append when `first` is carried out by the other node. */
async function overtaken<T>(late: () => Promise<T>, first: () => Promise<unknown>): Promise<T> {
  const { length } = watched.appends;
  watched.hold();
  const answer = late();
  answer.catch(() => undefined);
  await waitFor(() => watched.appends.length > length);
  await first();
  watched.release();
  return answer;
}

const create = (on: GroupMailboxes, groupId: string, name: string, more = {}) =>
  send(on, 'create', { groupId, name, owner: 'o' }, more);
const join = (on: GroupMailboxes, groupId: string, userId: string, more = {}) =>
  send(on, 'join', { groupId, userId }, more);

/** A group that both nodes have in memory. */
async function newGroup(): Promise<string> {
  const groupId = newGroupId();
  await create(slow, groupId, 'Sales');
  await join(fast, groupId, 'o');
  return groupId;
}

describe('one command id with two payloads at two nodes at the same time', () => {
  test('is COMMAND_ID_REUSED at the second, on a group that both have in memory at the same revision', async () => {
    const groupId = await newGroup();
    const commandId = randomUUID();
    const second = overtaken(
      () => join(slow, groupId, 'b', { commandId }),
      () => join(fast, groupId, 'a', { commandId }),
    );
    await expect(second).rejects.toMatchObject({ code: 'COMMAND_ID_REUSED' });
    expect((await eventsOf(store, groupId)).map(({ data }) => (data as { members?: unknown }).members)).toEqual([
      undefined,
      [{ userId: 'a' }],
    ]);
    expect(await join(slow, groupId, 'b')).toMatchObject({ revision: '2' });
  });

  test('is COMMAND_ID_REUSED at the second, on a group that neither has seen', async () => {
    await warmUp(slow);
    const groupId = newGroupId();
    const commandId = randomUUID();
    const second = overtaken(
      () => create(slow, groupId, 'Second', { commandId }),
      () => create(fast, groupId, 'First', { commandId }),
    );
    await expect(second).rejects.toMatchObject({ code: 'COMMAND_ID_REUSED' });
    expect(await eventsOf(store, groupId)).toMatchObject([{ data: { name: 'First' } }]);
  });
});

test('the same create at two nodes at the same time gets the same answer twice, and is written once', async () => {
  await warmUp(slow);
  const groupId = newGroupId();
  const commandId = randomUUID();
  const answers: unknown[] = [];
  const second = await overtaken(
    () => create(slow, groupId, 'Sales', { commandId }),
    async () => answers.push(await create(fast, groupId, 'Sales', { commandId })),
  );
  expect(answers).toEqual([second]);
  expect(await eventsOf(store, groupId)).toHaveLength(1);
});

test('the same timed ban-all at two nodes at the same time ends at the stored time, whatever the clock of the second says', async () => {
  let now = Date.parse('2030-01-01T00:00:00.000Z');
  let ahead = 0;
  slow = newSlow({ now: () => now + ahead });
  fast = new GroupMailboxes({ store, now: () => now });
  const groupId = await newGroup();
  ahead = 7;
  const commandId = randomUUID();
  const banAll = (on: GroupMailboxes) => send(on, 'banAll', { groupId, durationMs: 1_000 }, { commandId });
  const answers: unknown[] = [];
  const second = await overtaken(
    () => banAll(slow),
    async () => answers.push(await banAll(fast)),
  );
  expect(answers).toEqual([second]);
  now += 2_000;
  await send(slow, 'expireBanAll', { groupId });
  expect((await eventsOf(store, groupId)).slice(1).map(({ type, data }) => [type, data])).toEqual([
    ['allBanned', { until: '2030-01-01T00:00:01.000Z' }],
    ['allUnbanned', { reason: 'expired', endedAt: '2030-01-01T00:00:01.000Z' }],
  ]);
});

describe('a snapshot', () => {
  const NOW = Date.parse('2030-01-01T00:00:00.000Z');

  const chunksOf = async (groupId: string): Promise<StoredEvent[]> => {
    const events: StoredEvent[] = [];
    for await (const event of store.read(snapshotStream(demo.id, groupId))) events.push(event);
    return events;
  };

  test('has the stored number of a create that two nodes carried out in the same millisecond', async () => {
    slow = newSlow({ now: () => NOW });
    fast = new GroupMailboxes({ store, now: () => NOW });
    await warmUp(slow);
    const groupId = newGroupId();
    const commandId = randomUUID();
    await overtaken(
      () => create(slow, groupId, 'Sales', { commandId }),
      () => create(fast, groupId, 'Sales', { commandId }),
    );
    await Promise.all(Array.from({ length: 1_100 }, (_, i) => join(slow, groupId, `u${i}`)));
    await slow.settled();

    const [created] = await eventsOf(store, groupId);
    const chunks = (await chunksOf(groupId)).map(({ data }) => data as Record<string, unknown>);
    const { numericId } = created!.data as { numericId: string };
    expect(JSON.stringify(chunks).match(/"numericId":"[0-9]+"/g)).toEqual([`"numericId":"${numericId}"`]);
  });
});

test('a create that is repeated after a restart with other settings leaves the group as it was made', async () => {
  const small: AppSettings = { ...demo, groupCapacity: 2 };
  const groupId = newGroupId();
  const commandId = randomUUID();
  const first = await create(fast, groupId, 'Sales', { commandId, app: small });
  const restarted = new GroupMailboxes({ store });
  expect(await create(restarted, groupId, 'Sales', { commandId })).toEqual(first);
  await join(restarted, groupId, 'a');
  await expect(join(restarted, groupId, 'b')).rejects.toMatchObject({ code: 'CAPACITY_REACHED' });
});

describe('a command whose events have ids of the earlier form, without the payload,', () => {
  /** Rewrites what a node wrote as an earlier version of this service would have. */
  async function storedEarlier(commandIds: { create: string; join: string }): Promise<string> {
    const template = newGroupId();
    await create(fast, template, 'Sales', { commandId: commandIds.create });
    await join(fast, template, 'a', { commandId: commandIds.join });
    const groupId = newGroupId();
    const stream = groupStream(demo.id, groupId);
    const hashes = [
      commandHash('create', { groupId, name: 'Sales', owner: 'o' }),
      commandHash('join', { groupId, userId: 'a' }),
    ];
    for (const [i, { type, data, metadata }] of (await eventsOf(store, template)).entries()) {
      const { commandId } = metadata as { commandId: string };
      const event = {
        id: v5(`${stream}\n${commandId}\n0`, EVENT_NAMESPACE),
        type,
        data: data as object,
        metadata: { ...metadata, commandHash: hashes[i] },
      };
      await store.append(stream, [event], i === 0 ? 'none' : i - 1);
    }
    return groupId;
  }

  test.each([
    ['that has not read the group', () => Promise.resolve()],
    ['that has the group in memory', (groupId: string) => join(slow, groupId, 'o')],
  ])('gets its first answer at a node %s, and with another payload COMMAND_ID_REUSED', async (_, prepare) => {
    const ids = { create: randomUUID(), join: randomUUID() };
    const groupId = await storedEarlier(ids);
    const stored = await eventsOf(store, groupId);
    const answerOf = (i: number) => ({ groupId, revision: String(i), position: stored[i]!.position });
    await prepare(groupId);
    expect(await create(slow, groupId, 'Sales', { commandId: ids.create })).toEqual(answerOf(0));
    expect(await join(slow, groupId, 'a', { commandId: ids.join })).toEqual(answerOf(1));
    await prepare(groupId);
    const others = [
      create(slow, groupId, 'Other', { commandId: ids.create }),
      join(slow, groupId, 'b', { commandId: ids.join }),
    ];
    for (const other of others) await expect(other).rejects.toMatchObject({ code: 'COMMAND_ID_REUSED' });
    expect(await eventsOf(store, groupId)).toHaveLength(2);
  });
});
