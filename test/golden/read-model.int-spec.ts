import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { created } from '@cohort/contracts/testing';
import { ReadModel, SCHEMA_VERSION, type LogEvent } from '@cohort/read-model';
import type { ReadFeature } from '../../libs/read-model/src/feature';
import { FEATURES } from '../../libs/read-model/src/registry';
import { everything } from './read-model/version-3';

/** A file of schema version 2 as an earlier build made it, what it made it from, and what that build answered. */
interface Golden {
  readonly position: string;
  readonly degraded: readonly string[];
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
const SETTINGS = { store: '11111111-1111-4111-8111-111111111111', keptChanges: 3 } as const;
/** What was kept of an event that wasn't applied. The advice after it is this build's own. */
const factOf = (text: string): string | undefined => /^.* at position \d+/.exec(text)?.[0];

/** Positions, revisions and entries as they are, while the basis names the schema's version. */
const withoutBasis = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer), (key, value: unknown) => (key === 'basis' ? undefined : value));

/** Asks with the basis of this build, where that build's stands. */
function ask(model: ReadModel, name: keyof ReadModel['queries'], query: object): unknown {
  const { basis } = model.queries.userGroups({ app: 'demo', userId: 'ann' });
  return model.queries[name](('basis' in query ? { ...query, basis } : query) as never);
}

describe('a read model that an earlier build of schema version 2 made', () => {
  let model: ReadModel;
  const reasons: string[] = [];
  beforeAll(async () => {
    writeFileSync(file('old.db'), gunzipSync(readFileSync(join(GOLDEN, 'version-2.db.gz'))));
    model = ReadModel.open({ ...SETTINGS, file: file('old.db'), onRebuild: (reason) => void reasons.push(reason) });
    await model.applyBatch(golden.events, golden.position);
    await model.indexForQueries();
  });
  afterAll(() => model.close());

  it('is made again from its log, since tables have changed', () => {
    expect(reasons).toEqual([expect.stringContaining('its schema is of version 2')]);
    expect(model.applied.current).toBe(golden.position);
    expect(model.degraded().map(factOf)).toEqual(golden.degraded.map(factOf));
  });

  it.each(golden.answers)('answers $name $query as before, and has the same cursors', ({ name, query, answer }) => {
    expect(withoutBasis(ask(model, name, query))).toMatchObject(withoutBasis(answer) as object);
  });
});

/** A file of schema version 3, the events that it was made from, and its rows. */
interface Rows {
  readonly events: readonly LogEvent[];
  readonly rows: readonly string[];
}

// Version 3 was in no release before this file. To make the file again: delete both parts, and run with UPDATE_GOLDEN=1.
describe('a read model of schema version 3', () => {
  const [json, packed] = ['version-3.json', 'version-3.db.gz'].map((name) => join(GOLDEN, name)) as [string, string];
  const reasons: string[] = [];
  let rows: Rows;
  let old: ReadModel;
  let rebuilt: ReadModel;

  const made = async (name: string, events: readonly LogEvent[]): Promise<ReadModel> => {
    const model = ReadModel.open({ ...SETTINGS, file: file(name) });
    await model.applyBatch(events, events.at(-1)!.position);
    await model.indexForQueries();
    return model;
  };

  beforeAll(async () => {
    if (process.env.UPDATE_GOLDEN && !existsSync(json)) {
      const { events } = everything();
      const model = await made('new.db', events);
      writeFileSync(json, `${JSON.stringify({ events, rows: [...model.dump()] }, undefined, 1)}\n`);
      model.close();
      writeFileSync(packed, gzipSync(readFileSync(file('new.db'))));
    }
    rows = JSON.parse(readFileSync(json, 'utf8')) as Rows;
    writeFileSync(file('version-3.db'), gunzipSync(readFileSync(packed)));
    rebuilt = await made('rebuilt.db', rows.events);
    old = ReadModel.open({ ...SETTINGS, file: file('version-3.db'), onRebuild: (reason) => void reasons.push(reason) });
  });
  afterAll(() => {
    old?.close();
    rebuilt?.close();
  });

  it('is used as it is, with its rows, while the schema has this version', () => {
    expect(SCHEMA_VERSION).toBe(3);
    expect(reasons).toEqual([]);
    expect([...old.dump()]).toEqual(rows.rows);
  });

  it('has the rows that this build makes of the same events', () => {
    expect([...rebuilt.dump()]).toEqual(rows.rows);
  });

  it('has rows in every table', () => {
    const filled = new Set(rows.rows.map((row) => row.slice(0, row.indexOf(' '))));
    const tables = (FEATURES as readonly ReadFeature[]).flatMap(({ tables: own }) => Object.keys(own?.order ?? {}));
    const ground = ['groups', 'members', 'past_members', 'role_changes', 'listed_users', 'list_sizes', 'expiries'];
    const found = ['unusable_groups', 'failed_events', 'unknown_types', 'text_keys', 'erased_texts', 'meta', 'anchors'];
    expect([...ground, ...found, ...tables].filter((table) => !filled.has(table))).toEqual([]);
  });

  it('takes further events', async () => {
    const log = everything();
    const further = log.group('later', created('ann', { numericId: '4503599627371000' }));
    await old.applyBatch(further, log.head);
    expect(old.queries.group({ app: 'demo', groupId: 'later' })).toMatchObject({ owner: 'ann', memberCount: 1 });
  });
});
