import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ReadModel, type LogEvent } from '@cohort/read-model';

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
