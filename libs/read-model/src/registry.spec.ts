import Database from 'libsql';
import { GROUP_EVENTS, QUERIES, USER_BAN_EVENTS, USER_EVENTS, USER_NUMBER_EVENTS } from '@cohort/contracts';
import { created, joined } from '@cohort/contracts/testing';
import type { GroupHandler, OpenFeature, ReadFeature } from './feature';
import { openFeatures } from './open-features';
import type { ReadModel } from './read-model';
import { EVENTS, FEATURES } from './registry';
import { applyAll, Log, openModel, scratch, STORE } from './testing/log';

const { file, remove } = scratch();
const models: ReadModel[] = [];
afterEach(() => models.splice(0).forEach((model) => model.close()));
afterAll(remove);

/** A feature that a later build has: members pin a message to their group. */
const pins = {
  name: 'pins',
  tables: {
    sql: `
      CREATE TABLE IF NOT EXISTS pins (
        gid INTEGER NOT NULL,
        message TEXT NOT NULL,
        by TEXT NOT NULL,
        position INTEGER NOT NULL,
        PRIMARY KEY (gid, message)
      ) STRICT, WITHOUT ROWID;
    `,
    queryIndexes: 'CREATE INDEX IF NOT EXISTS pins_by_user ON pins (by);',
    order: { pins: 'gid, message' },
  },
  open: ({ write }) => {
    const insert = write.connection.prepare('INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?)');
    const pinned: GroupHandler<{ message: string; by: string }> = (group, { message, by }) =>
      void insert.run([group.gid, message, by, group.position]);
    return { group: { pinned } };
  },
} satisfies ReadFeature;

const later = {
  features: [...FEATURES, pins],
  events: { ...EVENTS, group: { ...EVENTS.group, pinned: { version: 1 } } },
};

function open(name: string, settings: Parameters<typeof openModel>[1] = {}): ReadModel {
  const rebuilt = (reason: string) => {
    throw new Error(`rebuilt: ${reason}`);
  };
  const model = openModel(file(name), { onRebuild: rebuilt, ...settings });
  models.push(model);
  return model;
}
const close = (model: ReadModel): void => models.splice(models.indexOf(model), 1).forEach((each) => each.close());

const pinned = (message: string, by: string) => ({ type: 'pinned', data: { message, by } });
const rowsOf = (model: ReadModel, table: string) => [...model.dump()].filter((row) => row.startsWith(`${table} `));

describe('a file that was made by a build without a feature', () => {
  const log = new Log();
  log.group('g', created('ann'), joined('add', 2, 'bob'));
  log.append('group-demo/g', [pinned('m1', 'ann')]);
  log.group('h', created('bob'));
  log.append('group-demo/h', [pinned('m2', 'bob'), pinned('m3', 'bob')]);
  log.append('group-demo/g', [pinned('m1', 'bob')]);
  log.group('g', joined('add', 3, 'cid'));

  async function rebuilt(name: string): Promise<string[]> {
    const model = open(name, later);
    await applyAll(model, log);
    return [...model.dump()];
  }

  it('gets the feature’s tables from a build that has it, and ends in the rows of a rebuild', async () => {
    const earlier = open('earlier.db');
    await applyAll(earlier, log);
    expect(rowsOf(earlier, 'unknown_types')).toHaveLength(1);
    close(earlier);

    const model = open('earlier.db', later);
    // Before the first event that it skipped, not the log's beginning.
    expect(model.applied.current).toBe('200');
    expect(rowsOf(model, 'groups')).toHaveLength(2);
    await applyAll(model, log);
    expect([...model.dump()]).toEqual(await rebuilt('rebuilt.db'));
    expect(rowsOf(model, 'pins')).toHaveLength(3);
    expect(model.degraded()).toEqual([]);
  });

  it('gets the feature’s tables also if the log had no event of it so far', async () => {
    const short = { events: log.events.slice(0, 2) };
    const earlier = open('quiet.db');
    await applyAll(earlier, short);
    close(earlier);
    const model = open('quiet.db', later);
    expect(model.applied.current).toBe('200');
    await applyAll(model, log);
    expect([...model.dump()]).toEqual(await rebuilt('rebuilt quiet.db'));
  });

  it('gets the indexes for the feature’s queries when it has caught up', async () => {
    const earlier = open('indexed.db');
    await applyAll(earlier, log);
    await earlier.indexForQueries();
    close(earlier);
    const model = open('indexed.db', later);
    await applyAll(model, log);
    await model.indexForQueries();
    const connection = new Database(file('indexed.db'));
    expect(connection.prepare("SELECT 1 FROM sqlite_master WHERE name = 'pins_by_user'").get()).toBeDefined();
    connection.close();
  });

  it('may be opened by either build in turn', async () => {
    const [first, second, third] = [log.events.slice(0, 3), log.events.slice(0, 6), log.events];
    for (const [events, settings] of [
      [first, later],
      [second, {}],
      [third, later],
    ] as const) {
      const model = open('to and fro.db', settings);
      await applyAll(model, {
        events: events.filter(({ position }) => BigInt(position) > BigInt(model.applied.current)),
      });
      close(model);
    }
    const model = open('to and fro.db', later);
    expect([...model.dump()]).toEqual(await rebuilt('rebuilt to and fro.db'));
  });
});

describe('the features of the read model', () => {
  const openAll = (features: readonly ReadFeature[]) => {
    openModel(file('features.db')).close();
    const connection = new Database(file('features.db'));
    const settings = { store: STORE, features, events: EVENTS, keptChanges: 1, position: () => '0' };
    try {
      return openFeatures(connection, connection, settings);
    } finally {
      connection.close();
    }
  };

  it('apply every event of the contracts', () => {
    const { handlers } = openAll(FEATURES);
    expect([...handlers.group.keys()].sort()).toEqual(Object.keys(GROUP_EVENTS).sort());
    expect([...handlers.user.keys()].sort()).toEqual(Object.keys(USER_EVENTS).sort());
    expect([...handlers.userBan.keys()].sort()).toEqual(Object.keys(USER_BAN_EVENTS).sort());
    expect([...handlers.userNumber.keys()].sort()).toEqual(Object.keys(USER_NUMBER_EVENTS).sort());
  });

  it('answer queries of the contracts only, and each hot one', () => {
    const { queries, hot } = openAll(FEATURES);
    expect(Object.keys(QUERIES)).toEqual(expect.arrayContaining(Object.keys(queries)));
    for (const [name, { answer }] of hot) expect(answer).toBe(queries[name as keyof typeof queries]);
    expect([...hot.keys()]).toContain('isMember');
  });

  it('are named once, as are their tables', () => {
    const names = FEATURES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const tables = FEATURES.flatMap(({ tables }: ReadFeature) => Object.keys(tables?.order ?? {}));
    expect(new Set(tables).size).toBe(tables.length);
  });

  it.each([
    [
      'an event',
      { group: { created: () => undefined } },
      'Two features of the read model have "created" in their group.',
    ],
    [
      'a query',
      { queries: { group: () => ({}) as never } },
      'Two features of the read model have "group" in their queries.',
    ],
  ] as [string, OpenFeature, string][])('can not both have %s', (_what, again, message) => {
    expect(() => openAll([...FEATURES, { name: 'again', open: () => again }])).toThrow(message);
  });

  it('can not have a hot query that none of them answers', () => {
    const hot = { name: 'hot', hot: { status: () => undefined }, open: () => ({}) };
    expect(() => openAll([...FEATURES, hot])).toThrow('No feature of the read model answers the hot query "status".');
  });
});
