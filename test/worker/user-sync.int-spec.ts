import { randomUUID } from 'node:crypto';
import { groupStream, userStream } from '@cohort/contracts';
import { FIRST_START_MS, newTenant, sharedService } from '../support/service';
import { fresh } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';
import { listed, named, SyncCaller } from './sync-caller';

let caller: SyncCaller;
beforeAll(async () => {
  const [{ natsUrl, eventStoreUrl }, { id }] = await Promise.all([sharedService(), newTenant()]);
  caller = await SyncCaller.connect(natsUrl, eventStoreUrl, id);
}, FIRST_START_MS);
afterAll(() => caller?.close());

describe('a sync', () => {
  test('makes missing groups, joins others, leaves the rest and applies names', async () => {
    const [u, boss, old, made, there] = [fresh('u'), fresh('boss'), fresh('old'), fresh('made'), fresh('there')];
    await caller.create(old, boss, { members: [u] });
    await caller.create(there, boss);
    await caller.sync(u, [
      { groupId: made, name: 'Made' },
      { groupId: there, name: 'New name' },
    ]);
    expect(await caller.groupsOf(u)).toEqual([`${made}: Made`, `${there}: New name`].sort());
    expect(await caller.members(old)).toEqual([boss]);
    expect(await caller.group(made)).toMatchObject({ owner: u, memberCount: 1 });
    expect(await caller.group(there)).toMatchObject({ owner: boss, memberCount: 2 });
  });

  test('of an empty list leaves all groups: the oldest member succeeds an owner, and a group of one ends', async () => {
    const [u, second, shared, own] = [fresh('u'), fresh('second'), fresh('shared'), fresh('own')];
    await caller.create(shared, u, { members: [second, fresh('third')] });
    await caller.create(own, u);
    await caller.sync(u, []);
    expect(await caller.groupsOf(u)).toEqual([]);
    expect(await caller.group(shared)).toMatchObject({ owner: second, memberCount: 2 });
    expect(await caller.group(own)).toMatchObject({ status: 'dismissed' });
  });

  test('makes groups with the capacity it names', async () => {
    const [u, g] = [fresh('u'), fresh('g')];
    await caller.sync(u, named(g), { capacity: 7 });
    expect(await caller.group(g)).toMatchObject({ capacity: 7 });
  });

  test('skips dismissed, disabled and full groups and those that block the user, finishes the rest and records the skipped ones', async () => {
    const [u, boss, good] = [fresh('u'), fresh('boss'), fresh('good')];
    const [dismissed, disabled, full, blocking] = [
      fresh('dismissed'),
      fresh('disabled'),
      fresh('full'),
      fresh('blocks'),
    ];
    await caller.create(dismissed, boss);
    await caller.tenant.run('dismiss', { groupId: dismissed });
    await caller.create(disabled, boss);
    await caller.tenant.run('disable', { groupId: disabled });
    await caller.create(full, boss, { capacity: 1 });
    await caller.create(blocking, boss);
    await caller.tenant.run('block', { groupId: blocking, userIds: [u] });
    const { sync: number } = await caller.sync(u, named(dismissed, disabled, full, blocking, good));
    expect(await caller.groupsOf(u)).toEqual(listed(named(good)));
    const [last] = (await caller.completionsOf(u)).slice(-1);
    expect({ ...last, skipped: [...(last?.skipped ?? [])].sort() }).toEqual({
      sync: number,
      position: expect.stringMatching(/^\d+$/) as string,
      skipped: [dismissed, disabled, full, blocking].sort(),
    });
  });

  test('of more groups than a page holds is completed', async () => {
    const u = fresh('u');
    const groups = named(...Array.from({ length: 1_010 }, (_, i) => `${u}/${i}`));
    await caller.sync(u, groups);
    expect(await caller.groupsOf(u)).toEqual(listed(groups));
    await caller.sync(u, groups.slice(1_000));
    expect(await caller.groupsOf(u)).toEqual(listed(groups.slice(1_000)));
  });

  test('is refused to users, and at another revision than the caller expects', async () => {
    const u = fresh('u');
    await expect(caller.request(u, [], { actor: { type: 'user', id: u } })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    });
    await expect(caller.request(u, [], { expectedRevision: '3' })).rejects.toMatchObject({
      code: 'CONCURRENCY_CONFLICT',
      details: { expected: '3', actual: null },
    });
  });
});

describe('a repeated sync', () => {
  test('writes nothing while its list still holds, skipped groups included', async () => {
    const [u, a, b, gone] = [fresh('u'), fresh('a'), fresh('b'), fresh('gone')];
    await caller.create(gone, fresh('boss'));
    await caller.tenant.run('dismiss', { groupId: gone });
    const first = await caller.sync(u, named(a, b, gone));
    const before = await caller.eventsOf(userStream(caller.tenant.app, u));
    const again = await caller.sync(u, named(gone, b, a));
    expect(again.sync).toBe(first.sync);
    expect(await caller.eventsOf(userStream(caller.tenant.app, u))).toEqual(before);
    expect(await caller.typesOf(groupStream(caller.tenant.app, a))).toEqual(['created']);
  });

  test('is answered at once, and its position reached, behind many events of another application', async () => {
    const [u, a] = [fresh('u'), fresh('a')];
    const first = await caller.sync(u, named(a));
    const notes = Array.from({ length: 1_000 }, () => ({ id: randomUUID(), type: 'noted', data: {}, metadata: {} }));
    for (let i = 0; i < 10; i++) {
      await caller.store.append(fresh('orders-'), notes.slice(0, i < 5 ? 1_000 : 100), 'none');
      const again = await caller.request(u, named(a));
      expect(again.sync).toBe(first.sync);
      const { groups } = await caller.tenant.query('userGroups', { userId: u, after: again.position, limit: 10 });
      expect(groups.map(({ groupId }) => groupId)).toEqual([a]);
    }
  });

  test('is written when the groups were changed meanwhile', async () => {
    const [u, a, boss] = [fresh('u'), fresh('a'), fresh('boss')];
    await caller.create(a, boss);
    const first = await caller.sync(u, named(a));
    await caller.tenant.run('kick', { groupId: a, userIds: [u] });
    const second = await caller.sync(u, named(a));
    expect(second.sync).toBeGreaterThan(first.sync);
    expect(await caller.members(a)).toEqual([boss, u]);
  });

  test('with the same command id gets its first answer, also after newer syncs and truncation', async () => {
    const [u, a, b] = [fresh('u'), fresh('a'), fresh('b')];
    for (const groupId of [a, b]) await caller.create(groupId, fresh('boss'));
    const commandId = randomUUID();
    const first = await caller.sync(u, named(a), { commandId });
    await caller.sync(u, named(b));
    await caller.sync(u, named(a, b));
    // Truncation follows completion.
    await waitFor(
      async () => (await caller.typesOf(userStream(caller.tenant.app, u))).join() === 'syncRequested,syncCompleted',
    );
    expect(await caller.request(u, named(a), { commandId })).toEqual(first);
    await expect(caller.request(u, named(b), { commandId })).rejects.toMatchObject({ code: 'COMMAND_ID_REUSED' });
    expect(await caller.groupsOf(u)).toEqual(listed(named(a, b)));
  });

  test('with a command id older than the remembered ones has expired', async () => {
    const [u, a, b] = [fresh('u'), fresh('a'), fresh('b')];
    const early = '01800000-0000-7000-8000-000000000000';
    await caller.sync(u, named(a));
    // The service remembers 100 commands, so the first of 101 is forgotten.
    for (let i = 0; i < 101; i++) await caller.request(u, named(i % 2 === 0 ? b : a));
    await expect(caller.request(u, named(a), { commandId: early })).rejects.toMatchObject({ code: 'COMMAND_EXPIRED' });
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
          return { wanted, answer: await caller.request(u, wanted) };
        }),
      ),
    );
    for (const u of users) {
      const ofUser = answers.filter(({ answer }) => answer.userId === u);
      const last = ofUser.reduce((a, b) => (a.answer.sync > b.answer.sync ? a : b));
      await caller.completed(last.answer);
      const ended = new Set<string>((await caller.completionsOf(u)).at(-1)?.skipped ?? []);
      expect(await caller.groupsOf(u)).toEqual(listed(last.wanted.filter(({ groupId }) => !ended.has(groupId))));
    }
  });

  test('when a hundred are requested at the same time for one user, each with a number of its own', async () => {
    const u = fresh('u');
    const groups = Array.from({ length: 7 }, () => fresh('g'));
    for (const groupId of groups) await caller.create(groupId, fresh('boss'));
    // No two are equal: a sync whose list the newest sync has already is not written.
    const lists = Array.from({ length: 100 }, (_, i) => named(...groups.filter((_, bit) => (i >> bit) & 1)));
    const answers = await Promise.all(
      lists.map(async (wanted) => ({ wanted, answer: await caller.request(u, wanted) })),
    );
    expect(new Set(answers.map(({ answer }) => answer.sync)).size).toBe(100);
    const last = answers.reduce((x, y) => (x.answer.sync > y.answer.sync ? x : y));
    await caller.completed(last.answer);
    expect(await caller.groupsOf(u)).toEqual(listed(last.wanted));
  });

  test('when a late worker changes groups for an older sync', async () => {
    const [u, boss, a, b] = [fresh('u'), fresh('boss'), fresh('a'), fresh('b')];
    await caller.create(a, boss);
    await caller.create(b, boss);
    const older = await caller.sync(u, named(b));
    await caller.sync(u, [{ groupId: a, name: 'Newest' }]);

    const late = { userIds: [u], sync: older.sync };
    await caller.tenant.run('leaveMany', { ...late, groupId: a, ownerPolicy: 'oldestMember' });
    await caller.tenant.run('createOrJoin', { ...late, groupId: b, name: `of ${b}`, rename: true });
    await waitFor(async () => (await caller.groupsOf(u)).join() === `${a}: Newest`);

    await caller.tenant.run('createOrJoin', { ...late, groupId: a, name: 'Older', rename: true });
    await waitFor(
      async () =>
        (await caller.typesOf(groupStream(caller.tenant.app, a))).filter((type) => type === 'infoChanged').length === 3,
    );
    await waitFor(async () => (await caller.groupsOf(u)).join() === `${a}: Newest`);
  });

  test('until others change the groups after it', async () => {
    const [u, boss, a] = [fresh('u'), fresh('boss'), fresh('a')];
    await caller.create(a, boss);
    await caller.sync(u, named(a));
    await caller.tenant.run('kick', { groupId: a, userIds: [u] });
    // Another sync has gone all the way through the worker meanwhile.
    await caller.sync(fresh('u'), named(a));
    expect(await caller.groupsOf(u)).toEqual([]);
  });
});
