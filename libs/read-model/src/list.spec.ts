import { created, dismissed, infoChanged, joined, left } from '@cohort/contracts/testing';
import { MAX_ANSWER_BYTES } from './pages';
import { applyAll, Log } from './testing/log';
import { testModels } from './testing/models';
import { refused } from './testing/refused';
import { time } from './testing/three-groups';

const { modelOf } = testModels();
const app = 'demo';
const code = (ask: () => unknown) => refused(ask)?.code;

describe('pages', () => {
  const users = Array.from({ length: 25 }, (_, i) => `u${String(i).padStart(2, '0')}`);
  const pages = <P extends { cursor?: string }>(ask: (cursor?: string) => P, between?: () => void): P[] => {
    const all = [ask()];
    for (let cursor = all[0]!.cursor; cursor !== undefined; cursor = all.at(-1)!.cursor) {
      between?.();
      all.push(ask(cursor));
    }
    return all;
  };
  const given = (cursor?: string) => (cursor === undefined ? {} : { cursor });

  it('of members contain each member once, in order, and the last has no cursor', async () => {
    const log = new Log();
    log.group('g', created('owner'), joined('add', 26, ...users));
    const { queries } = await modelOf(log);
    for (const limit of [1, 5, 13, 25, 26, 27]) {
      const all = pages((cursor) => queries.members({ app, groupId: 'g', limit, ...given(cursor) }));
      expect(all.flatMap(({ members }) => members.map(({ userId }) => userId))).toEqual(['owner', ...users]);
      expect(all).toHaveLength(Math.ceil(26 / limit));
    }
  });

  it('of members contain each member that stays exactly once while others join and leave, and have the first page’s revision', async () => {
    const log = new Log();
    log.group('g', created('owner'), joined('add', 26, ...users));
    const model = await modelOf(log);
    const { queries } = model;
    let cursor: string | undefined;
    const seen: string[] = [];
    const revisions = new Set<string>();
    let members = 26;
    for (let i = 0; ; i++) {
      const page = queries.members({ app, groupId: 'g', limit: 4, ...given(cursor) });
      seen.push(...page.members.map(({ userId }) => userId));
      revisions.add(page.revision);
      cursor = page.cursor;
      if (cursor === undefined) break;
      // A member of an earlier page leaves and joins again, at the end. A member of a later page leaves.
      const [earlier, later] = [users[i]!, users[24 - i]!];
      if (i >= 4) continue;
      members -= 1;
      log.group('g', left(members - 1, earlier, later));
      await applyAll(model, { events: log.group('g', joined('add', members, earlier)) });
      await applyAll(model, log);
    }
    const stayed = users.slice(4, 21);
    expect(seen.filter((user) => stayed.includes(user))).toEqual(stayed);
    expect([...revisions]).toEqual(['1']);
  });

  it('of members end with GROUP_DISMISSED if the group is dismissed meanwhile', async () => {
    const log = new Log();
    log.group('g', created('owner'), joined('add', 26, ...users));
    const model = await modelOf(log);
    const { cursor } = model.queries.members({ app, groupId: 'g', limit: 5 });
    await applyAll(model, { events: log.group('g', dismissed()) });
    expect(code(() => model.queries.members({ app, groupId: 'g', cursor: cursor! }))).toBe('GROUP_DISMISSED');
  });

  it('of a tenant’s and of a user’s groups can be read by cursor and by number, and contain each group once', async () => {
    const log = new Log();
    // Several in one append: joined in the same millisecond.
    for (const id of users) log.group(`${id} a`, created('ann'));
    log.append('group-demo/same 1', [created('ann')], { at: time(30) });
    log.append('group-demo/same 2', [created('ann')], { at: time(30) });
    log.append('group-demo/same 3', [created('ann')], { at: time(30) });
    const { queries } = await modelOf(log);
    const expected = ['same 3', 'same 2', 'same 1', ...users.map((id) => `${id} a`).reverse()];
    for (const limit of [1, 4, 28, 100]) {
      const ofApp = pages((cursor) => queries.appGroups({ app, limit, ...given(cursor) }));
      expect(ofApp.flatMap(({ groups }) => groups.map(({ groupId }) => groupId))).toEqual(expected);
      const ofUser = pages((cursor) => queries.userGroups({ app, userId: 'ann', limit, ...given(cursor) }));
      expect(ofUser.flatMap(({ groups }) => groups.map(({ groupId }) => groupId))).toEqual(expected);
      expect(new Set(ofUser.map(({ total }) => total))).toEqual(new Set([28]));
    }
    const numbered = [0, 1, 2, 3].map((page) => queries.userGroups({ app, userId: 'ann', limit: 10, page }));
    expect(numbered.flatMap(({ groups }) => groups.map(({ groupId }) => groupId))).toEqual(expected);
    expect(numbered.map(({ groups }) => groups.length)).toEqual([10, 10, 8, 0]);
  });

  it('of groups still contain each other group once if a group is dismissed while they are read', async () => {
    const log = new Log();
    for (const id of users) log.group(id, created('ann'));
    const model = await modelOf(log);
    const first = model.queries.appGroups({ app, limit: 10 });
    await applyAll(model, { events: log.group(first.groups[9]!.groupId, dismissed()) });
    const second = model.queries.appGroups({ app, limit: 100, cursor: first.cursor! });
    expect(second.groups.map(({ groupId }) => groupId)).toEqual(users.slice(0, 15).reverse());
  });

  it('reject the cursor of another list, group, role, user, tenant or store', async () => {
    const log = new Log();
    log.group('g', created('u00'), joined('add', 3, 'u01', 'u02'));
    log.group('h', created('u00'), joined('add', 3, 'u01', 'u02'));
    const { queries } = await modelOf(log);
    const { cursor } = queries.members({ app, groupId: 'g', limit: 1 });
    const asks = [
      () => queries.members({ app, groupId: 'h', cursor: cursor! }),
      () => queries.members({ app, groupId: 'g', role: 'member', cursor: cursor! }),
      () => queries.appGroups({ app, cursor: cursor! }),
      () => queries.userGroups({ app, userId: 'u00', cursor: cursor! }),
      () => queries.members({ app, groupId: 'g', cursor: 'AAAA' }),
    ];
    expect(asks.map(code)).toEqual(asks.map(() => 'CURSOR_INVALID'));
    const foreign = await modelOf(log, { store: '22222222-2222-4222-8222-222222222222' });
    expect(refused(() => foreign.queries.members({ app, groupId: 'g', cursor: cursor! }))).toMatchObject({
      code: 'CURSOR_INVALID',
      message: 'cursor belongs to another event store: begin at the first page.',
    });
  });

  it('end early, with a cursor, where they would not fit into an answer', async () => {
    const log = new Log();
    const ext = '\u0001"é'.repeat(5_000);
    for (let i = 0; i < 30; i++) log.group(`g${i}`, created('ann'), infoChanged({ ext }));
    const { queries } = await modelOf(log);
    const all = pages((cursor) => queries.appGroups({ app, ...given(cursor) }));
    expect(all.length).toBeGreaterThan(1);
    for (const page of all) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(MAX_ANSWER_BYTES + 2_048);
    expect(all.flatMap(({ groups }) => groups)).toHaveLength(30);
  });

  it('of changes have every change, whether an answer is full with few large entries or has many small ones', async () => {
    for (const ext of ['x'.repeat(16_384), '']) {
      const log = new Log();
      const ids = Array.from({ length: 120 }, (_, i) => `g${i}`);
      for (const id of ids) log.group(id, created('ann', { ext }));
      const { queries } = await modelOf(log);
      const { basis } = queries.userGroups({ app, userId: 'ann', limit: 1 });
      const seen: string[] = [];
      for (let since = '0', more: boolean | undefined = true; more === true;) {
        const part = queries.userGroups({ app, userId: 'ann', limit: 1_000, sincePosition: since, basis });
        if (part.full) throw new Error('These are no changes.');
        expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(MAX_ANSWER_BYTES + 2_048);
        if (ext !== '') expect(part.groups.length).toBeLessThan(60);
        seen.push(...part.groups.map((group) => group.groupId));
        since = part.position;
        more = part.more;
      }
      expect(seen).toEqual(ids);
    }
  });
});
