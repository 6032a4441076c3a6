import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupStream, snapshotStream, type GroupEvent } from '@cohort/contracts';
import {
  adminGranted,
  adminRevoked,
  created,
  infoChanged,
  joined,
  kicked,
  left,
  transferred,
} from '@cohort/contracts/testing';
import { connectEventStore, type EventStore, type NewEvent } from '@cohort/event-store';
import { packing, packingOf, SLICES, type Slice } from '@cohort/group';
import { membersOf } from '@cohort/group/testing';
import { GroupStore } from '../../apps/command/src/group/group-store';
import { UNOBSERVED } from '../../apps/command/src/mailbox/observer';
import { StoredGroup, unwritten } from '../../apps/command/src/group/recorded-group';
import type { GroupPacking } from '../../apps/command/src/group/snapshot-form';
import { Snapshots } from '../../apps/command/src/group/snapshots';
import { useEventStore, type UsedEventStore } from '../support/event-store';
import { demo, newGroupId, Watched } from './mailbox-support';

/** Snapshots that another build wrote: which of them this build uses, and what it makes of them. */

/** A snapshot of the build before slices, byte for byte, of a group with the history below. */
const FORM_1 = JSON.parse(readFileSync(join(__dirname, '../golden/snapshots/form-1.json'), 'utf8')) as {
  readonly type: string;
  readonly data: object;
}[];

const facts: readonly GroupEvent[] = [
  created('o'),
  joined('create', 5, 'a', 'b', 'ü.*> 名', '"quoted"'),
  adminGranted('a', 'b'),
  infoChanged({ description: 'All of\n"it"', avatar: 'https://example.org/a.png', ext: '{"floor":3}' }),
  kicked(4, 'b'),
  joined('add', 6, 'b', 'c'),
  left(5, 'c'),
  adminGranted('b'),
  adminRevoked('a'),
  transferred('o', 'ü.*> 名'),
  ...Array.from({ length: 241 }, (_, i) => infoChanged({ name: `Sales ${i}` })),
];
/** More events than are read before a snapshot is looked for; each command wrote 50 of them. */
const history: readonly NewEvent[] = facts.map(({ type, data }, i) => ({
  id: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
  type,
  data,
  metadata: {
    app: demo.id,
    commandId: `c-${Math.floor(i / 50)}`,
    commandHash: String(Math.floor(i / 50)).repeat(16),
    at: '2026-01-02T03:04:05.678Z',
    schemaVersion: 1,
    batch: { index: i, size: facts.length },
    ...(i === 49 ? { refused: [{ userId: 'o', code: 'OWNER_CANNOT_BE_KICKED' }] } : {}),
  },
}));

/** A slice of a later build, whose groups have a poll of b. */
const polls: Slice<readonly string[], readonly string[]> = {
  version: 1,
  initial: [],
  evolve: {},
  pack: () => [['b']],
  unpack: (_state, part) => part,
  weigh: () => 0,
};
const withPolls: GroupPacking = packingOf({ ...SLICES, polls });
const withNewRoles: GroupPacking = packingOf({ ...SLICES, roles: { ...SLICES.roles, version: 2 } });

let server: UsedEventStore;
let store: EventStore;

beforeAll(async () => {
  server = await useEventStore();
  store = await connectEventStore({ url: server.url });
});
afterAll(async () => {
  await store.close();
  await server.stop();
});

const keyOf = (groupId: string) => ({ app: demo.id, groupId });

/** A group with the history, and the events of a snapshot. */
async function groupWith(snapshot: readonly { readonly type: string; readonly data: object }[] = []): Promise<string> {
  const groupId = newGroupId();
  await store.append(groupStream(demo.id, groupId), history, 'none');
  const events = snapshot.map(({ type, data }) => ({ id: randomUUID(), type, data, metadata: { schemaVersion: 1 } }));
  if (events.length > 0) await store.append(snapshotStream(demo.id, groupId), events, 'none');
  return groupId;
}

/** A group with the history, and the snapshot that a build with this packing writes of it. */
async function groupOfBuild(build: GroupPacking): Promise<string> {
  const groupId = await groupWith();
  const { group } = await readWith(packing, groupId);
  // As after an append: the whole group is still to be read back.
  const { state, revision, lastAt } = unwritten();
  group.gauge.add(1_000, 0);
  const snapshots = new Snapshots(store, undefined, undefined, build);
  snapshots.consider(keyOf(groupId), { ...group, stored: new StoredGroup(state, revision, lastAt) });
  await snapshots.settled();
  return groupId;
}

/** The group as a build with this packing reads it, what it found of a snapshot, and from where it read events. */
async function readWith(build: GroupPacking, groupId: string) {
  const watched = new Watched(store);
  const found: string[] = [];
  const observer = { ...UNOBSERVED, onSnapshotRead: (one: string) => void found.push(one) };
  const groups = new GroupStore(watched, new Snapshots(watched, undefined, observer, build), observer);
  const group = await groups.catchUp(keyOf(groupId), unwritten());
  const from = watched.reads.filter(({ stream }) => stream === groupStream(demo.id, groupId)).map((read) => read.from);
  return { group, found, from };
}

async function manifestOf(groupId: string): Promise<Readonly<Record<string, unknown>>> {
  const read = store.read(snapshotStream(demo.id, groupId), { backwards: true, limit: 1 });
  for await (const { data } of read) return data as Record<string, unknown>;
  throw new Error('There is no snapshot.');
}

const USED = { found: ['used'], from: [0, facts.length - 1] };
const IGNORED = { found: ['none'], from: [0, 200] };

test('the stored snapshot of form 1 has the bytes of its build: their hash is the one in its manifest', () => {
  const hash = createHash('sha256');
  for (const { type, data } of FORM_1) if (type === 'snapshotChunk') hash.update(JSON.stringify(data));
  expect(FORM_1.at(-1)!.data).toMatchObject({ format: 1, stateVersion: 1, hash: hash.digest('hex') });
});

describe('a snapshot with one version for the whole state', () => {
  test('is used, and gives the group exactly as its events give it', async () => {
    const { group, ...how } = await readWith(packing, await groupWith(FORM_1));
    const { group: replayed, ...howReplayed } = await readWith(packing, await groupWith());
    expect([how, howReplayed]).toEqual([USED, IGNORED]);
    expect(group.state).toEqual(replayed.state);
    expect(membersOf(group.state)).toEqual([
      { userId: 'o', role: 'member' },
      { userId: 'a', role: 'member' },
      { userId: 'ü.*> 名', role: 'owner' },
      { userId: '"quoted"', role: 'member' },
      { userId: 'b', role: 'admin' },
    ]);
    const { revision, eventId, lastAt } = replayed;
    expect(group).toMatchObject({ revision, eventId, lastAt });
    // Its positions are of another event store.
    const commandsOf = ({ memory }: typeof group) =>
      memory.entries().map(([id, one]) => [id, { ...one, position: '' }]);
    expect(commandsOf(group)).toEqual(commandsOf(replayed));
  });

  test('means version 1 of each slice of its time: it is ignored by a build with another version of one', async () => {
    const { group, ...how } = await readWith(withNewRoles, await groupWith(FORM_1));
    expect(how).toEqual(IGNORED);
    expect(group.revision).toBe(facts.length - 1);
  });

  test('with another version of the state is ignored', async () => {
    const forged = FORM_1.map((event) =>
      event.type === 'snapshotManifest' ? { ...event, data: { ...event.data, stateVersion: 2 } } : event,
    );
    const { group, ...how } = await readWith(packing, await groupWith(forged));
    expect(how).toEqual(IGNORED);
    expect(group.revision).toBe(facts.length - 1);
  });

  test('is used by a later build with one more slice, which is its initial state', async () => {
    const { group, ...how } = await readWith(withPolls, await groupWith(FORM_1));
    expect(how).toEqual(USED);
    expect(group.state).toMatchObject({ status: 'live', polls: [] });
  });
});

describe('a snapshot with a version for each slice', () => {
  test('is used by its own build, and gives the group exactly as its events give it', async () => {
    const groupId = await groupOfBuild(packing);
    expect(await manifestOf(groupId)).toMatchObject({ format: 2, slices: { info: 1, membership: 1, roles: 1 } });
    const { group, ...how } = await readWith(packing, groupId);
    const { group: replayed } = await readWith(packing, await groupWith());
    expect(how).toEqual(USED);
    expect(group.state).toEqual(replayed.state);
  });

  test('is used by a later build with one more slice, which is its initial state', async () => {
    const { group, ...how } = await readWith(withPolls, await groupOfBuild(packing));
    expect(how).toEqual(USED);
    const { group: replayed } = await readWith(packing, await groupWith());
    expect(group.state).toEqual({ ...replayed.state, polls: [] });
  });

  test('is read with all its slices by a build that knows them', async () => {
    const { group, ...how } = await readWith(withPolls, await groupOfBuild(withPolls));
    expect(how).toEqual(USED);
    expect(group.state).toMatchObject({ status: 'live', polls: ['b'] });
  });

  test('is ignored by a build that does not know one of its slices', async () => {
    const { group, ...how } = await readWith(packing, await groupOfBuild(withPolls));
    expect(how).toEqual(IGNORED);
    expect(group.state).not.toHaveProperty('polls');
  });

  test('is ignored by a build with another version of one of its slices', async () => {
    expect(await readWith(withNewRoles, await groupOfBuild(packing))).toMatchObject(IGNORED);
    expect(await readWith(packing, await groupOfBuild(withNewRoles))).toMatchObject(IGNORED);
  });

  test('is ignored by a build of before slices: its rule is format 1 and state version 1', async () => {
    const manifest = await manifestOf(await groupOfBuild(packing));
    expect(manifest.format === 1 || manifest.stateVersion === 1).toBe(false);
  });
});
