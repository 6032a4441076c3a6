import fc from 'fast-check';
import Database from 'libsql';
import { adminGranted, created, dismissed, joined, left, transferred } from '@cohort/contracts/testing';
import type { LogEvent } from './log-event';
import type { ReadModel } from './read-model';
import { EVENTS } from './registry';
import { SCHEMA_VERSION } from './tables/schema';
import { FOUNDER, histories, USERS } from './testing/histories';
import { applyAll, discard, Log, openModel } from './testing/log';
import { testModels } from './testing/models';
import { olderBuild } from './testing/older-build';

const { file, newModel, close } = testModels();
const app = 'demo';
const group = (model: ReadModel, groupId = 'g') => model.queries.group({ app, groupId });
const roles = (model: ReadModel, groupId = 'g') =>
  model.queries.members({ app, groupId, limit: 1_000 }).members.map(({ userId, role }) => `${userId} ${role}`);
const lines = (model: ReadModel): string[] => [...model.dump()];
const isMember = (model: ReadModel, userId: string) => model.queries.isMember({ app, groupId: 'g', userId });

describe('an event of an unknown type', () => {
  const log = new Log();
  log.group('g', created('u1'));
  log.group('g', joined('add', 3, 'u2', 'u3'));
  log.group('g', adminGranted('u2'));
  log.group('h', created('u1'));
  log.group('g', adminGranted('u3'));
  log.group('g', left(2, 'u2'), joined('add', 3, 'u2'), transferred('u1', 'u3'));
  log.group('h', dismissed());
  log.group('i', created('u1'));
  const older = olderBuild('adminGranted');

  it('is skipped; the first position of its type is kept, and the node is degraded', async () => {
    const model = newModel({ features: older });
    await applyAll(model, log);
    expect(roles(model)).toEqual(['u1 member', 'u3 owner', 'u2 member']);
    expect(group(model).revision).toBe('6');
    expect(model.degraded()).toEqual([
      'Events "adminGranted" of version 1 are not known to this node and were skipped, the first at position 300: upgrade this node.',
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

  it('can also be a newer version of a known type, which is skipped in the same way', async () => {
    const model = newModel();
    const newer = new Log();
    newer.group('g', created('u1'));
    newer.append('group-demo/g', [{ type: 'memberJoined', data: { people: ['u2'] } }], { schemaVersion: 99 });
    newer.append('user-demo/u1', [{ type: 'languageChosen', data: {} }]);
    await applyAll(model, newer);
    expect(model.degraded()).toEqual([
      'Events "memberJoined" of version 99 are not known to this node and were skipped, the first at position 200: upgrade this node.',
      'Events "languageChosen" of version 1 are not known to this node and were skipped, the first at position 300: upgrade this node.',
    ]);
    expect(roles(model)).toEqual(['u1 owner']);
  });

  it('is replayed by a build that knows it, from its first position, and ends in the rows of a rebuild', async () => {
    const rebuilt = newModel();
    await applyAll(rebuilt, log);
    const name = 'upgraded.db';
    const old = newModel({ features: older }, name);
    await applyAll(old, log);
    close(old);

    const upgraded = newModel({}, name);
    expect(upgraded.applied.current).toBe('200');
    // Killed and started again while it replays.
    await upgraded.applyBatch(log.events.slice(2, 4), '400');
    close(upgraded);
    const again = newModel({}, name);
    expect(again.applied.current).toBe('400');
    await applyAll(again, log);
    expect(lines(again)).toEqual(lines(rebuilt));
  });

  it('is replayed with the same failures as in a rebuild', async () => {
    const failing = new Log();
    failing.events.push(...log.events);
    failing.append('group-demo/other', [joined('add', 2, 'u1')]);
    const withFailures = { events: failing.events.map((event, i) => ({ ...event, position: String(100 * (i + 1)) })) };
    const rebuilt = newModel();
    await applyAll(rebuilt, withFailures);
    const name = 'failing.db';
    const old = newModel({ features: older }, name);
    await applyAll(old, withFailures);
    close(old);
    const upgraded = newModel({}, name);
    expect(upgraded.degraded()).toEqual([]);
    await applyAll(upgraded, withFailures);
    expect(lines(upgraded)).toEqual(lines(rebuilt));
    expect(upgraded.degraded()).toHaveLength(1);
  });
});

/** Hundreds of read models are made, each a few files on disk. */
const PROPERTY_MS = 300_000;

describe('after any history of a group', () => {
  const all = [FOUNDER, ...USERS];
  const groupLives = histories(['g'], ['join', 'leave', 'kick', 'grant', 'revoke', 'transfer']);

  it(
    'the count in its row equals the count in its events and the number of its members',
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
            expect([memberCount, model.queries.members({ app, groupId: 'g' }).total]).toEqual([there.size, there.size]);
            for (const user of all) {
              const role = there.get(user);
              expect(isMember(model, user)).toEqual(
                role === undefined ? { isMember: false } : { isMember: true, role },
              );
              expect(model.queries.joinedCount({ app, userId: user }).count).toBe(role === undefined ? 0 : 1);
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

  /** Small, so that the logs of removals are trimmed. */
  const keptChanges = 2;
  const several = histories(['g', 'h']);

  it(
    'applying its events again from any position ends in the same rows',
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
    'a build that knows more of its events ends in the rows of a rebuild',
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
