import { DirectoryAway } from '@cohort/bus';
import {
  CohortError,
  TENANT_DEFAULTS,
  type AppSettings,
  type CommandName,
  type QueryData,
  type UserDirectorySettings,
} from '@cohort/contracts';
import { StoreUnavailable } from '@cohort/event-store';
import type { CommandRequest } from './command-request';
import { InFlight } from './in-flight';
import { Learning } from './learning';

const shop: AppSettings = { id: 'shop', ...TENANT_DEFAULTS, limits: {} };
const withDirectory: AppSettings = { ...shop, userDirectory: { users: ['ann'] } satisfies UserDirectorySettings };
const withLimits = (limits: AppSettings['limits']): AppSettings => ({ ...shop, limits });

const request = (app: AppSettings, type: CommandName, data: object): CommandRequest =>
  ({
    ...{ app, type, commandId: 'c', commandHash: 'h', deadline: 10_000 },
    data: { app: app.id, actor: { type: 'service' }, groupId: 'g', ...data },
  }) as unknown as CommandRequest;

function learning({ perApp = 5, away }: { perApp?: number; away?: Error } = {}) {
  const asked: string[][] = [];
  const queries: Omit<QueryData<'groupCounts'>, 'app'>[] = [];
  const settle = <T>(value: T): Promise<T> => (away ? Promise.reject(away) : Promise.resolve(value));
  const parts = {
    directories: {
      of: ({ userDirectory }: AppSettings) =>
        userDirectory && {
          unknownAmong: (userIds: readonly string[]) => {
            asked.push([...userIds]);
            return settle(new Set(userIds.filter((userId) => userId !== 'ann')));
          },
        },
    },
    store: { head: () => settle('77') },
    client: {
      query: (_name: string, { app: _app, ...query }: QueryData<'groupCounts'>) => {
        queries.push(query);
        return settle({ groups: 4, users: query.userIds.map((userId) => ({ userId, owned: 1, joined: 2 })) });
      },
    },
    inFlight: new InFlight({ perApp }),
    now: () => 0,
  };
  return { learning: new Learning(parts as unknown as ConstructorParameters<typeof Learning>[0]), asked, queries };
}

const COMMANDS = [
  ['create', { owner: 'o', members: ['ann'] }],
  ['addMembers', { userIds: ['ann'] }],
  ['syncUser', { userId: 'ann', groups: [{ groupId: 'g', name: 'n' }] }],
  ['banUserEverywhere', { userId: 'ann' }],
  ['assignNumbers', { userIds: ['ann'] }],
] as const;

test.each(COMMANDS)('%s of a tenant without directory and limits asks nothing', (type, data) => {
  const { learning: all, asked, queries } = learning({ perApp: 0 });
  expect(all.of(request(shop, type, data))).toBeUndefined();
  expect([asked, queries]).toEqual([[], []]);
});

test.each([
  ['kick', { userIds: ['ann'] }],
  ['leave', { userId: 'ann' }],
  ['syncUser', { userId: 'ann', groups: [] }],
  ['eraseUser', { userId: 'ann' }],
  ['unbanUserEverywhere', { userId: 'ann' }],
  ['createOrJoin', { userIds: ['ann'], sync: 1 }],
  ['importGroup', { owner: 'ann' }],
] as const)('%s asks nothing in any tenant: it only takes away, or was decided on elsewhere', (type, data) => {
  const { learning: all } = learning();
  const app = { ...withDirectory, limits: { groups: 1, groupsOwnedPerUser: 1, groupsJoinedPerUser: 1 } };
  expect(all.of(request(app, type, data))).toBeUndefined();
});

test.each([
  ['create', { owner: 'o', members: ['ann'] }, ['o', 'ann']],
  ['syncUser', { userId: 'u', groups: [{ groupId: 'g', name: 'n' }] }, ['u']],
  ['banUserEverywhere', { userId: 'u' }, ['u']],
  ['transfer', { newOwner: 'u' }, ['u']],
] as const)('%s asks the directory about the users that it names', async (type, data, users) => {
  const { learning: all, asked, queries } = learning();
  expect(await all.of(request(withDirectory, type, data))).toEqual({
    unknownUsers: new Set(users.filter((userId: string) => userId !== 'ann')),
  });
  expect([asked, queries]).toEqual([[[...users]], []]);
});

test('users are counted at or after the end of the log, 1,000 by a query', async () => {
  const { learning: all, queries } = learning();
  const members = Array.from({ length: 3_000 }, (_, i) => `u${i}`);
  const app = withLimits({ groupsOwnedPerUser: 9 });
  const learned = await all.of(request(app, 'create', { owner: 'o', members }));
  expect(queries.map(({ userIds, ...rest }) => [userIds.length, rest])).toEqual(
    [1_000, 1_000, 1_000, 1].map((count) => [count, { after: '77', upTo: undefined }]),
  );
  const counts = learned!.counts as Exclude<typeof learned, undefined>['counts'] & object;
  expect(counts.users.size).toBe(3_001);
  expect(counts.users.get('u2999')).toEqual({ owned: 1, joined: 2 });
});

test("a tenant's groups are counted for commands that may make one, as far as its limit", async () => {
  const { learning: all, queries } = learning();
  const app = withLimits({ groups: 9 });
  expect(await all.of(request(app, 'createOrJoin', { userIds: ['u'] }))).toEqual({
    counts: { groups: 4, users: new Map() },
  });
  expect(queries).toEqual([{ userIds: [], upTo: 9, after: '77' }]);
  expect(all.of(request(app, 'join', { userId: 'u' }))).toBeUndefined();
});

test.each([
  new CohortError('READ_MODEL_BEHIND', 'behind'),
  new CohortError('UNAVAILABLE', 'away'),
  new StoreUnavailable('away'),
])('what cannot be counted is unavailable: %s', async (away) => {
  const { learning: all } = learning({ away });
  expect(await all.of(request(withLimits({ groups: 9 }), 'create', { owner: 'o' }))).toEqual({ counts: 'unavailable' });
});

test('a directory that is away is unavailable, and an unexpected error stays one', async () => {
  const create = request(withDirectory, 'create', { owner: 'o' });
  expect(await learning({ away: new DirectoryAway() }).learning.of(create)).toEqual({ unknownUsers: 'unavailable' });
  await expect(learning({ away: new TypeError('x') }).learning.of(create)).rejects.toThrow(TypeError);
});

test("commands that wait count to their tenant's share", async () => {
  const { learning: all } = learning({ perApp: 1 });
  const create = request(withDirectory, 'create', { owner: 'o' });
  const first = all.of(create);
  await expect(all.of(create)).rejects.toMatchObject({ code: 'OVERLOADED' });
  await first;
  await all.of(create);
});
