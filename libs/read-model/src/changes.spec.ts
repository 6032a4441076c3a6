import fc from 'fast-check';
import type { QueryAnswers } from '@cohort/contracts';
import { infoChanged, created, dismissed, adminGranted, joined, kicked, left } from '@cohort/contracts/testing';
import type { ReadModel } from './read-model';
import { FOUNDER, histories, USERS } from './testing/histories';
import { applyAll, discard, Log, openModel, STORE } from './testing/log';
import { testModels } from './testing/models';
import { refused } from './testing/refused';

const { file, newModel, modelOf } = testModels();
const app = 'demo';

const basisOf = (model: ReadModel): string => model.queries.userGroups({ app, userId: 'anyone' }).basis;
const members = (model: ReadModel, sinceRevision: string, more: object = {}): QueryAnswers['members'] =>
  model.queries.members({ app, groupId: 'g', sinceRevision, basis: basisOf(model), ...more });
const userGroups = (model: ReadModel, userId: string, sincePosition: string, more: object = {}) =>
  model.queries.userGroups({ app, userId, sincePosition, basis: basisOf(model), ...more });

describe('members since a revision', () => {
  const log = new Log();
  log.group('g', created('ann'), joined('add', 4, 'bob', 'cid', 'dot')); // 0, 1
  log.group('g', left(3, 'bob')); // 2
  log.group('g', adminGranted('dot')); // 3
  log.group('g', joined('add', 4, 'eve')); // 4
  log.group('g', kicked(3, 'cid'), joined('add', 4, 'cid')); // 5, 6
  log.group('g', infoChanged({ name: 'Marketing' })); // 7

  it('returns each changed member once, in the order of the last change, and names removed users', async () => {
    const model = await modelOf(log);
    const names = ({ members: found, ...answer }: QueryAnswers['members']) => ({
      ...answer,
      members: found.map(({ userId, role }) => `${userId} ${role}`),
    });
    const rest = { total: 4, revision: '7', full: false, more: false, basis: basisOf(model) };
    expect(names(members(model, '0'))).toEqual({
      ...rest,
      members: ['dot admin', 'eve member', 'cid member'],
      removed: ['bob'],
    });
    expect(names(members(model, '2'))).toEqual({
      ...rest,
      members: ['dot admin', 'eve member', 'cid member'],
      removed: [],
    });
    expect(names(members(model, '3'))).toEqual({ ...rest, members: ['eve member', 'cid member'], removed: [] });
    expect(names(members(model, '5'))).toEqual({ ...rest, members: ['cid member'], removed: [] });
    expect(names(members(model, '7'))).toEqual({ ...rest, members: [], removed: [] });
  });

  it('returns pages that end where an event ends, and the next page continues after it', async () => {
    const model = await modelOf(log);
    const pages: unknown[] = [];
    for (let since = '0', more = true; more;) {
      const page = members(model, since, { limit: 1 });
      pages.push([page.members.map(({ userId }) => userId), page.removed, page.revision]);
      since = page.revision;
      more = page.more!;
    }
    expect(pages).toEqual([
      [[], ['bob'], '2'],
      [['dot'], [], '3'],
      [['eve'], [], '4'],
      [['cid'], [], '7'],
    ]);
  });

  it('returns an event whole if it changed more members than a page holds', async () => {
    const users = Array.from({ length: 500 }, (_, i) => `u${i}`);
    const large = new Log();
    large.group('g', created('ann'), joined('add', 501, ...users), joined('add', 502, 'bob'));
    const model = await modelOf(large);
    const first = members(model, '0', { limit: 10 });
    expect([first.members.length, first.revision, first.more]).toEqual([500, '1', true]);
    const second = members(model, '1', { limit: 10 });
    expect([second.members.length, second.revision, second.more]).toEqual([1, '2', false]);
  });

  it('returns the whole list for a revision before the group’s log, which has an event per member and at least 1,000', async () => {
    const busy = new Log();
    const crowd = Array.from({ length: 1_499 }, (_, i) => `u${i}`);
    busy.group('g', created('ann'), ...[0, 500, 1_000].map((i) => joined('add', i + 501, ...crowd.slice(i, i + 500)))); // 0 to 3
    for (let i = 0; i < 1_000; i++) busy.group('g', left(1_499, 'u0'), joined('add', 1_500, 'u0')); // 4 to 2003
    const model = await modelOf(busy);
    // The last removal was at 2002, with 1,499 members after it.
    const known = (revision: number) => !members(model, String(revision)).full;
    expect([known(502), known(503), known(2_003)]).toEqual([false, true, true]);
    const { full, members: first, cursor, revision } = members(model, '502', { limit: 100 });
    expect([full, first.length, cursor !== undefined, revision]).toEqual([true, 100, true, '2003']);
    expect(first[0]!.userId).toBe('ann');

    // A smaller group keeps fewer changes.
    for (let i = 500; i < 1_499; i++) busy.group('g', left(1_499 + 500 - i, crowd[i]!));
    await applyAll(model, busy);
    const last = 2_003 + 999;
    expect([known(last - 1_001), known(last - 1_000)]).toEqual([false, true]);
    const rows = [...model.dump()].filter((line) => line.startsWith('left_members'));
    expect(rows.length).toBeLessThanOrEqual(1_000);
  });

  it('is GROUP_DISMISSED for a dismissed group', async () => {
    const over = new Log();
    over.group('g', created('ann'));
    over.group('g', dismissed());
    const model = await modelOf(over);
    expect(refused(() => members(model, '0'))?.code).toBe('GROUP_DISMISSED');
  });
});

describe('userGroups since a position', () => {
  it('returns each group once that the user joined or left or that changed', async () => {
    const log = new Log();
    for (const id of ['stays', 'quiet', 'leaves', 'returns', 'ends'])
      log.group(id, created('ann', { name: id }), joined('add', 2, 'bob'));
    const since = log.head;
    log.group('leaves', left(1, 'bob'));
    log.group('returns', kicked(1, 'bob'));
    log.group('ends', infoChanged({ name: 'Soon over' }));
    log.group('ends', dismissed());
    log.group('stays', infoChanged({ name: 'Renamed' }));
    log.group('returns', joined('add', 2, 'bob'));
    log.group('new', created('bob', { name: 'New' }));
    log.group('of others', created('ann'));
    const model = await modelOf(log);
    const { groups, ...rest } = userGroups(model, 'bob', since);
    expect(groups.map(({ groupId, name, role }) => [groupId, name, role])).toEqual([
      ['stays', 'Renamed', 'member'],
      ['returns', 'returns', 'member'],
      ['new', 'New', 'owner'],
    ]);
    expect(rest).toEqual({
      removed: ['leaves', 'ends'],
      total: 4,
      position: log.head,
      full: false,
      more: false,
      basis: basisOf(model),
    });
    // A page's position is that of its last change, after which the next page begins.
    const first = userGroups(model, 'bob', since, { limit: 3 });
    const second = userGroups(model, 'bob', first.position);
    expect([first.removed, first.groups.map(({ groupId }) => groupId), first.more]).toEqual([
      ['leaves', 'ends'],
      ['stays'],
      true,
    ]);
    expect([second.removed, second.groups.map(({ groupId }) => groupId)]).toEqual([[], ['returns', 'new']]);
  });

  it('returns the whole list if a left group no longer has the removal in its log', async () => {
    const log = new Log();
    log.group('g', created('ann'), joined('add', 3, 'bob', 'cid'));
    const before = log.head;
    const [leaving] = log.group('g', left(2, 'bob'));
    log.group(
      'g',
      ...Array.from({ length: 3 }, () => infoChanged({ name: 'x' })),
      left(1, 'cid'),
      joined('add', 2, 'cid'),
    );
    const model = await modelOf(log, { keptChanges: 3 });
    expect(userGroups(model, 'bob', before)).toMatchObject({ full: true, groups: [], position: log.head });
    expect(userGroups(model, 'bob', leaving!.position)).toMatchObject({ full: false, groups: [], removed: [] });
    expect(userGroups(model, 'cid', before)).toMatchObject({ full: false, removed: [] });
  });

  it('is exact for positions larger than JavaScript’s exact numbers', async () => {
    const log = new Log();
    log.group('g', created('ann'), joined('add', 2, 'bob'));
    log.group('h', created('ann'), joined('add', 2, 'bob'));
    log.group('g', left(1, 'bob'));
    const far = log.events.map((event, i) => ({ ...event, position: String(2n ** 62n + BigInt(i)) }));
    const model = newModel();
    await model.applyBatch(far, far.at(-1)!.position);
    const at = (i: number) => far[i]!.position;
    expect(userGroups(model, 'bob', at(2), { limit: 1 })).toMatchObject({ position: at(3), more: true, removed: [] });
    expect(userGroups(model, 'bob', at(3))).toMatchObject({ position: at(4), groups: [], removed: ['g'] });
    expect(userGroups(model, 'bob', at(4))).toMatchObject({ position: at(4), groups: [], removed: [] });
  });
});

describe('a copy of a list', () => {
  const log = new Log();
  log.group('g', created('ann'), joined('add', 3, 'bob', 'cid'));

  it('of another event store gets the whole list', async () => {
    const model = await modelOf(log);
    const foreign = { basis: basisOf(model).replace(STORE, '22222222-2222-4222-8222-222222222222') };
    expect(members(model, '1', foreign)).toMatchObject({ full: true, total: 3 });
    // Its revision and position mean nothing here, however high they are.
    expect(members(model, '7000', foreign)).toMatchObject({ full: true, revision: '1' });
    expect(userGroups(model, 'bob', '99999999999999999999', foreign)).toMatchObject({ full: true, position: log.head });
  });

  it('from a node that skipped events gets the whole list from a node that skipped none', async () => {
    const older = await modelOf(log);
    const basis = basisOf(older);
    const odd = new Log();
    odd.group('g', created('ann'), joined('add', 3, 'bob', 'cid'));
    odd.append('group-demo/g', [{ type: 'frozen', data: {} }]);
    odd.group('g', joined('add', 4, 'dot'));
    const skipping = await modelOf(odd);
    expect(basisOf(skipping)).not.toBe(basis);
    expect(basisOf(await modelOf(odd))).toBe(basisOf(skipping));
    expect(members(older, '1', { basis: basisOf(skipping) }).full).toBe(true);
  });

  it('that is ahead of the node is READ_MODEL_BEHIND, and gets its changes once the node has caught up', async () => {
    const newer = new Log();
    newer.group('g', created('ann'), joined('add', 3, 'bob', 'cid'));
    const model = await modelOf(newer);
    const cursor = members(await modelOf(newer), '0', { basis: 'none', limit: 1 }).cursor!;
    const [joining] = newer.group('g', joined('add', 4, 'dot'));
    expect(refused(() => members(model, '2'))).toMatchObject({
      code: 'READ_MODEL_BEHIND',
      details: { groupId: 'g', revision: '2' },
    });
    expect(refused(() => userGroups(model, 'dot', joining!.position))).toMatchObject({
      code: 'READ_MODEL_BEHIND',
      details: { position: '200', after: '300' },
    });
    await expect(model.answer(() => members(model, '2'), 20)).rejects.toMatchObject({ code: 'READ_MODEL_BEHIND' });

    // A cursor may come from a node that is ahead, too.
    const empty = newModel();
    const waiting = Promise.all([
      model.answer(() => members(model, '2'), 60_000),
      model.answer(() => userGroups(model, 'dot', '300'), 60_000),
      empty.answer((queries) => queries.members({ app, groupId: 'g', cursor }), 60_000),
    ]);
    await applyAll(model, newer);
    await applyAll(empty, newer);
    expect(await waiting).toMatchObject([
      { full: false, members: [], revision: '2' },
      { full: false, groups: [], position: '300' },
      { full: true, members: [{ userId: 'bob' }, { userId: 'cid' }, { userId: 'dot' }], revision: '1' },
    ]);
    expect(model.waiting).toBe(0);
  });

  it('that is ahead of the node is READ_MODEL_BEHIND immediately when the process stops', async () => {
    const model = await modelOf(log);
    const waiting = model.answer(() => members(model, '9'), 60_000);
    model.stopWaiting();
    await expect(waiting).rejects.toMatchObject({ code: 'READ_MODEL_BEHIND' });
  });
});

describe('two nodes', () => {
  it('return the same answers, in whatever batches they applied the log', async () => {
    const groups = ['g', 'h'];
    const keptChanges = 1;
    const batches = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(histories(groups), batches, async ({ log }, sizes) => {
        const names = [file('steady.db'), file('other.db')] as const;
        const [steady, other] = names.map((name) => openModel(name, { keptChanges })) as [ReadModel, ReadModel];
        try {
          for (const event of log.events) await steady.applyBatch([event], event.position);
          for (let at = 0, i = 0; at < log.events.length; i++) {
            const part = log.events.slice(at, (at += sizes[i % sizes.length]!));
            await other.applyBatch(part, part.at(-1)!.position);
          }
          const answers = (model: ReadModel) => {
            const asked = [
              ...log.events.flatMap(({ position }) =>
                [FOUNDER, ...USERS].map((user) => () => userGroups(model, user, position, { limit: 3 })),
              ),
              ...groups.flatMap((groupId) =>
                Array.from({ length: 40 }, (_, since) => () => members(model, String(since), { groupId, limit: 3 })),
              ),
            ];
            return asked.map((ask) => refused(ask) ?? ask());
          };
          expect(answers(other)).toEqual(answers(steady));
          expect([...other.dump()]).toEqual([...steady.dump()]);
        } finally {
          await discard([steady, names[0]], [other, names[1]]);
        }
      }),
      { numRuns: 30 },
    );
  }, 300_000);
});
