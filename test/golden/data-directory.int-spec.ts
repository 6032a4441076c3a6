import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  comparePositions,
  groupStream,
  GROUP_STREAM_PREFIX,
  USER_STREAM_PREFIX,
  type CommandData,
  type CommandName,
  type QueryData,
  type QueryName,
} from '@cohort/contracts';
import { connectEventStore, readOne, type EventStore } from '@cohort/event-store';
import { ReadModel, SCHEMA_VERSION } from '@cohort/read-model';
import { fed, logged } from '../support/feed';
import { metric } from '../support/metrics';
import { rongcloud } from '../support/rongcloud';
import { requires } from '../support/servers';
import type { Part } from '../support/stack';
import { waitFor } from '../support/wait-for';
import { kept, type Answers } from './data-directory/recorder';
import { codeOf, Service, type Answer, type App } from './data-directory/service';

requires('embedded event store', 'own event store', 'own nats-server');

/** A data directory that an earlier build left behind, and what that build answered: data-directory/README.md. */
const ARCHIVE = join(__dirname, 'data-directory', '2026-11.tar.gz');
const folder = mkdtempSync(join(tmpdir(), 'cohort-data-directory-'));
execFileSync('tar', ['-xzf', ARCHIVE, '-C', folder]);
const {
  queries,
  commands,
  calls,
  pendingSync,
  snapshotOf,
  fed: fedBefore,
} = JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as Answers;
const dataDir = join(folder, 'data');

let service: Service;
let store: EventStore;
let query: Part;
let command: Part;

const head = () => store.head([GROUP_STREAM_PREFIX, USER_STREAM_PREFIX]);
const send = (name: CommandName, data: object) => service.command(name, data as CommandData<CommandName>);
const ask = (name: QueryName, data: object) => service.query(name, data as QueryData<QueryName>);
/** Groups as they were, of both tenants. */
const groups = queries.flatMap(({ name, data, answer }) =>
  name === 'group' ? [{ app: data.app as App, groupId: data.groupId as string, before: answer }] : [],
);

beforeAll(async () => {
  service = await Service.over(dataDir, join(folder, 'apps.json'));
  store = await connectEventStore({ url: service.eventStore.url });
  query = await service.start('query');
});
afterAll(async () => {
  await store?.close();
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('the read model has an earlier schema version, and is made again from the log', async () => {
  expect(await metric(query, 'cohort_projection_events_total')).toBeGreaterThanOrEqual(fedBefore);
  expect(query.output()).toMatch(/its schema is of version 2, and this build's is \d+/);
  expect(query.output()).toContain('caught up');
});

const names = [...new Set(queries.map(({ name }) => name))];
test.each(names)(
  'the query "%s" is answered as before, also with the cursors and revisions of before; answers may have more fields',
  async (name) => {
    for (const { data, answer } of queries.filter((one) => one.name === name)) {
      const now = kept(await ask(name, onBasisOfNow(data)));
      expect({ name, data, answer: settled(name, data, now, answer) }).toMatchObject({ name, data, answer });
    }
  },
);

test("RongCloud's API answers as before", async () => {
  const gateway = await service.start('gateway');
  for (const { path, fields, body } of calls) expect((await rongcloud(gateway.url, path, fields)).body).toEqual(body);
});

describe('commands', () => {
  beforeAll(async () => {
    command = await service.start('command');
  });

  test('a repeat of an earlier command gets its first answer, and writes nothing', async () => {
    const before = await head();
    for (const { name, data, answer } of commands) {
      expect({ name, data, answer: kept(await send(name, data)) }).toEqual({ name, data, answer });
    }
    expect(await head()).toBe(before);
  });

  test('the id of an earlier command is refused with another payload', async () => {
    const before = await head();
    const another = { type: 'service', onBehalfOf: 'another payload' };
    for (const { name, data } of commands.filter(({ answer }) => answer.error === undefined)) {
      const answer = kept(await send(name, { ...data, actor: another }));
      expect({ name, data, answer }).toEqual({ name, data, answer: { error: 'COMMAND_ID_REUSED' } });
    }
    expect(await head()).toBe(before);
  });
});

test('the feed continues after its last event, and the sync that waited for a worker is carried out', async () => {
  expect(await fed(service.client)).toHaveLength(fedBefore);
  const worker = await service.start('worker');
  const { app, userId, sync, groupId } = pendingSync;
  expect(await ask('userSync', { app, userId, sync, waitMs: 10_000 })).toMatchObject({ completed: true });
  expect(await ask('group', { app, groupId })).toMatchObject({ groupId, owner: userId, memberCount: 1 });
  await feedHasTheLog();
  expect(await metric(worker, 'cohort_feed_resumed_total{found="tail"}')).toBe(1);
  expect(await metric(worker, 'cohort_feed_published_total')).toBe((await logged(store)).length - fedBefore);
});

describe('groups', () => {
  test('every group takes a new member, unless it is over or full', async () => {
    for (const { app, groupId, before } of groups) {
      const actor = { type: 'service' };
      const answer = await send('addMembers', { app, actor, groupId, userIds: ['a newcomer'] });
      if (before.status === 'dismissed') {
        expect({ groupId, code: codeOf(answer) }).toEqual({ groupId, code: 'GROUP_DISMISSED' });
      } else if (before.memberCount === before.capacity) {
        expect({ groupId, code: codeOf(answer) }).toEqual({ groupId, code: 'CAPACITY_REACHED' });
      } else {
        const revision = String(Number(before.revision) + 1);
        expect(answer).toMatchObject({ groupId, revision, results: [{ userId: 'a newcomer', ok: true }] });
        const { updatedAt: _updatedAt, ...rest } = before;
        const memberCount = Number(before.memberCount) + 1;
        expect(await ask('group', { app, groupId, after: answer.position })).toMatchObject({
          ...rest,
          revision,
          memberCount,
        });
      }
    }
  });

  test('a group with a snapshot is read from it, and is the same group', async () => {
    expect(await metric(command, 'cohort_snapshot_reads_total{found="used"}')).toBe(1);
    expect(await metric(command, 'cohort_snapshot_reads_total{found="broken"}')).toBe(0);
    expect(await metric(command, 'cohort_snapshot_reads_total{found="stale"}')).toBe(0);

    const { app, groupId } = snapshotOf;
    const members = await membersOf(app, groupId);
    const owner = members.find(({ role }) => role === 'owner')!.userId;
    const admin = members.find(({ role }) => role === 'admin')!.userId;
    const plain = members.filter(({ role }) => role === 'member').map(({ userId }) => userId);
    const kicking = { app, groupId, actor: { type: 'user', id: admin } };
    const kicked = await send('kick', { ...kicking, userIds: [owner, plain[5], 'nobody'] });
    expect(kicked.results).toEqual([
      { userId: owner, ok: false, code: 'OWNER_CANNOT_BE_KICKED' },
      { userId: plain[5], ok: true },
      { userId: 'nobody', ok: true },
    ]);
    // Who joined first is known to the state alone; the list of members has the same order.
    const leaving = { app, groupId, actor: { type: 'service' }, userId: owner, ownerPolicy: 'oldestMember' };
    const { revision, position } = await send('leave', leaving);
    const [transferred, left] = await Promise.all(
      [-1, 0].map((step) => eventAt(app, groupId, Number(revision) + step)),
    );
    const oldest = members.find(({ userId }) => userId !== owner)!.userId;
    expect(transferred).toMatchObject({ type: 'ownerTransferred', data: { from: owner, to: oldest } });
    expect(left).toMatchObject({ type: 'memberLeft', data: { memberCount: members.length - 2 } });
    expect(await ask('group', { app, groupId, after: position })).toMatchObject({ owner: oldest });
  });

  test('the feed has each new event once, in the order of the log', feedHasTheLog);
});

test('the read model and one that is rebuilt from the log have the same rows, numbers of groups included', async () => {
  const second = await service.start('query', { QUERY_NODE: 'second' });
  expect(await metric(second, 'cohort_projection_events_total')).toBeGreaterThan(fedBefore);
  await second.stop();
  await query.stop();
  const [taken, rebuilt] = ['query', 'second'].map(rowsOf);
  expect(taken).toEqual(rebuilt);
});

/** The feed and the log hold the same events. */
async function feedHasTheLog(): Promise<void> {
  const log = await logged(store);
  await waitFor(async () => (await fed(service.client)).length >= log.length);
  expect(await fed(service.client)).toEqual(log);
}

interface Entry {
  readonly userId: string;
  readonly role: string;
}

async function membersOf(app: App, groupId: string): Promise<Entry[]> {
  const members: Entry[] = [];
  let cursor: unknown;
  do {
    const answer = await ask('members', { app, groupId, limit: 1_000, ...(cursor === undefined ? {} : { cursor }) });
    members.push(...(answer.members as Entry[]));
    ({ cursor } = answer);
  } while (cursor !== undefined);
  return members;
}

const eventAt = (app: App, groupId: string, revision: number) =>
  readOne(store, groupStream(app, groupId), { from: revision });

/** All rows of a node's file, but how far it has followed the log. */
function rowsOf(node: string): string[] {
  const onRebuild = (reason: string) => {
    throw new Error(reason);
  };
  const model = ReadModel.open({ file: join(dataDir, 'query', `${node}.db`), store: store.storeId, onRebuild });
  try {
    return [...model.dump()].filter((row) => !row.startsWith('meta '));
  } finally {
    model.close();
  }
}

/** A copy of a list isn't continued on a read model of another schema version. Here its changes are asked for all the same. */
const onBasisOfNow = (data: Answer): Answer =>
  data.basis === undefined ? data : { ...data, basis: basisOfNow(data.basis as string) };
const basisOfNow = (basis: string): string => basis.replace('/2', `/${SCHEMA_VERSION}`);

/**
 * Prepares an answer for comparison with the earlier one. Positions of the read model may have advanced, also inside
 * cursors, because checkpoints are written at a stop. They are replaced by the earlier ones.
 */
function settled(name: QueryName, data: Answer, now: Answer, before: Answer): Answer {
  const result: Record<string, unknown> = { ...now };
  if (before.basis !== undefined && now.basis === basisOfNow(before.basis as string)) result.basis = before.basis;
  // By now a sync that never was is refused.
  const { app, userId, sync } = pendingSync;
  const isPending = data.app === app && data.userId === userId && data.sync === sync;
  if (name === 'userSync' && now.error === 'VALIDATION_FAILED' && before.completed === false && !isPending)
    return before;
  if (data.cursor !== undefined || !['userGroups', 'userSync', 'status', 'appGroups'].includes(name)) return result;
  for (const [key, value] of Object.entries(now)) {
    if (key === 'position' && comparePositions(value as string, before[key] as string) >= 0) result[key] = before[key];
    if (key === 'cursor' && samePlace(value as string, before[key] as string)) result[key] = before[key];
    if (key === 'lagSeconds' && typeof value === 'number') result[key] = before[key];
  }
  return result;
}

/** Whether two cursors differ in their last part at most, which is the position of the first page. */
function samePlace(...cursors: [string, string | undefined]): boolean {
  const [a, b] = cursors.map((cursor) =>
    Buffer.from(cursor ?? '', 'base64url')
      .toString()
      .replace(/,"\d+"\]$/, ''),
  );
  return a === b;
}
