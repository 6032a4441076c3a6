import fc from 'fast-check';
import Database from 'libsql';
import type { GroupEvent } from '@cohort/contracts';
import {
  infoChanged,
  created,
  dismissed,
  adminGranted,
  joined,
  kicked,
  left,
  adminRevoked,
  transferred,
} from '@cohort/contracts/testing';
import type { Connection } from './database';
import type { LogEvent } from './log-event';
import type { ReadModel } from './read-model';
import { EVENTS } from './registry';
import { SCHEMA_VERSION } from './tables/schema';
import { FOUNDER, histories, USERS } from './testing/histories';
import { applyAll, discard, Log, openModel, scratch } from './testing/log';
import { olderBuild } from './testing/older-build';

const { file, remove } = scratch();
afterAll(remove);

let count = 0;
const models: ReadModel[] = [];
const newModel = (...settings: Parameters<typeof openModel> extends [string, ...infer R] ? R : never): ReadModel => {
  const model = openModel(file(`${count++}.db`), ...settings);
  models.push(model);
  return model;
};
afterEach(() => models.splice(0).forEach((model) => model.close()));

const group = (model: ReadModel, groupId = 'g') => model.queries.group({ app: 'demo', groupId });
const roles = (model: ReadModel, groupId = 'g') =>
  model.queries.members({ app: 'demo', groupId, limit: 1_000 }).members.map(({ userId, role }) => `${userId} ${role}`);
const lines = (model: ReadModel): string[] => [...model.dump()];
const isMember = (model: ReadModel, userId: string) => model.queries.isMember({ app: 'demo', groupId: 'g', userId });

describe('the events of a group', () => {
  const after = async (...events: GroupEvent[]): Promise<ReadModel> => {
    const log = new Log();
    for (const event of events) log.group('g', event);
    const model = newModel();
    await applyAll(model, log);
    return model;
  };

  it('created: a group, with its owner in it', async () => {
    const model = await after(created('u1'));
    expect(group(model)).toEqual({
      groupId: 'g',
      numericId: '4503599627370496',
      name: 'Sales',
      description: '',
      avatar: '',
      ext: '',
      owner: 'u1',
      capacity: 10,
      memberCount: 1,
      status: 'live',
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
      revision: '0',
    });
    expect(roles(model)).toEqual(['u1 owner']);
  });

  it('infoChanged: what it names, and nothing else', async () => {
    const model = await after(
      created('u1'),
      infoChanged({ description: 'd', ext: 'x' }),
      infoChanged({ name: 'N', ext: '' }),
    );
    expect(group(model)).toMatchObject({ name: 'N', description: 'd', avatar: '', ext: '', revision: '2' });
    expect(group(model).updatedAt).toBe('2026-01-01T00:00:02.000Z');
  });

  it('memberJoined, memberLeft, memberKicked: members in the order they joined, and their count', async () => {
    const model = await after(
      created('u1'),
      joined('add', 4, 'u2', 'u3', 'u4'),
      left(3, 'u3'),
      kicked(2, 'u2'),
      joined('add', 3, 'u3'),
    );
    expect(roles(model)).toEqual(['u1 owner', 'u4 member', 'u3 member']);
    expect(group(model)).toMatchObject({ memberCount: 3, revision: '4' });
  });

  it('ownerTransferred: the old owner stays as a plain member, in his place', async () => {
    const model = await after(created('u1'), joined('add', 2, 'u2'), transferred('u1', 'u2'));
    expect(roles(model)).toEqual(['u1 member', 'u2 owner']);
    expect(group(model).owner).toBe('u2');
  });

  it('ownerTransferred after the owner left: only the new one is there', async () => {
    const model = await after(created('u1'), joined('add', 2, 'u2'), left(1, 'u1'), transferred('u1', 'u2'));
    expect(roles(model)).toEqual(['u2 owner']);
  });

  it('adminGranted, adminRevoked', async () => {
    const model = await after(
      created('u1'),
      joined('add', 3, 'u2', 'u3'),
      adminGranted('u2', 'u3'),
      adminRevoked('u2'),
    );
    expect(roles(model)).toEqual(['u1 owner', 'u2 member', 'u3 admin']);
  });

  it('dismissed: the group keeps its row, and nobody is in it any more', async () => {
    const model = await after(created('u1'), joined('add', 2, 'u2'), dismissed());
    expect(group(model)).toMatchObject({ status: 'dismissed', memberCount: 2, revision: '2' });
    expect(isMember(model, 'u1')).toEqual({ isMember: false });
    expect(model.queries.userGroups({ app: 'demo', userId: 'u1' }).groups).toEqual([]);
    expect(model.queries.joinedCount({ app: 'demo', userId: 'u1' })).toEqual({ count: 0 });
    expect(model.queries.appGroups({ app: 'demo' }).groups).toEqual([]);
    expect(() => roles(model)).toThrow(expect.objectContaining({ code: 'GROUP_DISMISSED' }) as Error);
  });

  it('apps do not see each other', async () => {
    const model = newModel();
    const [one, other] = [new Log('one'), new Log('other')];
    one.group('g', created('u1'));
    other.group('g', created('u2'), joined('add', 2, 'u1'));
    await model.applyBatch([...one.events, ...other.events.map((event) => ({ ...event, position: '900' }))], '900');
    expect(model.queries.isMember({ app: 'one', groupId: 'g', userId: 'u2' })).toEqual({ isMember: false });
    expect(model.queries.userGroups({ app: 'one', userId: 'u1' }).total).toBe(1);
    expect(model.queries.group({ app: 'other', groupId: 'g' }).owner).toBe('u2');
  });
});

describe('transactions', () => {
  const log = new Log();
  log.group('g', created('u1'), joined('add', 2, 'u2'), joined('add', 3, 'u3'));
  log.group('g', left(2, 'u2'));

  it('end at the end of an append: half of one is never seen', async () => {
    const model = newModel();
    await model.applyBatch(log.events.slice(0, 2), log.events[1]!.position);
    expect(() => group(model)).toThrow(expect.objectContaining({ code: 'GROUP_NOT_FOUND' }) as Error);
    expect(model.applied.current).toBe('0');
    await model.applyBatch(log.events.slice(2, 3), log.events[2]!.position);
    expect(roles(model)).toEqual(['u1 owner', 'u2 member', 'u3 member']);
    expect(model.applied.current).toBe('300');
  });

  it('keep an append together that is larger than a transaction, and leave turns to others between transactions', async () => {
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

  it('store the position and the event id with what they applied', async () => {
    const name = file('stored.db');
    let model = openModel(name);
    await applyAll(model, log);
    const { position, id: eventId, stream, revision } = log.events[3]!;
    model.close();
    model = openModel(name);
    expect(model.applied.current).toBe('400');
    expect(model.anchors()).toEqual([{ category: 'group', stream, revision, position, eventId }]);
    model.close();
  });

  it('ignore events at or before the stored position', async () => {
    const model = newModel();
    await applyAll(model, log);
    const before = [...model.dump()];
    await applyAll(model, log);
    await model.applyBatch(log.events.slice(1, 2), log.events[1]!.position);
    expect([...model.dump()]).toEqual(before);
  });

  it('go on to where the log was seen, though nothing matched there', async () => {
    const name = file('further.db');
    let model = openModel(name);
    await model.applyBatch(log.events, '5000');
    await model.applyBatch([], '6000');
    expect(model.applied.current).toBe('6000');
    model.close();
    model = openModel(name);
    expect(model.applied.current).toBe('6000');
    model.close();
  });

  it('do not go on past an append whose end is missing', async () => {
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
  ])('(%s) is rolled back alone, recorded, counted, and makes the node degraded', async (_what, broken) => {
    const model = newModel();
    const counts: number[] = [];
    model.onCommit((_position, applied) => counts.push(applied.events, applied.failed, applied.skipped));
    await applyAll(model, brokenLog(broken));
    expect(roles(model)).toEqual(['u1 owner', 'u2 member', 'u3 member']);
    expect(group(model)).toMatchObject({ name: 'Sales', memberCount: 3, revision: '3' });
    expect(roles(model, 'h')).toEqual(['u9 owner']);
    expect(counts).toEqual([5, 1, 0]);
    expect(model.degraded()).toEqual(['1 event(s) could not be applied, the first at position 300.']);
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

  it('is also one whose group has no "created", and one without a time', async () => {
    const model = newModel();
    const log = new Log();
    log.group('nobody', joined('add', 2, 'u2'));
    log.append('group-demo/timeless', [created('u1')], { at: 'yesterday' });
    await applyAll(model, log);
    expect(model.degraded()).toEqual(['2 event(s) could not be applied, the first at position 100.']);
    expect(model.queries.groups({ app: 'demo', groupIds: ['nobody', 'timeless'] }).groups).toEqual([]);
  });

  it('does not hold up others of the same transaction that fail or not, whatever their order', async () => {
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

describe('a stream that only begins like ours', () => {
  it('is left alone', async () => {
    const model = newModel();
    const log = new Log();
    log.append('group-photo', [created('u1')]);
    log.append('user-list', [{ type: 'syncRequested', data: {} }]);
    await applyAll(model, log);
    expect(model.degraded()).toEqual([]);
    expect(model.applied.current).toBe('200');
  });
});

describe('an unknown type', () => {
  const log = new Log();
  log.group('g', created('u1'));
  log.group('g', joined('add', 3, 'u2', 'u3'));
  log.group('g', adminGranted('u2'));
  log.group('h', created('u1'));
  log.group('g', adminGranted('u3'));
  log.group('g', left(2, 'u2'), joined('add', 3, 'u2'), transferred('u1', 'u3'));
  log.group('h', dismissed());
  const older = olderBuild('adminGranted');

  it('is skipped, its first position kept with the version of the projection, and the node degraded', async () => {
    const model = newModel({ features: older });
    await applyAll(model, log);
    expect(roles(model)).toEqual(['u1 member', 'u3 owner', 'u2 member']);
    expect(group(model).revision).toBe('6');
    expect(model.degraded()).toEqual([
      'Events "adminGranted" of version 1 are not known to this node and were skipped, the first at position 300.',
    ]);
    expect(lines(model).filter((line) => line.startsWith('unknown_types'))).toEqual([
      `unknown_types {"category":"group","type":"adminGranted","event_version":1,"first_position":"300","resume_position":"200","schema_version":${SCHEMA_VERSION}}`,
    ]);
  });

  it('moves the revision of its group, which callers give back as the one they expect', async () => {
    const model = newModel({ features: older });
    await model.applyBatch(log.events.slice(0, 3), '300');
    expect(group(model).revision).toBe('2');
  });

  it('a newer version of a known type is one', async () => {
    const model = newModel();
    const newer = new Log();
    newer.group('g', created('u1'));
    newer.append('group-demo/g', [{ type: 'memberJoined', data: { people: ['u2'] } }], { schemaVersion: 2 });
    newer.append('user-demo/u1', [{ type: 'languageChosen', data: {} }]);
    await applyAll(model, newer);
    expect(model.degraded()).toEqual([
      'Events "memberJoined" of version 2 are not known to this node and were skipped, the first at position 200.',
      'Events "languageChosen" of version 1 are not known to this node and were skipped, the first at position 300.',
    ]);
    expect(roles(model)).toEqual(['u1 owner']);
  });

  it('is replayed from its first position by a version that knows it, and ends as a rebuild would', async () => {
    const rebuilt = newModel();
    await applyAll(rebuilt, log);
    const name = file('upgraded.db');
    const old = openModel(name, { features: older });
    await applyAll(old, log);
    old.close();

    const upgraded = openModel(name);
    expect(upgraded.applied.current).toBe('200');
    // Killed and started again while it replays.
    await upgraded.applyBatch(log.events.slice(2, 4), '400');
    upgraded.close();
    const again = openModel(name);
    models.push(again);
    expect(again.applied.current).toBe('400');
    await applyAll(again, log);
    expect(lines(again)).toEqual(lines(rebuilt));
  });

  it('replayed after a failure has the failures a rebuild has', async () => {
    const failing = new Log();
    failing.events.push(...log.events);
    failing.append('group-demo/other', [joined('add', 2, 'u1')]);
    const withFailures = { events: failing.events.map((event, i) => ({ ...event, position: String(100 * (i + 1)) })) };
    const rebuilt = newModel();
    await applyAll(rebuilt, withFailures);
    const name = file('failing.db');
    const old = openModel(name, { features: older });
    await applyAll(old, withFailures);
    old.close();
    const upgraded = openModel(name);
    models.push(upgraded);
    expect(upgraded.degraded()).toEqual([]);
    await applyAll(upgraded, withFailures);
    expect(lines(upgraded)).toEqual(lines(rebuilt));
    expect(upgraded.degraded()).toHaveLength(1);
  });
});

describe('a full disk', () => {
  it('stops the projection: nothing of the transaction is stored, and the error says so', async () => {
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

/** Hundreds of read models are made, each a few files on disk. */
const PROPERTY_MS = 300_000;

describe('whatever happens to a group', () => {
  const all = [FOUNDER, ...USERS];
  const groupLives = histories(['g'], ['join', 'leave', 'kick', 'grant', 'revoke', 'transfer']);

  it(
    'the count in its row is the count its events carry is the number of its members',
    async () => {
      await fc.assert(
        fc.asyncProperty(groupLives, fc.integer({ min: 1, max: 7 }), async ({ log, members }, batch) => {
          const model = openModel(file('property.db'));
          const there = members.get('g')!;
          try {
            for (let i = 0; i < log.events.length; i += batch) {
              const part: readonly LogEvent[] = log.events.slice(i, i + batch);
              await model.applyBatch(part, part.at(-1)!.position);
              // Fills the cache, so that the following batches have to keep it right.
              for (const user of all) isMember(model, user);
            }
            expect(roles(model)).toEqual([...there].map(([user, role]) => `${user} ${role}`));
            const { memberCount } = group(model);
            expect([memberCount, model.queries.members({ app: 'demo', groupId: 'g' }).total]).toEqual([
              there.size,
              there.size,
            ]);
            for (const user of all) {
              const role = there.get(user);
              expect(isMember(model, user)).toEqual(
                role === undefined ? { isMember: false } : { isMember: true, role },
              );
              expect(model.queries.joinedCount({ app: 'demo', userId: user }).count).toBe(role === undefined ? 0 : 1);
            }
          } finally {
            await discard([model, file('property.db')]);
          }
        }),
        { numRuns: 40 },
      );
    },
    PROPERTY_MS,
  );

  /** Logs of who left that are so short that they are trimmed. */
  const keptChanges = 2;
  const several = histories(['g', 'h']);

  it(
    'applying it again from any point ends in the same rows',
    async () => {
      await fc.assert(
        fc.asyncProperty(several, fc.nat(), async ({ log }, seed) => {
          const name = file('again.db');
          let model = openModel(name, { keptChanges });
          try {
            await applyAll(model, log);
            const rows = lines(model);
            model.close();
            const connection = new Database(name);
            connection.exec(`UPDATE meta SET position = '${(seed % log.events.length) * 100}'`);
            connection.close();
            model = openModel(name, { keptChanges });
            await applyAll(model, log);
            expect(lines(model)).toEqual(rows);
          } finally {
            await discard([model, name]);
          }
        }),
        { numRuns: 60 },
      );
    },
    PROPERTY_MS,
  );

  it(
    'a build that learned any of its events ends in the rows that a rebuild makes',
    async () => {
      const types = Object.keys(EVENTS.group);
      await fc.assert(
        fc.asyncProperty(several, fc.subarray(types, { minLength: 1, maxLength: 3 }), async ({ log }, unknown) => {
          const names = [file('older.db'), file('rebuilt.db')] as const;
          let older = openModel(names[0], { keptChanges, features: olderBuild(...unknown) });
          const rebuilt = openModel(names[1], { keptChanges });
          try {
            await applyAll(older, log);
            older.close();
            older = openModel(names[0], { keptChanges });
            await applyAll(older, log);
            await applyAll(rebuilt, log);
            expect(lines(older)).toEqual(lines(rebuilt));
          } finally {
            await discard([older, names[0]], [rebuilt, names[1]]);
          }
        }),
        { numRuns: 60 },
      );
    },
    PROPERTY_MS,
  );
});
