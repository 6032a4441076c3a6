import { randomUUID } from 'node:crypto';
import { CohortClient } from '@cohort/client';
import {
  GROUP_STREAM_PREFIX,
  groupStream,
  USER_STREAM_PREFIX,
  userStream,
  type CommandData,
  type SyncUserAnswer,
  type SyncedGroup,
  type UserEventData,
} from '@cohort/contracts';
import { connectEventStore, type EventStore, type StoredEvent } from '@cohort/event-store';
import { connect, type Msg, type NatsConnection } from 'nats';
import { allowLeases, refuseLeases } from '../support/leases';
import { metric } from '../support/metrics';
import { startNats } from '../support/nats-server';
import { startStack, type Part, type Stack } from '../support/stack';
import { waitFor } from '../support/wait-for';

const app = 'demo';
const actor = { type: 'service' } as const;

jest.setTimeout(180_000);

let stack: Stack;
let client: CohortClient;
let store: EventStore;

beforeAll(async () => {
  // On a busy machine, queries with `after` may wait long for the query node.
  stack = await startStack({ env: { QUERY_AFTER_TIMEOUT_MS: '8000' } });
  client = await CohortClient.connect({ servers: stack.nats.url });
  store = await connectEventStore({ url: stack.eventStore.url });
});
afterAll(async () => {
  await client?.close();
  await store?.close();
  await stack?.stop();
});

/** An id that no other test uses. */
const fresh = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;
const named = (...groupIds: string[]): SyncedGroup[] => groupIds.map((groupId) => ({ groupId, name: `of ${groupId}` }));

const request = (userId: string, groups: readonly SyncedGroup[], over: Partial<CommandData<'syncUser'>> = {}) =>
  client.command('syncUser', { app, actor, userId, groups: [...groups], ...over }, { timeoutMs: 30_000 });

async function completed({ userId, sync, position }: SyncUserAnswer): Promise<void> {
  await waitFor(
    async () => (await client.query('userSync', { app, userId, sync, after: position, waitMs: 1_000 })).completed,
    { withinMs: 80_000 },
  );
}
async function sync(userId: string, groups: readonly SyncedGroup[], over: Partial<CommandData<'syncUser'>> = {}) {
  const answer = await request(userId, groups, over);
  await completed(answer);
  return answer;
}

const head = () => store.head([GROUP_STREAM_PREFIX, USER_STREAM_PREFIX]);

/** The user's current groups as `id: name`, sorted. */
async function groupsOf(userId: string): Promise<string[]> {
  const after = await head();
  const groups: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.query('userGroups', { app, userId, after, limit: 1_000, ...(cursor ? { cursor } : {}) });
    groups.push(...page.groups.map(({ groupId, name }) => `${groupId}: ${name}`));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return groups.sort();
}
const listed = (groups: readonly SyncedGroup[]): string[] =>
  groups.map(({ groupId, name }) => `${groupId}: ${name}`).sort();

async function eventsOf(stream: string): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  for await (const event of store.read(stream)) events.push(event);
  return events;
}
const typesOf = async (stream: string) => (await eventsOf(stream)).map(({ type }) => type);
const completionsOf = async (userId: string) =>
  (await eventsOf(userStream(app, userId)))
    .filter(({ type }) => type === 'syncCompleted')
    .map(({ data }) => data as UserEventData['syncCompleted']);

const create = (groupId: string, owner: string, over: Partial<CommandData<'create'>> = {}) =>
  client.command('create', { app, actor, groupId, name: `of ${groupId}`, owner, ...over });
const members = async (groupId: string) =>
  (await client.query('members', { app, groupId, after: await head() })).members.map(({ userId }) => userId);

describe('a sync', () => {
  test('makes missing groups, joins others, leaves the rest and applies names', async () => {
    const [u, boss, old, made, there] = [fresh('u'), fresh('boss'), fresh('old'), fresh('made'), fresh('there')];
    await create(old, boss, { members: [u] });
    await create(there, boss);
    await sync(u, [
      { groupId: made, name: 'Made' },
      { groupId: there, name: 'New name' },
    ]);
    expect(await groupsOf(u)).toEqual([`${made}: Made`, `${there}: New name`].sort());
    expect(await members(old)).toEqual([boss]);
    expect(await client.query('group', { app, groupId: made })).toMatchObject({ owner: u, memberCount: 1 });
    expect(await client.query('group', { app, groupId: there })).toMatchObject({ owner: boss, memberCount: 2 });
  });

  test('of an empty list leaves all groups: the oldest member succeeds an owner, and a group of one ends', async () => {
    const [u, second, shared, own] = [fresh('u'), fresh('second'), fresh('shared'), fresh('own')];
    await create(shared, u, { members: [second, fresh('third')] });
    await create(own, u);
    await sync(u, []);
    expect(await groupsOf(u)).toEqual([]);
    expect(await client.query('group', { app, groupId: shared })).toMatchObject({ owner: second, memberCount: 2 });
    expect(await client.query('group', { app, groupId: own })).toMatchObject({ status: 'dismissed' });
  });

  test('makes groups with the capacity it names', async () => {
    const [u, g] = [fresh('u'), fresh('g')];
    await sync(u, named(g), { capacity: 7 });
    expect(await client.query('group', { app, groupId: g })).toMatchObject({ capacity: 7 });
  });

  test('skips dismissed and full groups, finishes the rest and records the skipped ones', async () => {
    const [u, boss, dismissed, full, good] = [
      fresh('u'),
      fresh('boss'),
      fresh('dismissed'),
      fresh('full'),
      fresh('good'),
    ];
    await create(dismissed, boss);
    await client.command('dismiss', { app, actor, groupId: dismissed });
    await create(full, boss, { capacity: 1 });
    const { sync: number } = await sync(u, named(dismissed, full, good));
    expect(await groupsOf(u)).toEqual(listed(named(good)));
    const [last] = (await completionsOf(u)).slice(-1);
    expect({ ...last, skipped: [...(last?.skipped ?? [])].sort() }).toEqual({
      sync: number,
      position: expect.stringMatching(/^\d+$/) as string,
      skipped: [dismissed, full].sort(),
    });
  });

  test('of more groups than a page holds is completed', async () => {
    const u = fresh('u');
    const groups = named(...Array.from({ length: 1_150 }, (_, i) => `${u}/${i}`));
    await sync(u, groups);
    expect(await groupsOf(u)).toEqual(listed(groups));
    await sync(u, groups.slice(1_100));
    expect(await groupsOf(u)).toEqual(listed(groups.slice(1_100)));
  });

  test('is refused to users, and at another revision than the caller expects', async () => {
    const u = fresh('u');
    await expect(request(u, [], { actor: { type: 'user', id: u } })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(request(u, [], { expectedRevision: '3' })).rejects.toMatchObject({
      code: 'CONCURRENCY_CONFLICT',
      details: { expected: '3', actual: null },
    });
  });
});

describe('a repeated sync', () => {
  test('writes nothing while its list still holds, skipped groups included', async () => {
    const [u, a, b, gone] = [fresh('u'), fresh('a'), fresh('b'), fresh('gone')];
    await create(gone, fresh('boss'));
    await client.command('dismiss', { app, actor, groupId: gone });
    const first = await sync(u, named(a, b, gone));
    const before = await eventsOf(userStream(app, u));
    const again = await sync(u, named(gone, b, a));
    expect(again.sync).toBe(first.sync);
    expect(await eventsOf(userStream(app, u))).toEqual(before);
    expect(await typesOf(groupStream(app, a))).toEqual(['created']);
  });

  test('is written when somebody has changed the groups meanwhile', async () => {
    const [u, a, boss] = [fresh('u'), fresh('a'), fresh('boss')];
    await create(a, boss);
    const first = await sync(u, named(a));
    await client.command('kick', { app, actor, groupId: a, userIds: [u] });
    const second = await sync(u, named(a));
    expect(second.sync).toBeGreaterThan(first.sync);
    expect(await members(a)).toEqual([boss, u]);
  });

  test('with the same command id gets its first answer, also after newer syncs and truncation', async () => {
    const [u, a, b] = [fresh('u'), fresh('a'), fresh('b')];
    for (const groupId of [a, b]) await create(groupId, fresh('boss'));
    const commandId = randomUUID();
    const first = await sync(u, named(a), { commandId });
    await sync(u, named(b));
    await sync(u, named(a, b));
    // Truncation follows completion.
    await waitFor(async () => (await typesOf(userStream(app, u))).join() === 'syncRequested,syncCompleted');
    expect(await request(u, named(a), { commandId })).toEqual(first);
    await expect(request(u, named(b), { commandId })).rejects.toMatchObject({ code: 'COMMAND_ID_REUSED' });
    expect(await groupsOf(u)).toEqual(listed(named(a, b)));
  });

  test('with a command id older than the remembered ones has expired', async () => {
    const [u, a, b] = [fresh('u'), fresh('a'), fresh('b')];
    const early = '01800000-0000-7000-8000-000000000000';
    await sync(u, named(a));
    // The service remembers 100 commands, so the first of 101 is forgotten.
    for (let i = 0; i < 101; i++) await request(u, named(i % 2 === 0 ? b : a));
    await expect(request(u, named(a), { commandId: early })).rejects.toMatchObject({ code: 'COMMAND_EXPIRED' });
  });
});

describe('the last sync holds', () => {
  test('when syncs overtake each other', async () => {
    const users = [fresh('u'), fresh('v'), fresh('w')];
    const groups = Array.from({ length: 6 }, (_, i) => fresh(`g${i}`));
    const pick = (n: number) => named(...groups.filter((_, i) => (n >> i) & 1));
    const answers = await Promise.all(
      users.flatMap((u, k) =>
        Array.from({ length: 12 }, async (_, i) => {
          const wanted = pick((i * 37 + k * 11) % 64);
          return { wanted, answer: await request(u, wanted) };
        }),
      ),
    );
    for (const u of users) {
      const ofUser = answers.filter(({ answer }) => answer.userId === u);
      const last = ofUser.reduce((a, b) => (a.answer.sync > b.answer.sync ? a : b));
      await completed(last.answer);
      const ended = new Set<string>((await completionsOf(u)).at(-1)?.skipped ?? []);
      expect(await groupsOf(u)).toEqual(listed(last.wanted.filter(({ groupId }) => !ended.has(groupId))));
    }
  });

  test('when a hundred are requested at once for one user, each with a number of its own', async () => {
    const u = fresh('u');
    const [a, b] = [fresh('a'), fresh('b')];
    for (const groupId of [a, b]) await create(groupId, fresh('boss'));
    const lists = Array.from({ length: 100 }, (_, i) => named(...[a, b].slice(i % 3)));
    const answers = await Promise.all(lists.map(async (wanted) => ({ wanted, answer: await request(u, wanted) })));
    expect(new Set(answers.map(({ answer }) => answer.sync)).size).toBe(100);
    const last = answers.reduce((x, y) => (x.answer.sync > y.answer.sync ? x : y));
    await completed(last.answer);
    expect(await groupsOf(u)).toEqual(listed(last.wanted));
  });

  test('when a late worker changes groups for an older sync', async () => {
    const [u, boss, a, b] = [fresh('u'), fresh('boss'), fresh('a'), fresh('b')];
    await create(a, boss);
    await create(b, boss);
    const older = await sync(u, named(b));
    await sync(u, [{ groupId: a, name: 'Newest' }]);

    const late = { app, actor, userIds: [u], sync: older.sync };
    await client.command('leaveMany', { ...late, groupId: a, ownerPolicy: 'oldestMember' });
    await client.command('createOrJoin', { ...late, groupId: b, name: `of ${b}`, rename: true });
    await waitFor(async () => (await groupsOf(u)).join() === `${a}: Newest`);

    await client.command('createOrJoin', { ...late, groupId: a, name: 'Older', rename: true });
    await waitFor(
      async () => (await typesOf(groupStream(app, a))).filter((type) => type === 'infoChanged').length === 3,
    );
    await waitFor(async () => (await groupsOf(u)).join() === `${a}: Newest`);
  });

  test('until others change the groups after it', async () => {
    const [u, boss, a] = [fresh('u'), fresh('boss'), fresh('a')];
    await create(a, boss);
    await sync(u, named(a));
    await client.command('kick', { app, actor, groupId: a, userIds: [u] });
    // Another sync has gone all the way through the worker meanwhile.
    await sync(fresh('u'), named(a));
    expect(await groupsOf(u)).toEqual([]);
  });
});

/**
 * A broker for one worker that forwards its commands and queries to the stack's broker. The worker gets the answers to this
 * many commands. Later commands are carried out, but their answers are dropped, so that no worker can finish however fast
 * it is.
 */
async function startBridge(to: NatsConnection, answers: number) {
  const own = await startNats({ jetStream: false });
  const from = await connect({ servers: own.url });
  let carriedOut = 0;
  const pass = async (message: Msg, isCommand: boolean) => {
    const answer = await to.request(message.subject, message.data, { timeout: 20_000, headers: message.headers });
    if (isCommand) carriedOut += 1;
    if (!isCommand || carriedOut <= answers) message.respond(answer.data, { headers: answer.headers });
  };
  for (const [subject, isCommand] of [
    ['group.v1.command.*', true],
    ['group.v1.query.*', false],
  ] as const) {
    // A request without an answer is sent again.
    from.subscribe(subject, { callback: (_error, message) => void pass(message, isCommand).catch(() => undefined) });
  }
  await from.flush();
  const stop = async () => {
    await from.close();
    await own.stop();
  };
  return { url: own.url, isSilent: () => carriedOut > answers, stop };
}

describe('workers come and go', () => {
  let workers: Part[];
  let nats: NatsConnection;
  beforeAll(async () => {
    workers = [stack.worker];
    nats = await connect({ servers: stack.nats.url });
  });
  afterAll(() => nats?.close());
  const another = async () => {
    const worker = await stack.start('worker');
    workers.push(worker);
    return worker;
  };

  test('two workers without leases complete each sync once, and each user joins once', async () => {
    const manager = await nats.jetstreamManager();
    await refuseLeases(manager);
    await another();
    for (const worker of workers) {
      await waitFor(async () => (await metric(worker, 'cohort_lease_held{duty="userSync"}')) === 0);
    }
    const boss = fresh('boss');
    const groups = named(...Array.from({ length: 10 }, () => fresh('g')));
    for (const { groupId } of groups) await create(groupId, boss);
    const users = Array.from({ length: 20 }, () => fresh('u'));
    await Promise.all(users.map((u) => sync(u, groups)));

    for (const u of users) {
      expect(await groupsOf(u)).toEqual(listed(groups));
      expect(await typesOf(userStream(app, u))).toEqual(['syncRequested', 'syncCompleted']);
    }
    for (const { groupId } of groups) {
      const joined = (await eventsOf(groupStream(app, groupId)))
        .filter(({ type }) => type === 'memberJoined')
        .flatMap(({ data }) => (data as { members: { userId: string }[] }).members.map(({ userId }) => userId));
      expect(joined.sort()).toEqual([...users].sort());
    }
    await allowLeases(manager);
  });

  test('a sync is finished by the next worker after three were killed in the middle of it', async () => {
    for (const worker of workers.splice(0)) await worker.stop();
    const u = fresh('u');
    const groups = named(...Array.from({ length: 300 }, (_, i) => `${u}/${i}`));
    const answer = await request(u, groups);
    for (const answers of [20, 100, 100]) {
      const bridge = await startBridge(nats, answers);
      try {
        const worker = await stack.start('worker', { NATS_URL: bridge.url });
        await waitFor(bridge.isSilent, { withinMs: 30_000 });
        await worker.kill();
      } finally {
        await bridge.stop();
      }
    }
    expect(await completionsOf(u)).toEqual([]);
    await another();
    await completed(answer);
    expect(await groupsOf(u)).toEqual(listed(groups));
    for (const { groupId } of groups) expect(await typesOf(groupStream(app, groupId))).toEqual(['created']);
  });

  test('after a lost checkpoint, old effects of old syncs undo nothing', async () => {
    const [u, boss, a, b] = [fresh('u'), fresh('boss'), fresh('a'), fresh('b')];
    await create(a, boss);
    await create(b, boss);
    await sync(u, named(a));
    await sync(u, named(a, b));
    await client.command('kick', { app, actor, groupId: b, userIds: [u] });
    for (const worker of workers.splice(0)) await worker.stop();
    const lost = { id: randomUUID(), type: 'checkpointed', data: { position: '0' }, metadata: {} };
    await store.append('checkpoint-userSync', [lost], 'any');

    const worker = await another();
    // A ready worker has followed the log to its end. When nothing is pending, its work is done.
    await waitFor(async () => (await metric(worker, 'cohort_user_syncs_pending')) === 0);
    expect(await metric(worker, 'cohort_user_syncs_completed_total')).toBe(0);
    expect(await groupsOf(u)).toEqual(listed(named(a)));
  });

  test('an orderly stop saves the checkpoint, but never beyond unfinished work', async () => {
    const u = fresh('u');
    const g = fresh('g');
    const checkpoint = async () =>
      (await eventsOf('checkpoint-userSync')).map(({ data }) => data as { position: string });
    const answer = await request(u, []);
    await completed(answer);
    for (const worker of workers.splice(0)) expect(await worker.stop()).toBe(0);
    const [first, ...others] = await checkpoint();
    expect(others).toEqual([]);
    expect(BigInt(first!.position)).toBeGreaterThanOrEqual(BigInt(answer.position));

    // Nobody answers the worker's commands, so the sync can't be finished.
    const pending = await request(u, named(g));
    await stack.commands[0]!.stop();
    const idle = await another();
    await waitFor(async () => (await metric(idle, 'cohort_user_sync_failures_total')) > 0);
    expect(await idle.stop()).toBe(0);
    const [second] = await checkpoint();
    expect(BigInt(second!.position)).toBeLessThan(BigInt(pending.position));

    await stack.start('command');
    await another();
    await completed(pending);
    expect(await groupsOf(u)).toEqual(listed(named(g)));
  });

  test('a sync is accepted without a query node, and carried out when one is back', async () => {
    const [u, g] = [fresh('u'), fresh('g')];
    await sync(u, named(g));
    for (const query of stack.queries) await query.kill();
    const answer = await request(u, []);
    await stack.start('query');
    await completed(answer);
    expect(await groupsOf(u)).toEqual([]);
  });
});

test('a sync is finished after the event store dies in the middle of it and comes back', async () => {
  const u = fresh('u');
  const groups = named(...Array.from({ length: 200 }, (_, i) => `${u}/${i}`));
  const answer = await request(u, groups);
  await waitFor(async () => (await client.query('joinedCount', { app, userId: u })).count >= 50, { everyMs: 2 });
  const dataDir = /events in (.*)\/event-store\./.exec(stack.eventStore.output())?.[1];
  const port = new URL(stack.eventStore.url).port;
  await stack.eventStore.kill();
  await expect(request(u, [])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await stack.start('event-store', { DATA_DIR: dataDir!, EVENTSTORE_PORT: port });
  await completed(answer);
  expect(await groupsOf(u)).toEqual(listed(groups));
  for (const { groupId } of groups) expect(await typesOf(groupStream(app, groupId))).toEqual(['created']);
});
