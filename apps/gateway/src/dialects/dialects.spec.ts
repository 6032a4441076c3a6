import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Dialect } from '../dialect/dialect';
import { openApi } from '../dialect/openapi';
import { withTable } from '../dialect/table';
import { normalized } from '../dialect/target';
import { sample } from '../dialect/testing/sample';
import { DIALECTS } from '.';

/** All dialects, and one that exists for tests only. */
const ALL = [...DIALECTS, sample];
const rows = ALL.flatMap((dialect) => dialect.operations.map((row) => ({ key: dialect.key, path: row.path, row })));
const claimants = (dialects: readonly Dialect[], path: string): string[] =>
  dialects.filter(({ claims }) => claims(normalized(path), {} as IncomingMessage)).map(({ key }) => key);

describe('claims', () => {
  test.each(rows)('$path is claimed by $key alone', ({ key, path }) => {
    const sent = path.replace(/\{\w+\}/g, 'Some-id_7');
    expect(claimants(ALL, sent)).toEqual([key]);
    expect(claimants([...ALL].reverse(), sent)).toEqual([key]);
  });

  test.each(['/health/live', '/health/ready', '/metrics', '/docs', '/docs-json', '/docs/swagger-ui.css'])(
    '%s belongs to the gateway itself',
    (path) => {
      expect(claimants(ALL, path)).toEqual([]);
    },
  );
});

test('keys, and names of rows within a dialect, are unique', () => {
  const twice = (names: readonly string[]) => names.filter((name, index) => names.indexOf(name) < index);
  expect(twice(ALL.map(({ key }) => key))).toEqual([]);
  for (const { operations } of ALL) {
    expect(twice(operations.map(({ name }) => name))).toEqual([]);
    expect(twice(operations.flatMap(({ methods, path }) => methods.map((method) => `${method} ${path}`)))).toEqual([]);
  }
});

test("a parameter of a row's path is one of its fields, and the other way round", () => {
  for (const { row } of rows) {
    const inPath = Object.entries(row.input).filter(([, field]) => field.in === 'path');
    expect([...row.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)).toEqual(inPath.map(([name]) => name));
  }
});

test.each(DIALECTS)('the table in the page of $key is made from the rows (UPDATE_DOCS=1 writes it)', (dialect) => {
  const file = join(__dirname, `../../../../docs/dialects/${dialect.key}.md`);
  const page = readFileSync(file, 'utf8');
  const made = withTable(page, dialect);
  if (process.env.UPDATE_DOCS) writeFileSync(file, made);
  else expect(page).toBe(made);
});

describe('the OpenAPI document', () => {
  const document = openApi(ALL, '1.2.3');

  test('has every method of every row, with a tag for its dialect', () => {
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item as Record<string, { tags: string[]; operationId: string }>).map(
        ([method, { tags, operationId }]) => `${method.toUpperCase()} ${path} ${tags.join()} ${operationId}`,
      ),
    );
    expect(operations.sort()).toEqual(
      rows
        .flatMap(({ key, path, row: { name, methods } }) =>
          methods.map((method) => {
            const suffix = methods.length > 1 ? `.${method.toLowerCase()}` : '';
            return `${method} ${path} ${key} ${key}.${name}${suffix}`;
          }),
        )
        .sort(),
    );
    expect(document.tags?.map(({ name }) => name)).toEqual(ALL.map(({ key }) => key));
    expect(document.info.version).toBe('1.2.3');
  });

  describe('for a validator', () => {
    // The validator is an ES module, which Jest can't load.
    const cli = join(dirname(require.resolve('@seriousme/openapi-schema-validator')), 'bin/validate-api-cli.js');
    const directory = mkdtempSync(join(tmpdir(), 'cohort-openapi-'));
    afterAll(() => rmSync(directory, { recursive: true }));

    const validate = (json: unknown): { valid: boolean } => {
      const file = join(directory, 'document.json');
      writeFileSync(file, JSON.stringify(json));
      return JSON.parse(spawnSync(process.execPath, [cli, file], { encoding: 'utf8' }).stdout) as { valid: boolean };
    };

    test('is valid', () => {
      expect(validate(document)).toEqual({ valid: true });
    });

    test('is invalid without the responses of a row', () => {
      const paths = { '/group/sync.json': { post: { operationId: 'rongcloud.sync' } } };
      expect(validate({ ...document, paths })).toMatchObject({ valid: false });
    });
  });

  test('describes fields, answer and errors of a row', () => {
    const text = { type: 'string', minLength: 1, maxLength: 64 };
    expect(document.paths['/group/sync.json']?.post).toMatchObject({
      summary: expect.stringMatching(/^Group\.sync: /) as unknown,
      security: [
        { 'rongcloud.App-Key': [], 'rongcloud.Nonce': [], 'rongcloud.Timestamp': [], 'rongcloud.Signature': [] },
      ],
      requestBody: {
        required: true,
        content: {
          'application/x-www-form-urlencoded': {
            schema: {
              properties: { userId: text, group: { type: 'object', additionalProperties: text } },
              required: ['userId'],
            },
            encoding: { group: { style: 'deepObject', explode: true } },
          },
        },
      },
      responses: {
        200: { content: { 'application/json': { example: { code: 200 } } } },
        default: { content: { 'application/json': { schema: { $ref: '#/components/schemas/rongcloud.error' } } } },
      },
    });
    expect(document.paths['/sample/{org}/groups/{group_id}']?.get).toMatchObject({
      parameters: [
        { name: 'org', in: 'path', required: true, schema: text },
        { name: 'group_id', in: 'path', required: true, schema: text },
      ],
    });
    expect(document.components?.schemas?.['rongcloud.error']).toMatchObject({ required: ['code', 'errorMessage'] });
  });
});
