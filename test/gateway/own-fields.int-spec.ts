import {
  CohortError,
  COMMANDS,
  parseDto,
  QUERIES,
  TENANT_DEFAULTS,
  type CommandName,
  type QueryName,
} from '@cohort/contracts';
import { Agent, createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BodyBytes } from '../../apps/gateway/src/dialect/body-bytes';
import { configure } from '../../apps/gateway/src/dialect/configure';
import { GroupService } from '../../apps/gateway/src/dialect/group-service';
import type { OperationInfo } from '../../apps/gateway/src/dialect/operation';
import { listener } from '../../apps/gateway/src/dialect/serve';
import { tokenOf } from '../support/agora';
import { DIALECTS } from '../../apps/gateway/src/dialects';
import { agora } from './agora/rows.cases';
import type { DialectCases, Value } from './cases';
import { send } from './http';
import { lanying } from './lanying/rows.cases';
import { rongcloud } from './rongcloud.cases';
import { wildfirechat } from './wildfirechat.cases';

const CASES: readonly DialectCases[] = [rongcloud, lanying, wildfirechat, agora];

interface Described {
  readonly type?: string;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, Described>>;
}

const CONTROLS = ['\u0000', '\n', '\u2028', '\ud800'];
const texts = (max: number): string[] => [
  ...CONTROLS.map((character) => `a${character}b`),
  ...['', ' ', '\u{1f600}'.repeat(max)],
];
const NUMBERS = [0, -1, 1.5, 2 ** 31, 2 ** 53 - 1, 2 ** 60];
const json = (value: unknown): Value => value as Value;

/** Values of a field that may pass its reader and not the checks of a command or query. */
function hostile({ type, maxLength = 64, properties = {} }: Described): Value[] {
  switch (type) {
    case 'boolean':
      return [true, false];
    case 'integer':
      return [...NUMBERS, ...NUMBERS.map(String)];
    case 'array':
      return [[], ['', ' '], ...[...texts(64), ...NUMBERS].map((one) => [one])];
    case 'object': {
      const maps = texts(64).flatMap((one) => [{ [one]: 'a' }, { a: one }]);
      const nested = Object.entries(properties).flatMap(([name, schema]) =>
        hostile(schema).map((value) => json({ name: 'n', [name]: value })),
      );
      return [...maps, ...nested, ...Object.keys(properties).map((name) => json({ [name]: {} }))];
    }
    case 'string':
    case undefined:
    default:
      return texts(maxLength);
  }
}

/** What every command answers. */
const DONE = {
  groupId: '7',
  position: '1',
  revision: '1',
  results: [],
  announcementId: '1',
  fileId: '1',
  sync: 1,
  request: 1,
};

/** Values without which a row sends nothing. */
const NEEDED: Readonly<Record<string, Readonly<Record<string, Value>>>> = {
  'agora create': { maxusers: 100 },
};
/** Rows that need a user's token. */
const asUser = { Authorization: `Bearer ${tokenOf(agora.settings as never, 'u')}` };
const OWN_TOKEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'agora quit': asUser,
  'agora apply': asUser,
  'agora shield': asUser,
  'agora unshield': asUser,
};
/** Rows that send nothing for a valid call: their texts are signed, or they need a store of files (`files.int-spec.ts`). */
const SENDS_NOTHING = [
  ...['agora token', 'lanying joinByCode', 'lanying joinByCodeOfSdk'],
  ...['lanying downloadFile', 'lanying uploadAvatar', 'lanying downloadAvatar'],
];

/** Whether a path can have the text. */
const isEncodable = (value: Value): boolean => typeof value !== 'string' || !/\p{Cs}/u.test(value);

/** What queries before a command answer, so that the command is sent. */
const ANSWERS: Readonly<Record<string, unknown>> = {
  isMember: { isMember: true, role: 'owner' },
  group: { groupId: '7', status: 'live', owner: 'o', settings: { visibility: 'private' }, attributes: {} },
  usersByNumber: { users: [], missing: [] },
  groupsByNumber: { groups: [], missing: [] },
  groupCounts: { users: [], missing: [] },
  userSync: { completed: true },
  banEverywhere: { completed: true },
  bannedUsers: { users: [] },
  bannedGroups: { groups: [] },
};

/**
 * The checks of commands and queries name Cohort's fields, which callers of a dialect don't know. So a row refuses itself
 * whatever they would refuse, and names its own field.
 */
describe('a field that a command or query would refuse is refused by the row', () => {
  const agent = new Agent({ keepAlive: true });
  let server: Server;
  let url: string;
  const refused: string[] = [];
  let sent = 0;

  beforeAll(async () => {
    const check = (name: string, dto: new () => object, data: unknown, answer: unknown) => {
      sent += 1;
      try {
        parseDto(dto, JSON.parse(JSON.stringify(data)) as unknown, Infinity);
      } catch (error) {
        if (!(error instanceof CohortError)) throw error;
        refused.push(`${name}: ${error.message}`);
        return Promise.reject(error);
      }
      const none = new CohortError('GROUP_NOT_FOUND', 'There is no such group.');
      return answer === undefined ? Promise.reject(none) : Promise.resolve(answer);
    };
    const client = {
      command: (name: CommandName, data: unknown) => check(name, COMMANDS[name].dto, data, DONE),
      query: (name: QueryName, data: unknown) => check(name, QUERIES[name].dto, data, ANSWERS[name]),
    } as unknown as ConstructorParameters<typeof GroupService>[0];
    const behind = new GroupService(client, { waitFor: () => Promise.resolve(true) }, () => undefined);
    const blocks = Object.fromEntries(CASES.map(({ dialect, settings }) => [dialect.key, settings]));
    const tenant = { ...TENANT_DEFAULTS, id: 'demo', groupCapacity: 1_000, dialects: blocks };
    const log = { error: (...line: unknown[]) => void refused.push(`logged ${JSON.stringify(line)}`) };
    const serve = configure(
      CASES.map(({ dialect }) => dialect),
      [tenant],
      'apps.json',
    );
    const served = serve({ service: behind, observe: () => undefined, log, bodies: new BodyBytes(), origins: '*' });
    server = createServer(listener(served, (_, response) => response.writeHead(404).end(), log));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    refused.length = 0;
    sent = 0;
  });

  const rows = CASES.flatMap((cases) =>
    cases.dialect.operations.map((row) => ({ key: cases.dialect.key, name: row.name, row, cases })),
  );
  const call = async (cases: DialectCases, row: OperationInfo, values: Readonly<Record<string, Value>>) => {
    const { method, path, headers, body } = cases.request(row, values, true);
    const all = {
      ...headers,
      ...OWN_TOKEN[`${cases.dialect.key} ${row.name}`],
      'Content-Length': String(Buffer.byteLength(body)),
    };
    return send(`${url}${path}`, method, all, body, agent);
  };

  test('every dialect that is served is tested', () => {
    expect(CASES.map(({ dialect }) => dialect)).toEqual(expect.arrayContaining([...DIALECTS]));
  });

  test.each(rows.filter(({ row }) => Object.keys(row.input).length > 0))(
    '$key $name',
    async ({ key, name, row, cases }) => {
      const given = { ...cases.valid('7', '8', row), ...NEEDED[`${key} ${name}`] };
      const valid = Object.fromEntries(Object.entries(given).filter(([field]) => field in row.input));
      const first = await call(cases, row, valid);
      expect([sent > 0 || SENDS_NOTHING.includes(`${key} ${name}`) || first.text, refused]).toEqual([true, []]);
      for (const [field, { in: place, schema }] of Object.entries(row.input)) {
        const values = hostile(schema as Described).filter((value) => place !== 'path' || isEncodable(value));
        await Promise.all(values.map((value) => call(cases, row, { ...valid, [field]: value })));
        expect([field, refused]).toEqual([field, []]);
      }
    },
  );
});
