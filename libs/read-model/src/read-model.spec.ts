import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { created, joined, syncCompleted, syncRequested } from '@cohort/contracts/testing';
import Database from 'libsql';
import { ReadModelFileError } from './database';
import { ReadModel } from './read-model';
import type { ReadFeature } from './feature';
import { FEATURES } from './registry';
import { EXPIRIES } from './tables/expiries';
import { GAPS } from './tables/gaps';
import { GROUPS } from './tables/groups';
import { LISTED_USERS } from './tables/listed-users';
import { MEMBERS } from './tables/members';
import { META, SCHEMA_VERSION, type Tables } from './tables/schema';
import { applyAll, Log, openModel, scratch } from './testing/log';

const { file, remove } = scratch();
afterAll(remove);

const requested = syncRequested([]);
const completed = (sync: number) => syncCompleted(sync, '0');

/** A log with a bit of everything, a failing event too. */
function mixedLog(): Log {
  const log = new Log();
  for (let i = 0; i < 40; i++) {
    log.group(`g${i}`, created(`u${i}`), joined('add', 3, `u${i + 1}`, `u${i + 2}`));
    log.user(`u${i}`, requested);
    log.user(`u${i}`, completed(0));
  }
  log.append('group-demo/g7', [{ type: 'memberLeft', data: {} }]);
  return log;
}

describe('a read model', () => {
  it('has the same rows when it is rebuilt after its file was deleted', async () => {
    const log = mixedLog();
    let model = openModel(file());
    await applyAll(model, log);
    const before = [...model.dump()];
    model.close();
    ReadModel.delete(file());
    expect(existsSync(file())).toBe(false);
    model = openModel(file());
    expect(model.applied.current).toBe('0');
    // In other batches than before.
    for (let i = 0; i < log.events.length; i += 7) {
      const part = log.events.slice(i, i + 7);
      await model.applyBatch(part, part.at(-1)!.position);
    }
    expect([...model.dump()]).toEqual(before);
    expect(before.length).toBeGreaterThan(200);
    model.close();
  });

  it('of another store is deleted, and the reason is reported', async () => {
    const name = file('store.db');
    const model = openModel(name);
    await applyAll(model, mixedLog());
    model.close();
    const reasons: string[] = [];
    const store = '22222222-2222-4222-8222-222222222222';
    const other = openModel(name, { store, onRebuild: (reason) => reasons.push(reason) });
    expect(other.applied.current).toBe('0');
    expect(other.queries.appGroups({ app: 'demo' }).groups).toEqual([]);
    expect(reasons).toEqual([
      'it was made from event store 11111111-1111-4111-8111-111111111111, and this is event store ' + store,
    ]);
    other.close();
  });

  it('of another schema is deleted, and the reason is reported', async () => {
    const name = file('schema.db');
    const model = openModel(name);
    await applyAll(model, mixedLog());
    model.close();
    const connection = new Database(name);
    connection.exec('UPDATE meta SET schema_version = 0; ALTER TABLE groups DROP COLUMN ext');
    connection.close();
    const reasons: string[] = [];
    const newer = openModel(name, { onRebuild: (reason) => reasons.push(reason) });
    expect(newer.applied.current).toBe('0');
    expect(reasons).toEqual([expect.stringMatching(/^its schema is of version 0, and this build's is \d+$/)]);
    newer.close();
  });

  it('has a SCHEMA_VERSION that is raised when an existing table changes; a new feature only adds a line to this test', () => {
    const fingerprint = ({ sql, queryIndexes = '' }: Tables): string =>
      createHash('sha256')
        .update((sql + queryIndexes).replace(/\s+/g, ' '))
        .digest('hex')
        .slice(0, 16);
    const ground = { META, GROUPS, MEMBERS, LISTED_USERS, EXPIRIES, GAPS };
    const ofFeatures = FEATURES.flatMap(({ name, tables }: ReadFeature) => (tables ? [[name, tables] as const] : []));
    const all = [...Object.entries(ground), ...ofFeatures].map(([name, tables]) => [name, fingerprint(tables)]);
    expect({ version: SCHEMA_VERSION, ...Object.fromEntries(all) }).toEqual({
      version: 3,
      META: 'e0fd0361f3c2555f',
      GROUPS: '6a726a5fbb50627d',
      MEMBERS: '93698db70fd90952',
      LISTED_USERS: 'b7a27c0d8eec93e7',
      EXPIRIES: 'e00a88aeff93ec7a',
      GAPS: '3c488c18a7eddd33',
      history: 'e9864d2aa59568d5',
      membership: 'd25ddb973434ae56',
      announcements: '37449e1596539fbb',
      files: '3f443efdc4b0aad2',
      attributes: 'c00541564ef728b7',
      bans: '3eefd15d13112836',
      'ban-everywhere': 'c523e34fcd8925b8',
      numbers: '6b78dcc84453a993',
      'public-groups': '7ad74d560a52a3f7',
      applications: 'c1df263af8462865',
      invitations: 'df4847895365145a',
      'join-keys': 'cca5a7b22a017c2a',
      'user-sync': 'c9661dc249748332',
    });
  });

  it('can not be opened by a second process, whose error names the file and the settings', () => {
    const name = file('shared.db');
    const model = openModel(name);
    expect(() => openModel(name)).toThrow(ReadModelFileError);
    expect(() => openModel(name)).toThrow(`Another query node uses ${name}.`);
    expect(() => ReadModel.delete(name)).toThrow(ReadModelFileError);
    model.close();
    openModel(name).close();
  });

  it('gets the indexes by user once it has caught up; queries are answered meanwhile, and events are applied after it', async () => {
    const log = mixedLog();
    const name = file('indexed.db');
    const model = openModel(name);
    await applyAll(model, log);
    const indexes = () => {
      const connection = new Database(name);
      const rows = connection.prepare("SELECT name FROM sqlite_master WHERE name LIKE '%groups_of_user'").all();
      connection.close();
      return (rows as { name: string }[]).map((row) => row.name).sort();
    };
    const groups = () => model.queries.userGroups({ app: 'demo', userId: 'u3' });
    const before = groups();
    expect(indexes()).toEqual(['ended_groups_of_user']);
    const making = model.indexForQueries();
    expect(groups()).toEqual(before);
    await making;
    const all = ['ended_groups_of_user', 'groups_of_user', 'left_groups_of_user'];
    expect(indexes()).toEqual(all);
    expect(groups()).toEqual(before);
    await model.indexForQueries();
    expect(indexes()).toEqual(all);

    log.group('later', created('u3'));
    await applyAll(model, log);
    expect(groups().groups).toHaveLength(before.groups.length + 1);
    model.close();
  });

  it('whose file is damaged can not be opened, and the error names the file and the remedy', () => {
    const name = file('damaged.db');
    writeFileSync(name, 'no database at all. '.repeat(500));
    expect(() => openModel(name)).toThrow(
      `${name} is damaged. Stop the node, delete the file and start the node again; it rebuilds the file from the event store.`,
    );
    writeFileSync(file('plain'), '');
    expect(() => openModel(`${file('plain')}/model.db`)).toThrow(ReadModelFileError);
  });

  it('that was closed is one whole file, and another node can open a copy of it', async () => {
    const log = mixedLog();
    const model = openModel(file('original.db'));
    await applyAll(model, log);
    const rows = [...model.dump()];
    model.close();
    copyFileSync(file('original.db'), file('copy.db'));
    const copy = openModel(file('copy.db'));
    expect(copy.applied.current).toBe(log.head);
    expect([...copy.dump()]).toEqual(rows);
    copy.close();
  });

  it('that is open and being written to can be copied, as it is at one commit', async () => {
    const log = mixedLog();
    const model = openModel(file('busy.db'));
    const half = log.events.slice(0, 100);
    await model.applyBatch(half, half.at(-1)!.position);
    const rows = [...model.dump()];
    // What a node left that was killed while it copied.
    writeFileSync(file('begun.db.partial'), 'half a copy');
    await ReadModel.copy(file('busy.db'), file('begun.db'));
    await applyAll(model, log);
    const copy = openModel(file('begun.db'));
    expect([...copy.dump()]).toEqual(rows);
    expect(existsSync(file('begun.db.partial'))).toBe(false);
    await applyAll(copy, log);
    expect([...copy.dump()]).toEqual([...model.dump()]);
    // Nothing is copied over a file that is in use, or from one that isn't there.
    await expect(ReadModel.copy(file('busy.db'), file('begun.db'))).rejects.toThrow('Another query node uses');
    await expect(ReadModel.copy(file('none.db'), file('new.db'))).rejects.toThrow(
      `the file ${file('none.db')} doesn't exist: correct QUERY_START_FROM or remove it.`,
    );
    expect([existsSync(file('none.db')), existsSync(file('new.db'))]).toEqual([false, false]);
    copy.close();
    model.close();
  });

  it('has a connection for queries that can not write', () => {
    const model = openModel(file('reader.db'));
    const reader = Reflect.get(model, 'reader') as Database.Database;
    expect(() => reader.exec("UPDATE meta SET position = '1'")).toThrow(/readonly/);
    model.close();
  });
});
