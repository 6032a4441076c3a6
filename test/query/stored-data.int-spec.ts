import { randomUUID } from 'node:crypto';
import { EventStoreDBClient } from '@eventstore/db-client';
import { groupStream, userStream } from '@cohort/contracts';
import { created, joined, left, syncRequested } from '@cohort/contracts/testing';
import { ensureBuilt } from '../support/built';
import { metric } from '../support/metrics';
import { FIRST_START_MS, type Part } from '../support/stack';
import { waitFor } from '../support/wait-for';
import { Surroundings, wrote } from './support';

/** What programs other than this service do to streams, and how queries answer then. */
jest.setTimeout(180_000);

const app = 'demo';
const at = '2026-01-01T00:00:00.000Z';
let around: Surroundings;
/** What an operator uses. */
let operator: EventStoreDBClient;
let node: Part;

beforeAll(async () => {
  await ensureBuilt();
  around = await Surroundings.start();
  operator = EventStoreDBClient.connectionString(around.eventStore.url);
  node = await around.node('one');
}, FIRST_START_MS);
afterAll(async () => {
  await operator?.dispose();
  await around?.stop();
});

/** Answers, or the code of the error. */
async function ask(name: string, query: object): Promise<unknown> {
  const answer = (await around.ask(name, { app, ...query })) as { readonly error?: { readonly code: string } };
  return answer.error?.code ?? answer;
}

/** A group with an owner and a member, and the position of its last event. */
async function newGroup(
  user = randomUUID(),
): Promise<{ groupId: string; stream: string; user: string; after: string }> {
  const groupId = randomUUID();
  await around.writer.group(groupId, created('owner'));
  const { position: after } = await around.writer.group(groupId, joined('add', 2, user));
  return { groupId, stream: groupStream(app, groupId), user, after };
}

const write = async (stream: string, event: { type: string; data: unknown }, metadata: object = { at }) =>
  (await around.store.append(stream, [{ id: randomUUID(), ...event, data: event.data as object, metadata }], 'any'))
    .position;

/** The codes by which all queries on a group refuse. */
const refusals = async (groupId: string, user: string) =>
  new Set(
    await Promise.all([
      ask('group', { groupId }),
      ask('members', { groupId }),
      ask('member', { groupId, userId: user }),
      ask('isMember', { groupId, userId: user }),
      ask('events', { groupId }),
    ]),
  );

/** That no list has the group, and that all else is answered. */
async function expectNothingElse(groupId: string, user: string): Promise<void> {
  expect(await ask('userGroups', { userId: user })).toMatchObject({ groups: [], total: 0 });
  expect(await ask('joinedCount', { userId: user })).toEqual({ count: 0 });
  const other = await newGroup();
  expect(await ask('groups', { groupIds: [groupId, other.groupId], after: other.after })).toMatchObject({
    groups: [{ groupId: other.groupId }],
    missing: [groupId],
  });
  expect(JSON.stringify(await ask('appGroups', { limit: 1_000 }))).not.toContain(groupId);
}

const restart = async (): Promise<void> => {
  await node.stop();
  node = await around.node('one');
};
const degraded = async () => JSON.stringify(await (await fetch(`${node.healthUrl}/health/ready`)).json());

describe('a strange event', () => {
  const strange: readonly (readonly [string, { readonly type: string; readonly data: unknown }, object])[] = [
    ['data that is a text', { type: 'memberLeft', data: 'x' }, { at }],
    ['data that is null', { type: 'memberLeft', data: null }, { at }],
    ['data that is a list', { type: 'memberKicked', data: [1] }, { at }],
    ['a second beginning', created('thief'), { at }],
    ['a link', { type: '$>', data: { a: 1 } }, {}],
    ['metadata that are a list', left(1, 'x'), []],
    ['no time', left(1, 'x'), {}],
    ['a place in an append that has no end', left(1, 'x'), { at, batch: { index: 0, size: 1e6 } }],
  ];

  it.each(strange)(
    'in a group is set aside, counted and reported, and the rest is applied: %s',
    async (_what, event, metadata) => {
      const { groupId, stream, user, after: before } = await newGroup();
      await ask('group', { groupId, after: before });
      const count = () => metric(node, 'cohort_projection_failed_events_total');
      const failed = await count();
      const after = await write(stream, event, metadata);
      expect(await ask('group', { groupId, after })).toMatchObject({ owner: 'owner', memberCount: 2 });
      expect(await count()).toBe(failed + 1);
      expect(await degraded()).toContain('event(s) could not be applied');
      expect(await ask('isMember', { groupId, userId: user })).toMatchObject({ isMember: true });
      expect(await ask('events', { groupId })).toMatchObject({ events: [{ revision: '0' }, { revision: '1' }] });
      const other = await newGroup();
      expect(await ask('group', { groupId: other.groupId, after: other.after })).toMatchObject({ memberCount: 2 });
    },
  );

  it('that is the first one of a group makes the group DATA_DAMAGED', async () => {
    const groupId = randomUUID();
    const after = await write(groupStream(app, groupId), { type: 'created', data: { name: 7 } });
    await ask('status', { after });
    expect(await ask('group', { groupId })).toBe('DATA_DAMAGED');
    const later = await write(groupStream(app, groupId), joined('add', 2, 'late'));
    expect(await ask('userGroups', { userId: 'late', after: later })).toMatchObject({ groups: [] });
  });

  it('in a stream of another service is none of ours', async () => {
    const failed = await metric(node, 'cohort_projection_failed_events_total');
    for (const stream of [
      'group-',
      'group-x',
      'group-/',
      'group-/x',
      'group-demo/',
      'user-x',
      `group-${'a'.repeat(65)}/x`,
    ])
      await write(stream, { type: 'memberLeft', data: 'x' });
    const { groupId, after } = await newGroup();
    expect(await ask('group', { groupId, after })).toMatchObject({ memberCount: 2 });
    expect(await metric(node, 'cohort_projection_failed_events_total')).toBe(failed);
  });

  it('whose metadata name a longer append delays its own position only, and shortly', async () => {
    const { groupId, stream } = await newGroup();
    const after = await write(stream, joined('add', 3, 'late'), { at, batch: { index: 0, size: 3 } });
    expect(await ask('isMember', { groupId, userId: 'late', after })).toMatchObject({ isMember: true });
  });
});

describe('a tombstone', () => {
  it('of a group erases its rows: queries answer DATA_ERASED, others as before, also after a restart', async () => {
    const { groupId, stream, user, after } = await newGroup();
    expect(await ask('isMember', { groupId, userId: user, after })).toMatchObject({ isMember: true });
    const copy = (await ask('userGroups', { userId: user })) as { position: string; basis: string };
    await operator.tombstoneStream(stream);
    await waitFor(async () => (await ask('group', { groupId })) === 'DATA_ERASED');
    expect(await refusals(groupId, user)).toEqual(new Set(['DATA_ERASED']));
    await expectNothingElse(groupId, user);
    // A copy of the user's list is read anew.
    const since = { sincePosition: copy.position, basis: copy.basis };
    expect(await ask('userGroups', { userId: user, ...since })).toMatchObject({ groups: [], full: true });
    await restart();
    await wrote(node, 'caught up with the event store');
    expect(node.output()).not.toContain('rebuilding it');
    expect(await refusals(groupId, user)).toEqual(new Set(['DATA_ERASED']));
    await expectNothingElse(groupId, user);
  });

  it('of a user concerns that user', async () => {
    await around.writer.user('gone', syncRequested([]));
    await operator.tombstoneStream(userStream(app, 'gone'));
    const { groupId, after } = await newGroup();
    expect(await ask('group', { groupId, after })).toMatchObject({ memberCount: 2 });
    expect(await ask('userSync', { userId: 'gone', sync: 0 })).toBe('DATA_ERASED');
  });

  it('of the last group that was applied does not rebuild the file at the next start', async () => {
    const { groupId, stream, after } = await newGroup();
    expect(await ask('group', { groupId, after })).toMatchObject({ memberCount: 2 });
    await node.stop();
    await operator.tombstoneStream(stream);
    node = await around.node('one');
    await wrote(node, 'caught up with the event store');
    expect(node.output()).not.toContain('rebuilding it');
    expect(await ask('group', { groupId })).toBe('DATA_ERASED');
  });
});

describe('a group whose stream was deleted or cut', () => {
  it.each([
    ['a deletion', (stream: string) => operator.deleteStream(stream), 'DATA_ERASED'],
    ['a truncation', (stream: string) => operator.setStreamMetadata(stream, { truncateBefore: 1 }), 'DATA_DAMAGED'],
    [
      'a truncation of all',
      (stream: string) => operator.setStreamMetadata(stream, { truncateBefore: 2 }),
      'DATA_DAMAGED',
    ],
    ['a limit of the count', (stream: string) => operator.setStreamMetadata(stream, { maxCount: 1 }), 'DATA_DAMAGED'],
  ] as const)('is refused by each query: %s', async (_what, change, code) => {
    const { groupId, stream, user, after } = await newGroup();
    expect(await ask('isMember', { groupId, userId: user, after })).toMatchObject({ isMember: true });
    await change(stream);
    await waitFor(async () => (await ask('group', { groupId })) === code);
    expect(await refusals(groupId, user)).toEqual(new Set([code]));
    await expectNothingElse(groupId, user);
    // A later event changes nothing, whoever wrote it.
    const late = randomUUID();
    const later = await write(stream, joined('add', 3, late));
    expect(await ask('userGroups', { userId: late, after: later })).toMatchObject({ groups: [] });
    expect(await ask('group', { groupId })).toBe(code);
  });

  it('is refused by a node that is made anew', async () => {
    const cut = await newGroup();
    const erased = await newGroup();
    await operator.setStreamMetadata(cut.stream, { maxCount: 1 });
    await operator.deleteStream(erased.stream);
    await waitFor(async () => (await ask('group', { groupId: cut.groupId })) === 'DATA_DAMAGED');
    await node.stop();
    const fresh = await around.node('fresh');
    expect(await ask('group', { groupId: cut.groupId })).toBe('DATA_DAMAGED');
    expect(await ask('group', { groupId: erased.groupId })).toBe('DATA_ERASED');
    await fresh.stop();
    node = await around.node('one');
  });

  it('by a limit that hides events only later is refused from then on', async () => {
    const { groupId, stream, user } = await newGroup();
    await operator.setStreamMetadata(stream, { maxCount: 3 });
    const third = await write(stream, joined('add', 3, 'third'));
    expect(await ask('isMember', { groupId, userId: user, after: third })).toMatchObject({ isMember: true });
    await restart();
    await write(stream, joined('add', 4, 'fourth'));
    await waitFor(async () => (await ask('group', { groupId })) === 'DATA_DAMAGED');
    expect(await refusals(groupId, user)).toEqual(new Set(['DATA_DAMAGED']));
  });

  it('is not one whose metadata hide nothing', async () => {
    const { groupId, stream } = await newGroup();
    await operator.setStreamMetadata(stream, { note: 'x' });
    const { after } = await newGroup();
    expect(await ask('group', { groupId, after })).toMatchObject({ memberCount: 2 });
  });
});
