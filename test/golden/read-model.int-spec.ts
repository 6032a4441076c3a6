import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ReadModel, type LogEvent } from '@cohort/read-model';
import Database from 'libsql';

/** A file of schema version 2 as an earlier build made it, what it made it from, and what that build answered. */
interface Golden {
  readonly position: string;
  readonly degraded: readonly string[];
  /** Tables and indexes, white space aside. */
  readonly sql: Readonly<Record<string, string>>;
  readonly rows: readonly string[];
  readonly events: readonly LogEvent[];
  /** Each list is read page by page: a query with a cursor has the one of the answer before. */
  readonly answers: readonly {
    readonly name: keyof ReadModel['queries'];
    readonly query: never;
    readonly answer: unknown;
  }[];
}

const GOLDEN = join(__dirname, 'read-model');
const golden = JSON.parse(readFileSync(join(GOLDEN, 'version-2.json'), 'utf8')) as Golden;
const directory = mkdtempSync(join(tmpdir(), 'cohort-golden-read-model-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const file = (name: string): string => join(directory, name);
const open = (name: string): ReadModel =>
  ReadModel.open({
    file: file(name),
    store: '11111111-1111-4111-8111-111111111111',
    keptChanges: 3,
    onRebuild: (reason) => {
      throw new Error(reason);
    },
  });
/** The reason for a failure is the engine's own text, which may change with it. */
const withoutReasons = (rows: Iterable<string>): string[] =>
  [...rows].map((row) => (row.startsWith('failed_events') ? row.replace(/"error":.*/, '') : row));
/** What was kept of an event that wasn't applied. The advice after it is this build's own. */
const factOf = (text: string): string | undefined => /^.* at position \d+/.exec(text)?.[0];

describe('a read model that an earlier build of schema version 2 made', () => {
  let model: ReadModel;
  beforeAll(() => {
    writeFileSync(file('old.db'), gunzipSync(readFileSync(join(GOLDEN, 'version-2.db.gz'))));
    model = open('old.db');
  });
  afterAll(() => model.close());

  it('is opened as it is, without a rebuild or a replay', () => {
    expect(model.applied.current).toBe(golden.position);
    expect([...model.dump()]).toEqual(golden.rows);
    expect(model.degraded().map(factOf)).toEqual(golden.degraded.map(factOf));
  });

  it.each(golden.answers)(
    'answers $name $query byte for byte, with the same cursors and basis',
    ({ name, query, answer }) => {
      expect(JSON.stringify(model.queries[name](query))).toBe(JSON.stringify(answer));
    },
  );

  it('has the rows and tables that this build makes of the same log', async () => {
    const rebuilt = open('rebuilt.db');
    await rebuilt.applyBatch(golden.events, golden.position);
    await rebuilt.indexForQueries();
    expect(withoutReasons(rebuilt.dump())).toEqual(withoutReasons(golden.rows));
    rebuilt.close();
    for (const name of ['rebuilt.db', 'old.db']) {
      const connection = new Database(file(name));
      const objects = connection.prepare('SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL').all();
      connection.close();
      const sql = (objects as { name: string; sql: string }[]).map((each) => [
        each.name,
        each.sql.replace(/\s+/g, ' '),
      ]);
      expect(Object.fromEntries(sql)).toMatchObject(golden.sql);
    }
  });
});
