import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { groupStream, userKeyStream, userStream } from '@cohort/contracts';
import { connect, type Msg, type NatsConnection } from 'nats';
import { allowLeases, refuseLeases } from '../support/leases';
import { metric } from '../support/metrics';
import { startNats } from '../support/nats-server';
import { requires } from '../support/servers';
import { FIRST_START_MS, startStack, type Part, type Stack } from '../support/stack';
import { fresh } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';
import { listed, named, SyncCaller } from './sync-caller';

requires('own event store', 'own nats-server');

jest.setTimeout(180_000);

let stack: Stack;
let caller: SyncCaller;
beforeAll(async () => {
  // On a busy machine, queries with `after` may wait long for the query node.
  stack = await startStack({ env: { QUERY_AFTER_TIMEOUT_MS: '8000' } });
  caller = await SyncCaller.connect(stack.nats.url, stack.eventStore.url, 'demo');
}, FIRST_START_MS);
afterAll(async () => {
  await caller?.close();
  await stack?.stop();
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

/** Whether a text is in a file of a folder. */
const isInFiles = (folder: string, text: string): boolean =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
    .some((file) => readFileSync(file).includes(text));

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
    for (const { groupId } of groups) await caller.create(groupId, boss);
    const users = Array.from({ length: 20 }, () => fresh('u'));
    await Promise.all(users.map((u) => caller.sync(u, groups)));

    for (const u of users) {
      expect(await caller.groupsOf(u)).toEqual(listed(groups));
      expect(await caller.typesOf(userStream(caller.tenant.app, u))).toEqual(['syncRequested', 'syncCompleted']);
    }
    for (const { groupId } of groups) {
      const joined = (await caller.eventsOf(groupStream(caller.tenant.app, groupId)))
        .filter(({ type }) => type === 'memberJoined')
        .flatMap(({ data }) => (data as { members: { userId: string }[] }).members.map(({ userId }) => userId));
      expect(joined.sort()).toEqual([...users].sort());
    }
    await allowLeases(manager);
  });

  test('an erasure is finished by the next worker after two were killed in the middle of it', async () => {
    for (const worker of workers.splice(0)) await worker.stop();
    const u = fresh('u');
    const groups = Array.from({ length: 20 }, (_, i) => `${u}/${i}`);
    await Promise.all(groups.map((groupId) => caller.create(groupId, u, { members: ['m'] })));
    const { tenant } = caller;
    const displayName = `Secret of ${u}`;
    await tenant.run('setDisplayName', { groupId: groups[0]!, userId: u, displayName });
    const asked = Array.from({ length: 4 }, (_, i) => `${u}/asked/${i}`);
    const settings = { visibility: 'public', membersMayInvite: true } as const;
    for (const groupId of asked) {
      await caller.create(groupId, 'm', { settings });
      await tenant.run('apply', { groupId, userId: u, reason: displayName });
    }
    for (const groupId of groups.slice(0, 4)) {
      await tenant.run('invite', { groupId, userIds: ['n'], actor: { type: 'user', id: u }, reason: displayName });
    }
    const keyStream = userKeyStream(tenant.app, u);
    const [made] = await caller.eventsOf(keyStream);
    const { key } = made!.data as { key: string };
    const folders = [stack.eventStore.directory, stack.directory];
    await waitFor(() => folders.every((folder) => isInFiles(folder, key)));
    const answer = await tenant.run('eraseUser', { userId: u });
    for (const answers of [3, 8]) {
      const bridge = await startBridge(nats, answers);
      try {
        const worker = await stack.start('worker', { NATS_URL: bridge.url });
        await waitFor(bridge.isSilent, { withinMs: 30_000 });
        await worker.kill();
      } finally {
        await bridge.stop();
      }
    }
    await another();
    await caller.completed(answer);
    expect(await caller.groupsOf(u)).toEqual([]);
    for (const groupId of groups) expect(await caller.members(groupId)).toEqual(['m']);
    const typesOf = (groupId: string) => caller.typesOf(groupStream(tenant.app, groupId));
    for (const groupId of asked) expect(await typesOf(groupId)).toEqual(['created', 'applied', 'applicationWithdrawn']);
    for (const groupId of groups.slice(0, 4)) {
      const withdrawn = (await typesOf(groupId)).filter((type) => type === 'invitationWithdrawn');
      expect(withdrawn).toHaveLength(1);
    }
    expect(await caller.typesOf(keyStream)).toEqual(['keysErased']);
    // Neither the key nor the text is in a file of the event store or a query node, free pages and logs included.
    for (const folder of folders) {
      await waitFor(() => !isInFiles(folder, key));
      expect(isInFiles(folder, displayName)).toBe(false);
    }
  });

  test('a sync is finished by the next worker after three were killed in the middle of it', async () => {
    for (const worker of workers.splice(0)) await worker.stop();
    const u = fresh('u');
    const groups = named(...Array.from({ length: 300 }, (_, i) => `${u}/${i}`));
    const answer = await caller.request(u, groups);
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
    expect(await caller.completionsOf(u)).toEqual([]);
    await another();
    await caller.completed(answer);
    expect(await caller.groupsOf(u)).toEqual(listed(groups));
    for (const { groupId } of groups)
      expect(await caller.typesOf(groupStream(caller.tenant.app, groupId))).toEqual(['created']);
  });

  test('after a lost checkpoint, old effects of old syncs undo nothing', async () => {
    const [u, boss, a, b] = [fresh('u'), fresh('boss'), fresh('a'), fresh('b')];
    await caller.create(a, boss);
    await caller.create(b, boss);
    await caller.sync(u, named(a));
    await caller.sync(u, named(a, b));
    await caller.tenant.run('kick', { groupId: b, userIds: [u] });
    for (const worker of workers.splice(0)) await worker.stop();
    const lost = { id: randomUUID(), type: 'checkpointed', data: { position: '0' }, metadata: {} };
    await caller.store.append('checkpoint-userSync', [lost], 'any');

    const worker = await another();
    // A ready worker has followed the log to its end. When nothing is pending, its work is done.
    await waitFor(async () => (await metric(worker, 'cohort_user_syncs_pending')) === 0);
    expect(await metric(worker, 'cohort_user_syncs_completed_total')).toBe(0);
    expect(await caller.groupsOf(u)).toEqual(listed(named(a)));
  });

  test('an orderly stop saves the checkpoint, but never beyond unfinished work', async () => {
    const u = fresh('u');
    const g = fresh('g');
    const checkpoint = async () =>
      (await caller.eventsOf('checkpoint-userSync')).map(({ data }) => data as { position: string });
    const answer = await caller.request(u, []);
    await caller.completed(answer);
    for (const worker of workers.splice(0)) expect(await worker.stop()).toBe(0);
    const [first, ...others] = await checkpoint();
    expect(others).toEqual([]);
    expect(BigInt(first!.position)).toBeGreaterThanOrEqual(BigInt(answer.position));

    // No process answers the worker's commands, so the sync can't be finished.
    const pending = await caller.request(u, named(g));
    await stack.commands[0]!.stop();
    const idle = await another();
    await waitFor(async () => (await metric(idle, 'cohort_user_sync_failures_total')) > 0);
    expect(await idle.stop()).toBe(0);
    const [second] = await checkpoint();
    expect(BigInt(second!.position)).toBeLessThan(BigInt(pending.position));

    await stack.start('command');
    await another();
    await caller.completed(pending);
    expect(await caller.groupsOf(u)).toEqual(listed(named(g)));
  });

  test('a sync is accepted without a query node, and carried out when one is back', async () => {
    const [u, g] = [fresh('u'), fresh('g')];
    await caller.sync(u, named(g));
    for (const query of stack.queries) await query.kill();
    const answer = await caller.request(u, []);
    await stack.start('query');
    await caller.completed(answer);
    expect(await caller.groupsOf(u)).toEqual([]);
  });
});

test('a sync is finished after the event store dies in the middle of it and comes back', async () => {
  const u = fresh('u');
  const groups = named(...Array.from({ length: 200 }, (_, i) => `${u}/${i}`));
  const answer = await caller.request(u, groups);
  await waitFor(async () => (await caller.tenant.query('joinedCount', { userId: u })).count >= 50, { everyMs: 2 });
  await stack.eventStore.kill();
  await expect(caller.request(u, [])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await stack.eventStore.restart();
  await caller.completed(answer);
  expect(await caller.groupsOf(u)).toEqual(listed(groups));
  for (const { groupId } of groups)
    expect(await caller.typesOf(groupStream(caller.tenant.app, groupId))).toEqual(['created']);
});
