import { lanying } from '../../../apps/gateway/src/dialects/lanying/dialect';
import { TEXTS, type VendorCode } from '../../../apps/gateway/src/dialects/lanying/errors';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIRST_START_MS, newTenant, sharedService } from '../../support/service';
import type { Tenant } from '../../support/service/tenants';
import type { Values } from '../cases';
import { OPERATION_CASES } from './cases';
import { missing, wrong } from './rows.cases';
import { callAt, newWorld, VisibleClient, type Standing, type World } from './world';

const error = (code: VendorCode, message: string = TEXTS[code]) => ({ code, message });
const UNKNOWN_GROUP = 6_000_000;

interface Called {
  readonly section: string;
  readonly method: string;
  readonly path: string;
}

/** An operation as the vendor's document lists it. A field is written `name:type`. */
interface VendorOperation extends Called {
  readonly query: readonly string[];
  readonly body: readonly string[];
}
/** Operations on groups that only the web SDK and the Swagger file have. */
const BEYOND: readonly Called[] = [
  { section: 'Swagger file', method: 'POST', path: '/group/settings/hide_member_info' },
  { section: 'Swagger file', method: 'PUT', path: '/group/settings/hide_member_info' },
  { section: 'Web SDK', method: 'POST', path: '/group/msg/not_disturb' },
  { section: 'Web SDK', method: 'GET', path: '/app/qrcode/group_sign' },
  { section: 'Web SDK', method: 'GET', path: '/app/qrcode/group_invite' },
];

/** Optional fields that the document doesn't have. */
const ADDED: Readonly<Record<string, readonly string[]>> = { '/group/public_list': ['cursor', 'limit'] };

const vendorOperations = JSON.parse(
  readFileSync(join(__dirname, 'vendor-operations.json'), 'utf8'),
) as readonly VendorOperation[];

/** Every operation of the vendor's document, one after another, as its cases say. */
describe('the operations of the document', () => {
  let url: string;
  let tenant: Tenant;
  let nats: VisibleClient;
  let dismissed: World;

  beforeAll(async () => {
    const service = await sharedService();
    url = service.gateway.url;
    tenant = await newTenant();
    nats = await VisibleClient.connect(service, tenant.id);
    dismissed = await newWorld(nats);
    await nats.run('dismiss', { groupId: String(dismissed.groupId) });
  }, FIRST_START_MS);
  afterAll(() => nats?.close());

  const withRow = <O extends Called>(operation: O) => {
    const { section, method, path } = operation;
    const row = lanying.operations.find((one) => one.path === path && one.methods.some((name) => name === method));
    const cases = OPERATION_CASES[path];
    return row && cases ? [{ ...{ section, method, path, row, cases }, vendor: operation }] : [];
  };
  const served = vendorOperations.flatMap(withRow);
  const servedBeyond = BEYOND.flatMap(withRow);

  test('all 76 operations of the document are served, and each has a case', () => {
    const name = ({ section, method, path }: Called) => `${section} ${method} ${path}`;
    expect(served.map(name)).toEqual(vendorOperations.map(name));
    expect(served).toHaveLength(76);
    expect(servedBeyond.map(name)).toEqual(BEYOND.map(name));
  });

  test('a row has the fields that the document lists, and a case', () => {
    for (const { row, path, vendor } of served) {
      const inBody = vendor.body.map((field) => field.split(':')[0]!);
      const fields = (place: string) => Object.keys(row.input).filter((name) => row.input[name]!.in === place);
      expect([path, fields('query').sort(), fields('body').sort()]).toEqual([
        path,
        [...vendor.query, ...(ADDED[path] ?? [])].sort(),
        inBody.sort(),
      ]);
    }
    const vendors = vendorOperations.map(({ method, path }) => `${method} ${path}`);
    const rows = lanying.operations.flatMap(({ methods, path }) => methods.map((method) => `${method} ${path}`));
    expect(rows.filter((row) => vendors.includes(row)).sort()).toEqual(
      served.map(({ method, path }) => `${method} ${path}`).sort(),
    );
  });

  describe.each([...served, ...servedBeyond])('$section $method $path', ({ method, path, row, cases }) => {
    let world: World;
    beforeAll(async () => {
      world = await newWorld(nats);
      await cases.given?.(world);
    });

    const placed = (values: Values) => {
      const of = (place: string) =>
        Object.fromEntries(Object.entries(values).filter(([name]) => row.input[name]?.in === place));
      return { method, path, query: of('query'), ...(row.contentType === undefined ? {} : { body: of('body') }) };
    };
    const call = (by: number | undefined, values: Values) => callAt(url, tenant, by, placed(values));
    const caller = () => world[cases.by ?? (cases.refuses?.member === 20012 ? 'admin' : 'owner')];

    test('without a token it is refused', async () => {
      expect(await call(undefined, cases.fields(world))).toEqual(error(10003));
    });

    test('a field that is missing or has a wrong value is named', async () => {
      const right = cases.fields(world);
      for (const [field, { required }] of Object.entries(row.input)) {
        if (required) {
          const others = Object.fromEntries(Object.entries(right).filter(([name]) => name !== field));
          expect(await call(caller(), others)).toEqual(missing(field, row).body);
        }
        for (const [value, { body }] of Object.values(wrong(field, row))) {
          expect(await call(caller(), { ...right, [field]: value })).toEqual(body);
        }
      }
    });

    if ('group_id' in row.input) {
      test('a group that does not exist, or was dismissed', async () => {
        const on = (groupId: number) => call(caller(), { ...cases.fields(world), group_id: groupId });
        expect(await on(UNKNOWN_GROUP)).toEqual(cases.unknownGroup ?? error(20001));
        expect(await on(dismissed.groupId)).toEqual(cases.dismissedGroup ?? error(20001));
      });
    }

    for (const [standing, code] of Object.entries(cases.refuses ?? {})) {
      test(`the group's ${standing} gets ${code}`, async () => {
        expect(await call(world[standing as Standing], cases.fields(world))).toEqual(error(code));
      });
    }

    test('a right call has the expected answer and effect', async () => {
      expect(await call(caller(), cases.fields(world))).toEqual(cases.answers(world, caller()));
      await cases.then?.(world, caller());
    });
  });
});
