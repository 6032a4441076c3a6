import { CohortClient, CohortError } from '@cohort/client';
import { TENANT_DEFAULTS } from '@cohort/contracts';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { configure } from '../../apps/gateway/src/dialect/configure';
import { GroupService } from '../../apps/gateway/src/dialect/group-service';
import type { OperationInfo } from '../../apps/gateway/src/dialect/operation';
import { QueryNodes } from '../../apps/gateway/src/dialect/visibility';
import { DIALECTS } from '../../apps/gateway/src/dialects';
import { Front } from '../../apps/gateway/src/front';
import { GatewayModule } from '../../apps/gateway/src/gateway.module';
import { FIRST_START_MS, newTenant, sharedService } from '../support/service';
import { waitFor } from '../support/wait-for';
import { agora } from './agora/rows.cases';
import type { DialectCases, Expected, Values } from './cases';
import { send as sendHttp, type Answer } from './http';
import { lanying } from './lanying/rows.cases';
import { rongcloud } from './rongcloud.cases';
import { sample } from './sample.cases';
import { wildfirechat } from './wildfirechat.cases';

/** One line for each dialect. */
const CASES: readonly DialectCases[] = [rongcloud, lanying, wildfirechat, agora, sample];

/** Every row of every dialect, on one host in front of the whole service. The sample dialect is one more line here. */
describe('rows', () => {
  let app: NestExpressApplication;
  let url: string;
  let nats: CohortClient;
  let queryNodes: QueryNodes;
  let tenantId: string;

  beforeAll(async () => {
    const service = await sharedService();
    tenantId = (await newTenant()).id;
    nats = await CohortClient.connect({ servers: service.natsUrl });
    queryNodes = new QueryNodes(0);
    nats.onQueryNodeApplied((announced) => queryNodes.applied(announced));
    await waitFor(() => queryNodes.live.size === service.queries.length);

    const dialects = CASES.map(({ dialect }) => dialect);
    const blocks = Object.fromEntries(CASES.map(({ dialect, settings }) => [dialect.key, settings]));
    const tenant = { ...TENANT_DEFAULTS, id: tenantId, groupCapacity: 1_000, dialects: blocks };
    const behind = new GroupService(nats, queryNodes, () => undefined);
    const front = new Front(dialects, configure(dialects, [tenant], 'apps.json'), behind, () => undefined);
    app = await NestFactory.create<NestExpressApplication>(GatewayModule.with(front), {
      logger: false,
      bodyParser: false,
    });
    app.get(Front).mount(app);
    await app.listen(0, '127.0.0.1');
    url = `http://127.0.0.1:${((app.getHttpServer() as { address(): unknown }).address() as AddressInfo).port}`;
  }, FIRST_START_MS);

  afterAll(async () => {
    await app?.close();
    queryNodes?.close();
    await nats?.close();
  });

  let made = 0;
  /** An id that nobody has: a decimal, since some vendors know no others. */
  const fresh = () => String(1_000_000 + ++made);

  const expectAnswer = ({ status, headers, text }: Answer, expected: Expected) => {
    expect({ status, body: text === '' ? '' : (JSON.parse(text) as unknown) }).toEqual(expected);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(headers['content-length']).toBe(String(Buffer.byteLength(text)));
    if (status >= 400) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
  };

  /** The values of a row's own fields, without those of `omitted`. */
  const valuesOf = (row: OperationInfo, values: Values, omitted?: string): Values =>
    Object.fromEntries(Object.entries(values).filter(([name]) => name in row.input && name !== omitted));

  test('every dialect that is served has cases, and every row of it', () => {
    const served = CASES.map(({ dialect }) => dialect);
    expect(served).toEqual(expect.arrayContaining([...DIALECTS]));
    for (const { dialect, rows } of CASES) {
      expect(Object.keys(rows).sort()).toEqual(dialect.operations.map(({ name }) => name).sort());
    }
  });

  describe.each(CASES.map((cases) => ({ key: cases.dialect.key, cases })))('of $key', ({ cases }) => {
    const rows = cases.dialect.operations.map((row) => ({ name: row.name, row }));
    const fields = rows.flatMap(({ name, row }) =>
      Object.entries(row.input).map(([field, { in: place, required }]) => ({ name, row, field, place, required })),
    );
    const onGroups = rows.flatMap(({ name, row }) => {
      const expected = cases.rows[name];
      return expected === undefined || expected === 'names no group' ? [] : [{ name, row, expected }];
    });
    const withoutCredentials = (row: OperationInfo) =>
      typeof cases.withoutCredentials === 'function' ? cases.withoutCredentials(row) : cases.withoutCredentials;
    const send = (row: OperationInfo, values: Values, signed = true) => {
      const { method, path, headers, body } = cases.request(row, valuesOf(row, values), signed);
      return sendHttp(`${url}${path}`, method, headers, body);
    };

    test.each(rows)('$name without credentials is refused', async ({ row }) => {
      expectAnswer(await send(row, cases.valid(fresh(), fresh(), row), false), withoutCredentials(row));
    });

    test.each(fields.filter(({ place, required }) => required && place !== 'path'))(
      '$name without $field is refused',
      async ({ row, field }) => {
        const values = valuesOf(row, cases.valid(fresh(), fresh(), row), field);
        expectAnswer(await send(row, values), cases.missing(field, row));
      },
    );

    const wrong = fields.flatMap(({ name, row, field }) =>
      Object.entries(cases.wrong(field, row)).map(([what, [value, expected]]) => ({
        ...{ name, row, field, what },
        ...{ value, expected },
      })),
    );

    test.each(wrong)('$name with $field $what is refused', async ({ row, field, value, expected }) => {
      const values = { ...cases.valid(fresh(), fresh(), row), [field]: value };
      expectAnswer(await send(row, values), expected);
    });

    test('every field has a wrong value', () => {
      const without = fields.filter(({ row, field }) => Object.keys(cases.wrong(field, row)).length === 0);
      expect(without.map(({ name, field }) => `${field} of ${name}`)).toEqual([]);
    });

    test.each(onGroups)('$name on an unknown group, with all fields and without each optional one', async (one) => {
      const { row, expected } = one;
      const optional = Object.keys(row.input).filter((field) => !row.input[field]!.required);
      for (const omitted of [undefined, ...optional]) {
        const groupId = fresh();
        const values = valuesOf(row, cases.valid(groupId, fresh(), row), omitted);
        expectAnswer(await send(row, values), expected.unknownGroup(groupId));
      }
    });

    // Forms with files have a spec of their own: files.int-spec.ts.
    const withBody = rows.filter(({ row }) => ![undefined, 'multipart/form-data'].includes(row.contentType));

    describe.each(withBody)('the body of $name', ({ row }) => {
      const { maxBytes } = row.limits;
      const inBody = Object.entries(row.input).filter(([, { in: place }]) => place === 'body');
      const sendBody = (body: string | Buffer, more: Readonly<Record<string, string>> = {}) => {
        const { method, path, headers } = cases.request(row, valuesOf(row, cases.valid(fresh(), fresh(), row)), true);
        return sendHttp(`${url}${path}`, method, { ...headers, ...more }, body);
      };

      test('a body over its limit is refused, whether it is announced, chunked or compressed', async () => {
        const tooLarge = cases.refused('TOO_LARGE', `the body is larger than ${maxBytes} bytes`);
        const body = Buffer.alloc(maxBytes + 1, 'x');
        expectAnswer(await sendBody(body, { 'Content-Length': String(body.length) }), tooLarge);
        expectAnswer(await sendBody(body, { 'Transfer-Encoding': 'chunked' }), tooLarge);
        expectAnswer(await sendBody(gzipSync(body), { 'Content-Encoding': 'gzip' }), tooLarge);
      });

      test('a body with too many fields is refused', async () => {
        const { body, expected } = cases.bodies.tooMany(row);
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(maxBytes);
        expectAnswer(await sendBody(body), expected);
      });

      test.each(inBody)('%s that is not UTF-8 is refused', async (field) => {
        const name = field === 'group' ? 'group[g]' : field;
        for (const bytes of [Buffer.from('x\xb2\xbf', 'latin1'), Buffer.from([0xed, 0xa0, 0x80])]) {
          const answer = await sendBody(cases.bodies.bytes(field, bytes));
          expectAnswer(answer, cases.refused('VALIDATION_FAILED', `${name} is not UTF-8`));
        }
      });

      test('a compressed body is understood, or its compression is named', async () => {
        const [field] = inBody.find(([, { required }]) => required) ?? [];
        const { body } = cases.request(row, valuesOf(row, cases.valid(fresh(), fresh(), row), field), true);
        const understood = await sendBody(gzipSync(body), { 'Content-Encoding': 'gzip' });
        if (field !== undefined) expectAnswer(understood, cases.missing(field, row));
        expectAnswer(
          await sendBody(brotliCompressSync(body), { 'Content-Encoding': 'br' }),
          cases.refused('VALIDATION_FAILED', 'Content-Encoding must be gzip, deflate or identity'),
        );
        expectAnswer(
          await sendBody('x=1', { 'Content-Encoding': 'gzip' }),
          cases.refused('VALIDATION_FAILED', 'the body is not gzip, as Content-Encoding says'),
        );
      });
    });

    test.each(rows)('$name with a query string that is not UTF-8 is refused', async ({ row }) => {
      const { method, path, headers, body } = cases.request(row, cases.valid(fresh(), fresh(), row), true);
      const answer = await sendHttp(`${url}${path}${path.includes('?') ? '&' : '?'}x=%B2%BF`, method, headers, body);
      expectAnswer(answer, cases.refused('VALIDATION_FAILED', 'x is not UTF-8'));
    });

    test.each(onGroups)('$name on a dismissed group', async ({ row, expected }) => {
      const [groupId, actor] = [fresh(), { type: 'service' } as const];
      await nats.command('create', { app: tenantId, actor, groupId, name: 'n', owner: 'o' });
      const { position } = await nats.command('dismiss', { app: tenantId, actor, groupId });
      const refused = await nats
        .command('join', { app: tenantId, actor, groupId, userId: 'u' })
        .catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'GROUP_DISMISSED' });
      await queryNodes.waitFor(position, 10_000);
      const answer = await send(row, cases.valid(groupId, fresh(), row));
      expectAnswer(answer, expected.dismissedGroup((refused as CohortError).message, groupId));
    });
  });

  test('a path that no dialect claims is an HTTP problem, as health and documents are served by Nest', async () => {
    const response = await fetch(`${url}/nowhere`, { method: 'POST' });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
    const document = (await (await fetch(`${url}/docs-json`)).json()) as { tags: { name: string }[] };
    expect(document.tags.map(({ name }) => name)).toEqual(CASES.map(({ dialect }) => dialect.key));
  });
});
