import { randomUUID } from 'node:crypto';
import { groupStream, snapshotStream } from '@cohort/contracts';
import { connectEventStore, type EventStore, type StoredEvent } from '@cohort/event-store';
import { GroupMailboxes } from '../../apps/command/src/group';
import { useEventStore, type UsedEventStore } from '../support/event-store';
import { waitFor } from '../support/wait-for';
import { demo, newGroupId, send, Watched } from './mailbox-support';

let server: UsedEventStore;
let store: EventStore;
let watched: Watched;

beforeAll(async () => {
  server = await useEventStore();
  store = await connectEventStore({ url: server.url });
});
beforeEach(() => (watched = new Watched(store)));
afterAll(async () => {
  await store.close();
  await server.stop();
});

const newNode = () => new GroupMailboxes({ store: watched });
const join = (on: GroupMailboxes, groupId: string, userId: string, more = {}) =>
  send(on, 'join', { groupId, userId }, more);

/** Creates a group and carries out this many joins; waits until its snapshots are written. */
async function groupWith(joins: number, node = newNode()): Promise<string> {
  const groupId = newGroupId();
  await send(node, 'create', { groupId, name: 'Sales', owner: 'o' });
  await Promise.all(Array.from({ length: joins }, (_, i) => join(node, groupId, `u${i}`)));
  await node.settled();
  return groupId;
}

async function snapshots(groupId: string): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const event of store.read(snapshotStream(demo.id, groupId))) events.push(event);
  return events;
}
const manifestOf = async (groupId: string) =>
  (await snapshots(groupId)).at(-1)!.data as Record<string, number | string>;

/** From where the group's own events were read. */
const readsOf = (groupId: string) =>
  watched.reads.filter(({ stream }) => stream === groupStream(demo.id, groupId)).map(({ from }) => from);

test('a snapshot is written after the replies, and no command waits for it', async () => {
  const node = newNode();
  const groupId = await groupWith(900, node);
  watched.letThrough(groupStream(demo.id, groupId));
  watched.hold();
  await Promise.all(Array.from({ length: 200 }, (_, i) => join(node, groupId, `v${i}`)));
  await waitFor(() => watched.appends.at(-1)?.stream === snapshotStream(demo.id, groupId));
  expect(await snapshots(groupId)).toEqual([]);
  expect(await join(node, groupId, 'meanwhile')).toMatchObject({ revision: '1101' });
  watched.release();
  await node.settled();
  expect(await manifestOf(groupId)).toMatchObject({ format: 2 });
});

test("a large group's snapshot has chunks of at most 512 KiB, which together are the group", async () => {
  const node = newNode();
  const groupId = await groupWith(200, node);
  for (let n = 0; n < 12; n++) {
    const userIds = Array.from({ length: 1_000 }, (_, i) => `${n}-${i}-`.padEnd(64, '世'));
    await send(node, 'addMembers', { groupId, userIds });
    await node.settled();
  }
  const written = await snapshots(groupId);
  expect(written.filter(({ type }) => type === 'snapshotChunk').length).toBeGreaterThan(4);
  for (const { data } of written) expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThanOrEqual(512 * 1024);
  const { revision } = await manifestOf(groupId);
  watched.reads.length = 0;
  const again = newNode();
  expect(await join(again, groupId, '11-999-'.padEnd(64, '世'))).toMatchObject({ revision: '224' });
  expect(readsOf(groupId)).toEqual([0, revision]);
});

test('a snapshot is written after 1,000 events: chunks, then the manifest', async () => {
  const groupId = await groupWith(1_100);
  const written = await snapshots(groupId);
  expect(written.map(({ type }) => type)).toEqual(['snapshotChunk', 'snapshotChunk', 'snapshotManifest']);
  expect(await manifestOf(groupId)).toMatchObject({ format: 2, chunks: 2, firstChunk: 0 });
});

test('a group with few events has no snapshot', async () => {
  expect(await snapshots(await groupWith(500))).toEqual([]);
});

test('a snapshot is due after 512 KiB of events, even if they are few', async () => {
  const node = newNode();
  const groupId = await groupWith(0, node);
  for (let n = 0; n < 8; n++) {
    const userIds = Array.from({ length: 1_000 }, (_, i) => `${n}-${i}`.padEnd(64, 'x'));
    await send(node, 'addMembers', { groupId, userIds });
  }
  await node.settled();
  expect((await snapshots(groupId)).at(-1)!.type).toBe('snapshotManifest');
});

test('a node that reads the newest snapshot and the events after it knows the group and its commands', async () => {
  const node = newNode();
  const groupId = await groupWith(1_100, node);
  const [early, late] = [randomUUID(), randomUUID()];
  const first = { late: await send(node, 'kick', { groupId, userIds: ['u7', 'u8'] }, { commandId: late }) };
  const { revision } = await manifestOf(groupId);
  const again = newNode();
  watched.reads.length = 0;
  expect(await send(again, 'kick', { groupId, userIds: ['u7', 'u8'] }, { commandId: late })).toEqual(first.late);
  expect(readsOf(groupId)).toEqual([0, revision]);
  expect(await join(again, groupId, 'u5')).toMatchObject({ revision: '1101' });
  expect(await join(again, groupId, 'u7', { commandId: early })).toMatchObject({ revision: '1102' });
});

test('repeats of commands in a snapshot get their first answers', async () => {
  const node = newNode();
  const groupId = await groupWith(10, node);
  const commandId = randomUUID();
  const first = await send(node, 'leaveMany', { groupId, userIds: ['o', 'u1'] }, { commandId });
  await Promise.all(Array.from({ length: 1_000 }, (_, i) => join(node, groupId, `v${i}`)));
  await node.settled();
  expect(await manifestOf(groupId)).toBeDefined();
  const again = newNode();
  expect(await send(again, 'leaveMany', { groupId, userIds: ['o', 'u1'] }, { commandId })).toEqual(first);
  await expect(join(again, groupId, 'u1', { commandId })).rejects.toMatchObject({ code: 'COMMAND_ID_REUSED' });
});

test('the next snapshot truncates the older one', async () => {
  const node = newNode();
  const groupId = await groupWith(1_100, node);
  const { chunks } = await manifestOf(groupId);
  await Promise.all(Array.from({ length: 1_500 }, (_, i) => join(node, groupId, `v${i}`)));
  await node.settled();
  const written = await snapshots(groupId);
  expect(written[0]!.revision).toBe(Number(chunks) + 1);
  expect(written.filter(({ type }) => type === 'snapshotManifest')).toHaveLength(1);
  expect(await join(newNode(), groupId, 'v3')).toMatchObject({ revision: '2600' });
});

describe('the events are read instead of', () => {
  const forge = async (groupId: string, changes: Record<string, unknown>) => {
    const stored = await snapshots(groupId);
    const data = { ...(stored.at(-1)!.data as object), ...changes };
    const forged = { id: randomUUID(), type: 'snapshotManifest', data, metadata: {} };
    await store.append(snapshotStream(demo.id, groupId), [forged], stored.at(-1)!.revision);
  };
  const knowsEverything = async (groupId: string) => {
    const again = newNode();
    expect(await join(again, groupId, 'u1099')).toMatchObject({ revision: '1100' });
    expect(await join(again, groupId, 'new')).toMatchObject({ revision: '1101' });
  };

  test.each<[string, Record<string, unknown>]>([
    ['a snapshot of another form', { format: 99 }],
    ['a snapshot with another version of a slice', { slices: { info: 1, membership: 99, roles: 1 } }],
    ['a snapshot without versions', { slices: null }],
    ["a snapshot whose newest event isn't the group's", { eventId: randomUUID() }],
    ['a snapshot that is ahead of the group', { revision: 5_000 }],
    ['a snapshot with another hash', { hash: 'ff' }],
    ['a snapshot that lacks chunks', { chunks: 4 }],
  ])('%s', async (_what, changes) => {
    const groupId = await groupWith(1_100);
    await forge(groupId, changes);
    await knowsEverything(groupId);
  });

  test('chunks without a manifest, and the snapshot before them is used', async () => {
    const groupId = await groupWith(1_100);
    const stored = await snapshots(groupId);
    const { data } = stored[0]!;
    const chunk = { id: randomUUID(), type: 'snapshotChunk', data: data as object, metadata: {} };
    await store.append(snapshotStream(demo.id, groupId), [chunk], stored.at(-1)!.revision);
    watched.reads.length = 0;
    await knowsEverything(groupId);
    expect(readsOf(groupId)).toEqual([0, (stored.at(-1)!.data as { revision: number }).revision]);
  });

  test('a snapshot that was truncated', async () => {
    const groupId = await groupWith(1_100);
    await store.setTruncateBefore(snapshotStream(demo.id, groupId), 1_000);
    await knowsEverything(groupId);
  });
});
