import { created, joined, left } from '@cohort/contracts/testing';
import type { Connection } from './database';
import type { ReadModel } from './read-model';
import { applyAll, Log } from './testing/log';
import { testModels } from './testing/models';

const { newModel, close } = testModels();
const app = 'demo';
const group = (model: ReadModel, groupId = 'g') => model.queries.group({ app, groupId });
const roles = (model: ReadModel, groupId = 'g') =>
  model.queries.members({ app, groupId, limit: 1_000 }).members.map(({ userId, role }) => `${userId} ${role}`);
const isMember = (model: ReadModel, userId: string) => model.queries.isMember({ app, groupId: 'g', userId });

describe('transactions', () => {
  const log = new Log();
  log.group('g', created('u1'), joined('add', 2, 'u2'), joined('add', 3, 'u3'));
  log.group('g', left(2, 'u2'));

  it('end where an append ends, so that no query sees half of one', async () => {
    const model = newModel();
    await model.applyBatch(log.events.slice(0, 2), log.events[1]!.position);
    expect(() => group(model)).toThrow(expect.objectContaining({ code: 'GROUP_NOT_FOUND' }) as Error);
    expect(model.applied.current).toBe('0');
    await model.applyBatch(log.events.slice(2, 3), log.events[2]!.position);
    expect(roles(model)).toEqual(['u1 owner', 'u2 member', 'u3 member']);
    expect(model.applied.current).toBe('300');
  });

  it('contain a large append as a whole, and let queries run between them', async () => {
    const model = newModel();
    const large = new Log();
    const users = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `u${from + i}`);
    large.group(
      'g',
      created('u0'),
      ...Array.from({ length: 6 }, (_, i) =>
        joined('add', 1 + (i + 1) * 500, ...users(1 + i * 500, 1 + (i + 1) * 500)),
      ),
    );
    for (let i = 1; i < 5; i++) large.group(`h${i}`, created('u0'), joined('add', 501, ...users(1, 501)));
    const seen: (number | undefined)[] = [];
    let applying = true;
    const watch = () => {
      seen.push(model.groups.find('demo', 'g') !== undefined ? group(model).memberCount : undefined);
      if (applying) setImmediate(watch);
    };
    setImmediate(watch);
    await applyAll(model, large);
    applying = false;
    expect(new Set(seen)).toEqual(new Set([3_001]));
    expect(seen.length).toBeGreaterThan(0);
  });

  it('store the position and the last event’s id with the rows', async () => {
    let model = newModel({}, 'stored.db');
    await applyAll(model, log);
    const { position, id: eventId, stream, revision } = log.events[3]!;
    close(model);
    model = newModel({}, 'stored.db');
    expect(model.applied.current).toBe('400');
    expect(model.anchors()).toEqual([{ category: 'group', stream, revision, position, eventId }]);
  });

  it('ignore events at or before the stored position', async () => {
    const model = newModel();
    await applyAll(model, log);
    const before = [...model.dump()];
    await applyAll(model, log);
    await model.applyBatch(log.events.slice(1, 2), log.events[1]!.position);
    expect([...model.dump()]).toEqual(before);
  });

  it('store the position up to which the log was seen, also without events there', async () => {
    let model = newModel({}, 'further.db');
    await model.applyBatch(log.events, '5000');
    await model.applyBatch([], '6000');
    expect(model.applied.current).toBe('6000');
    close(model);
    model = newModel({}, 'further.db');
    expect(model.applied.current).toBe('6000');
  });

  it('store no position beyond an append whose end is missing', async () => {
    const model = newModel();
    await model.applyBatch(log.events.slice(0, 2), '900');
    expect(model.applied.current).toBe('0');
  });
});

describe('an event whose handler throws', () => {
  /** An append of three, the second of which can't be applied. */
  const brokenLog = (broken: { type: string; data: unknown }): Log => {
    const log = new Log();
    log.group('g', created('u1'));
    log.append('group-demo/g', [joined('add', 2, 'u2'), broken, joined('add', 3, 'u3')]);
    log.group('h', created('u9'));
    return log;
  };

  it.each([
    ['without its members', { type: 'memberJoined', data: { memberCount: 2, via: 'add' } }],
    ['without its count', { type: 'memberJoined', data: { members: [{ userId: 'x' }], via: 'add' } }],
    [
      'with a member that is no text',
      { type: 'memberJoined', data: { members: [{ userId: 'y' }, {}], memberCount: 9 } },
    ],
    ['with a name that is no text', { type: 'infoChanged', data: { name: { a: 1 } } }],
    ['with no data', { type: 'memberLeft', data: null }],
  ])('(%s) is rolled back alone, recorded and counted, and makes the node degraded', async (_what, broken) => {
    const model = newModel();
    const counts: number[] = [];
    model.onCommit((_position, applied) => counts.push(applied.events, applied.failed, applied.skipped));
    await applyAll(model, brokenLog(broken));
    expect(roles(model)).toEqual(['u1 owner', 'u2 member', 'u3 member']);
    expect(group(model)).toMatchObject({ name: 'Sales', memberCount: 3, revision: '3' });
    expect(roles(model, 'h')).toEqual(['u9 owner']);
    expect(counts).toEqual([5, 1, 0]);
    expect(model.degraded()).toEqual([
      '1 event(s) could not be applied, the first at position 300; see the table failed_events, and "Streams" in docs/operations.md.',
    ]);
    const recorded = [...model.dump()].filter((line) => line.startsWith('failed_events'));
    expect(recorded).toEqual([
      expect.stringMatching(/"position":"300","stream":"group-demo\/g","revision":2,.*"error":"."?/),
    ]);
  });

  it('leaves no trace in the cache of memberships', async () => {
    const model = newModel();
    const log = brokenLog({ type: 'memberJoined', data: { members: [{ userId: 'x' }], via: 'add' } });
    await model.applyBatch(log.events.slice(0, 1), '100');
    expect(isMember(model, 'x')).toEqual({ isMember: false });
    expect(isMember(model, 'u2')).toEqual({ isMember: false });
    await model.applyBatch(log.events.slice(1), '500');
    expect(isMember(model, 'x')).toEqual({ isMember: false });
    expect(isMember(model, 'u2')).toEqual({ isMember: true, role: 'member' });
  });

  it('is recorded as failed if its group has no `created` event or if it has no time', async () => {
    const model = newModel();
    const log = new Log();
    log.group('nobody', joined('add', 2, 'u2'));
    log.append('group-demo/timeless', [created('u1')], { at: 'yesterday' });
    await applyAll(model, log);
    expect(model.degraded()).toEqual([
      '2 event(s) could not be applied, the first at position 100; see the table failed_events, and "Streams" in docs/operations.md.',
    ]);
    expect(model.queries.groups({ app, groupIds: ['nobody', 'timeless'] }).groups).toEqual([]);
  });

  it('is rolled back alone also among many that fail, in any order', async () => {
    const model = newModel();
    const log = new Log();
    for (let i = 0; i < 20; i++) {
      log.group(`g${i}`, created('u1'));
      log.append(`group-demo/g${i}`, [i % 3 === 0 ? { type: 'memberJoined', data: {} } : joined('add', 2, 'u2')]);
    }
    await applyAll(model, log);
    for (let i = 0; i < 20; i++) expect(group(model, `g${i}`).memberCount).toBe(i % 3 === 0 ? 1 : 2);
  });
});

describe('a stream of another service whose name begins like a group’s or a user’s', () => {
  it('is ignored', async () => {
    const model = newModel();
    const log = new Log();
    log.append('group-photo', [created('u1')]);
    log.append('user-list', [{ type: 'syncRequested', data: {} }]);
    await applyAll(model, log);
    expect(model.degraded()).toEqual([]);
    expect(model.applied.current).toBe('200');
  });
});

describe('a full disk', () => {
  it('makes the batch reject with SQLITE_FULL, and nothing of the transaction is stored', async () => {
    const model = newModel();
    const log = new Log();
    log.group('g', created('u1'));
    await applyAll(model, log);
    const before = [...model.dump()];
    // SQLite's own limit: its answer is the one of a full disk.
    (Reflect.get(model, 'writer') as Connection).pragma('max_page_count = 20');
    const users = Array.from({ length: 500 }, (_, i) => `${i}`.padEnd(64, 'x'));
    for (let i = 0; i < 40; i++)
      log.group('g', joined('add', 500 * (i + 1), ...users.map((user) => `${i}${user}`.slice(0, 64))));
    await expect(applyAll(model, log)).rejects.toMatchObject({ code: 'SQLITE_FULL' });
    expect([...model.dump()].filter((line) => line.startsWith('failed_events'))).toEqual([]);
    expect(group(model).memberCount).toBe(roles(model).length);
    expect(before.length).toBeGreaterThan(0);
  });
});
