import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CohortClient, CohortError } from '@cohort/client';
import { comparePositions, type Position } from '@cohort/contracts';
import { metric } from '../support/metrics';
import { startStack, type Stack } from '../support/stack';
import { waitFor } from '../support/wait-for';
import { send, type Answer } from './http';

const SMALL = { appKey: 'small-key', appSecret: 'small-secret', groupCapacity: 3, usersPerCall: 2 };
const STRICT = { appKey: 'strict-key', appSecret: 'strict-secret', strict: true };
const DEMO = { appKey: 'demo', appSecret: 'demo-secret' };
type Credentials = Readonly<Record<'appKey' | 'appSecret', string>>;

/** The RongCloud dialect of the whole service: the apps, nats-server and event store are real, with two query nodes. */
describe('RongCloud', () => {
  let stack: Stack;
  let nats: CohortClient;

  beforeAll(async () => {
    const apps = [
      { id: 'demo', rongcloud: DEMO },
      { id: 'small', rongcloud: SMALL },
      { id: 'strict', rongcloud: STRICT },
    ];
    stack = await startStack({ queryNodes: 2, apps });
    nats = await CohortClient.connect({ servers: stack.nats.url });
  }, 300_000);
  afterAll(async () => {
    await nats?.close();
    await stack?.stop();
  });

  const signed = ({ appKey, appSecret }: Credentials, prefix = ''): Record<string, string> => {
    const [nonce, timestamp] = [String(Math.random()).slice(2), String(Date.now())];
    const signature = createHash('sha1').update(`${appSecret}${nonce}${timestamp}`).digest('hex');
    return {
      [`${prefix}App-Key`]: appKey,
      [`${prefix}Nonce`]: nonce,
      [`${prefix}Timestamp`]: timestamp,
      [`${prefix}Signature`]: signature,
    };
  };

  type Fields = Readonly<Record<string, string | readonly string[]>>;
  const encode = (fields: Fields) =>
    Object.entries(fields)
      .flatMap(([field, value]) =>
        [value].flat().map((one) => `${encodeURIComponent(field)}=${encodeURIComponent(one)}`),
      )
      .join('&');
  const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

  const post = (path: string, fields: Fields | string, credentials: Credentials = DEMO): Promise<Answer> =>
    send(
      `${stack.gateway.url}${path}`,
      'POST',
      { ...signed(credentials), ...FORM },
      typeof fields === 'string' ? fields : encode(fields),
    );

  /** The answer is exactly this text, as JSON, its length said. */
  const expectJson = ({ status, headers, text }: Answer, expectedStatus: number, expected: string) => {
    expect({ status, text }).toEqual({ status: expectedStatus, text: expected });
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(headers['content-length']).toBe(String(Buffer.byteLength(expected)));
    expect(headers['transfer-encoding']).toBeUndefined();
  };
  const expectDone = (answer: Answer) => expectJson(answer, 200, '{"code":200}');
  const expectError = (answer: Answer, status: number, code: number, errorMessage: string) =>
    expectJson(answer, status, JSON.stringify({ code, errorMessage }));

  const membersOf = async (groupId: string, credentials = DEMO): Promise<string[]> => {
    const { status, text } = await post('/group/user/query.json', { groupId }, credentials);
    expect(status).toBe(200);
    const { code, users } = JSON.parse(text) as { code: number; users: { id: string }[] };
    expect(code).toBe(200);
    return users.map(({ id }) => id);
  };
  const groupsOf = async (userId: string, credentials = DEMO): Promise<Record<string, string>> => {
    const { status, text } = await post('/user/group/query.json', { userId }, credentials);
    expect(status).toBe(200);
    const { groups } = JSON.parse(text) as { groups: { id: string; name: string }[] };
    return Object.fromEntries(groups.map(({ id, name }) => [id, name]));
  };
  const group = (groupId: string, app = 'demo') => nats.query('group', { app, groupId });
  const users = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `u${from + i}`);

  let made = 0;
  /** A group id that no other test has. */
  const fresh = (label = 'g') => `${label}-${++made}`;

  describe('create', () => {
    test('makes the group; the first user owns it', async () => {
      const groupId = fresh();
      expectDone(await post('/group/create.json', { userId: ['小明', 'u2', 'u3'], groupId, groupName: '销售 & co' }));
      expectJson(
        await post('/group/user/query.json', { groupId }),
        200,
        '{"code":200,"users":[{"id":"小明"},{"id":"u2"},{"id":"u3"}]}',
      );
      expect(await group(groupId)).toMatchObject({ name: '销售 & co', owner: '小明', memberCount: 3, capacity: 3_000 });
    });

    test('on a live group the users join, and its name stays', async () => {
      const groupId = fresh();
      expectDone(await post('/group/create.json', { userId: 'u1', groupId, groupName: 'one' }));
      expectDone(await post('/group/create.json', { userId: ['u2', 'u1'], groupId, groupName: 'two' }));
      expect(await membersOf(groupId)).toEqual(['u1', 'u2']);
      expect(await group(groupId)).toMatchObject({ name: 'one', owner: 'u1' });
    });

    test('takes 3,000 users of 64 characters, percent-encoded, in one append', async () => {
      const groupId = fresh();
      const userId = Array.from({ length: 3_000 }, (_, i) => `${String(i).padStart(4, '0')}${'销'.repeat(60)}`);
      expectDone(await post('/group/create.json', { userId, groupId, groupName: 'full' }));
      expect(await membersOf(groupId)).toEqual(userId);
      const { events } = await nats.query('events', { app: 'demo', groupId });
      expect(new Set(events.map(({ commandId }) => commandId)).size).toBe(1);
      expectError(
        await post('/group/join.json', { userId: 'one more', groupId }),
        405,
        405,
        (await nats
          .command('addMembers', { app: 'demo', actor: { type: 'service' }, groupId, userIds: ['one more'] })
          .catch((error: unknown) => (error as CohortError).message)) as string,
      );
      expect(await membersOf(groupId)).toHaveLength(3_000);
    });

    test('3,001 users are too many', async () => {
      expectError(
        await post('/group/create.json', { userId: users(3_001), groupId: fresh(), groupName: 'n' }),
        400,
        1502,
        'userId is given 3001 times, at most 3000 are allowed',
      );
    });
  });

  describe('join', () => {
    test('adds users; who is in already stays in; never renames', async () => {
      const groupId = fresh();
      await post('/group/create.json', { userId: 'u1', groupId, groupName: 'name' });
      expectDone(await post('/group/join.json', { groupId, groupName: 'other', userId: 'u2' }));
      expectDone(await post('/group/join.json', { groupId, groupName: 'undefined', userId: ['u3', 'u2', 'u3'] }));
      expect(await membersOf(groupId)).toEqual(['u1', 'u2', 'u3']);
      expect((await group(groupId)).name).toBe('name');
    });

    test.each([
      ['its name', { groupName: 'new' }, 'new'],
      ['its id for want of a name', {}, undefined],
    ])('makes an unknown group, with %s', async (_what, name, expected) => {
      const groupId = fresh();
      expectDone(await post('/group/join.json', { groupId, userId: ['u5', 'u6'], ...name }));
      expect(await group(groupId)).toMatchObject({ name: expected ?? groupId, owner: 'u5', capacity: 3_000 });
    });

    test('takes 1,000 users, not more', async () => {
      const groupId = fresh();
      expectDone(await post('/group/join.json', { groupId, userId: users(1_000) }));
      expectDone(await post('/group/join.json', { groupId, userId: users(1_000, 1_000) }));
      expect(await membersOf(groupId)).toEqual(users(2_000));
      expectError(
        await post('/group/join.json', { groupId, userId: users(1_001) }),
        400,
        1502,
        'userId is given 1001 times, at most 1000 are allowed',
      );
    });
  });

  describe('quit', () => {
    test('the oldest member becomes owner; with nobody left the group is over', async () => {
      const groupId = fresh();
      await post('/group/create.json', { userId: ['u1', 'u2', 'u3'], groupId, groupName: 'n' });
      expectDone(await post('/group/quit.json', { groupId, userId: 'u1' }));
      expect(await group(groupId)).toMatchObject({ owner: 'u2', memberCount: 2 });
      expectDone(await post('/group/quit.json', { groupId, userId: ['u3', 'stranger'] }));
      expect(await membersOf(groupId)).toEqual(['u2']);
      expectDone(await post('/group/quit.json', { groupId, userId: 'u2' }));
      expect(await membersOf(groupId)).toEqual([]);
      expect((await group(groupId)).status).toBe('dismissed');
    });

    test('the users of one call go together: none of them becomes owner on the way', async () => {
      const groupId = fresh();
      await post('/group/create.json', { userId: ['u1', 'u2', 'u3'], groupId, groupName: 'n' });
      expectDone(await post('/group/quit.json', { groupId, userId: ['u1', 'u2'] }));
      expect(await group(groupId)).toMatchObject({ owner: 'u3', memberCount: 1 });
    });
  });

  describe('dismiss', () => {
    test('anyone may, and is recorded', async () => {
      const groupId = fresh();
      await post('/group/create.json', { userId: ['u1', 'u2'], groupId, groupName: 'n' });
      expectDone(await post('/group/dismiss.json', { groupId, userId: 'no member' }));
      expectJson(await post('/group/user/query.json', { groupId }), 200, '{"code":200,"users":[]}');
      expect(await groupsOf('u1')).not.toHaveProperty(groupId);
      const { events } = await nats.query('events', { app: 'demo', groupId });
      expect(events.at(-1)).toMatchObject({
        type: 'dismissed',
        actor: { type: 'service', onBehalfOf: 'no member' },
      });
    });

    test('is final: create and join are refused, the rest succeeds and changes nothing', async () => {
      const groupId = fresh();
      await post('/group/create.json', { userId: 'u1', groupId, groupName: 'n' });
      await post('/group/dismiss.json', { groupId, userId: 'u1' });
      const { revision } = await group(groupId);
      for (const path of ['/group/create.json', '/group/join.json']) {
        const { status, text } = await post(path, { userId: 'u1', groupId, groupName: 'n' });
        expect([status, JSON.parse(text)]).toEqual([400, { code: 1002, errorMessage: expect.any(String) as unknown }]);
      }
      expectDone(await post('/group/quit.json', { groupId, userId: 'u1' }));
      expectDone(await post('/group/dismiss.json', { groupId, userId: 'u1' }));
      expectDone(await post('/group/refresh.json', { groupId, groupName: 'again' }));
      expect(await group(groupId)).toMatchObject({ status: 'dismissed', revision });
    });
  });

  test('refresh renames', async () => {
    const groupId = fresh();
    await post('/group/create.json', { userId: 'u-refresh', groupId, groupName: 'old' });
    expectDone(await post('/group/refresh.json', { groupId, groupName: 'new name' }));
    expectJson(
      await post('/user/group/query.json', { userId: 'u-refresh' }),
      200,
      JSON.stringify({ code: 200, groups: [{ id: groupId, name: 'new name' }] }),
    );
  });

  test('an unknown group: quit, dismiss and refresh succeed, it has no users, and nothing is written', async () => {
    const groupId = fresh('unknown');
    expectDone(await post('/group/quit.json', { groupId, userId: 'u1' }));
    expectDone(await post('/group/dismiss.json', { groupId, userId: 'u1' }));
    expectDone(await post('/group/refresh.json', { groupId, groupName: 'n' }));
    expectJson(await post('/group/user/query.json', { groupId }), 200, '{"code":200,"users":[]}');
    expectJson(await post('/user/group/query.json', { userId: 'nobody' }), 200, '{"code":200,"groups":[]}');
    await expect(group(groupId)).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' });
  });

  describe('sync', () => {
    const sync = (userId: string, groups: Readonly<Record<string, string>>) =>
      post('/group/sync.json', {
        userId,
        ...Object.fromEntries(Object.entries(groups).map(([id, name]) => [`group[${id}]`, name])),
      });

    test('the user is in exactly these groups: made, joined, renamed, left', async () => {
      const userId = fresh('user');
      const [a, b, c] = [fresh(), fresh(), fresh()];
      await post('/group/create.json', { userId: ['u1'], groupId: a, groupName: 'A' });
      await post('/group/create.json', { userId: ['u1', userId], groupId: b, groupName: 'B' });
      await post('/group/create.json', { userId: [userId, 'u1'], groupId: c, groupName: 'C' });
      const d = fresh();
      expectDone(await sync(userId, { [a]: 'A', [b]: 'B, renamed', [d]: '新' }));
      expect(await groupsOf(userId)).toEqual({ [a]: 'A', [b]: 'B, renamed', [d]: '新' });
      expect(await membersOf(c)).toEqual(['u1']);
      expect(await group(c)).toMatchObject({ owner: 'u1' });
      expect(await group(d)).toMatchObject({ owner: userId, memberCount: 1, capacity: 3_000 });
    });

    test('with no group he leaves all, and those he was alone in are over', async () => {
      const userId = fresh('user');
      const [a, b] = [fresh(), fresh()];
      await post('/group/create.json', { userId: [userId], groupId: a, groupName: 'A' });
      await post('/group/create.json', { userId: ['u1', userId], groupId: b, groupName: 'B' });
      expectDone(await sync(userId, {}));
      expect(await groupsOf(userId)).toEqual({});
      expect((await group(a)).status).toBe('dismissed');
      expect(await membersOf(b)).toEqual(['u1']);
    });

    test('skips what is dismissed and finishes the rest', async () => {
      const userId = fresh('user');
      const [over, live] = [fresh(), fresh()];
      await post('/group/create.json', { userId: ['u1'], groupId: over, groupName: 'A' });
      await post('/group/dismiss.json', { groupId: over, userId: 'u1' });
      expectDone(await sync(userId, { [over]: 'A', [live]: 'B' }));
      expect(await groupsOf(userId)).toEqual({ [live]: 'B' });
    });

    test('the last one wins; small numbers are ids like any other; repeated, nothing is written', async () => {
      const userId = fresh('user');
      const prefix = String(1_000 + made);
      const groups = Object.fromEntries(users(30).map((_, i) => [`${prefix}${i}`, `n${i}`]));
      expectDone(await sync(userId, { ...groups, [fresh()]: 'left again' }));
      expectDone(await sync(userId, groups));
      expect(await groupsOf(userId)).toEqual(groups);
      const { revision } = await group(`${prefix}0`);
      expectDone(await sync(userId, groups));
      expect((await group(`${prefix}0`)).revision).toBe(revision);
    });

    test('raw brackets, as the Java SDK sends them', async () => {
      const [userId, groupId] = [fresh('user'), fresh()];
      expectDone(await post('/group/sync.json', `userId=${userId}&group[${groupId}]=two+words`));
      expect(await groupsOf(userId)).toEqual({ [groupId]: 'two words' });
    });
  });

  describe('what the Node SDK sends, byte for byte', () => {
    const recording = join(__dirname, 'recorded/rongcloud-sdk-3.1.1.json');
    const { calls } = JSON.parse(readFileSync(recording, 'utf8')) as {
      calls: Record<string, { path: string; headers: Record<string, string>; body: string }>;
    };
    const replay = (name: string) => {
      const { path, headers, body } = calls[name]!;
      return send(`${stack.gateway.url}${path}`, 'POST', headers, body);
    };

    test('every call of its group module', async () => {
      expectDone(await replay('sync'));
      expect(await groupsOf('u1')).toMatchObject({ g1: 'RongCloud', 7: 'a b&c=d', 5: '销售' });
      expectDone(await replay('create'));
      expectDone(await replay('create1'));
      expectDone(await replay('join'));
      expectDone(await replay('joinNoName'));
      expectDone(await replay('update'));
      expectJson(
        await replay('get'),
        200,
        '{"code":200,"users":[{"id":"u1"},{"id":"小明"},{"id":"u2"},{"id":"u3"},{"id":"u4"}]}',
      );
      expect(await groupsOf('u4')).toMatchObject({ g1: 'new' });
      expectDone(await replay('quit'));
      expectDone(await replay('dismiss'));
      expectJson(await replay('get'), 200, '{"code":200,"users":[]}');
      expectDone(await replay('syncEmpty'));
      expect(await groupsOf('u1')).toEqual({});
    });
  });

  describe('requests that are refused', () => {
    const fields = { groupId: 'g', groupName: 'n', userId: 'u' };

    test.each<[string, Fields, string]>([
      ['/group/create.json', { groupName: 'n', userId: 'u' }, 'groupId'],
      ['/group/create.json', { groupId: 'g', userId: 'u' }, 'groupName'],
      ['/group/create.json', { groupId: 'g', groupName: 'n' }, 'userId'],
      ['/group/join.json', { userId: 'u' }, 'groupId'],
      ['/group/join.json', { groupId: 'g', userId: 'undefined' }, 'userId'],
      ['/group/quit.json', { userId: 'u' }, 'groupId'],
      ['/group/quit.json', { groupId: 'g', userId: '' }, 'userId'],
      ['/group/dismiss.json', { userId: 'u' }, 'groupId'],
      ['/group/dismiss.json', { groupId: 'g' }, 'userId'],
      ['/group/refresh.json', { groupName: 'n' }, 'groupId'],
      ['/group/refresh.json', { groupId: 'g', groupName: 'undefined' }, 'groupName'],
      ['/group/user/query.json', {}, 'groupId'],
      ['/user/group/query.json', {}, 'userId'],
      ['/group/sync.json', {}, 'userId'],
      ['/group/sync.json', { userId: 'u', 'group[g]': '' }, 'group[g]'],
    ])('%s with %j: a field is missing', async (path, given, missing) => {
      expectError(await post(path, given), 400, 1002, `${missing} is required`);
    });

    test.each<[string, Fields, string]>([
      ['groupId', { ...fields, groupId: 'x'.repeat(65) }, 'groupId is longer than 64 characters'],
      ['groupName', { ...fields, groupName: '名'.repeat(65) }, 'groupName is longer than 64 characters'],
      ['userId', { ...fields, userId: ['u', 'x'.repeat(65)] }, 'userId is longer than 64 characters'],
    ])('%s too long', async (_field, given, message) => {
      expectError(await post('/group/create.json', given), 400, 1005, message);
    });

    test('a body over 8 MiB', async () => {
      const body = `userId=${'x'.repeat(8 * 1024 * 1024)}`;
      expectError(await post('/group/create.json', body), 400, 1508, 'the body is larger than 8388608 bytes');
    });

    test.each([
      ['signed wrongly', '/group/create.json', 401],
      ['to where nothing is', '/group/nothing.json', 404],
      ['to where no dialect is', '/nothing', 404],
    ])('a large body %s: the caller gets to read why', async (_what, path, status) => {
      const body = 'x'.repeat(20_000_000);
      const headers = signed({ ...DEMO, appSecret: 'x' });
      expect((await send(`${stack.gateway.url}${path}`, 'POST', headers, body)).status).toBe(status);
    });

    test('a group id among the aliases of others', async () => {
      const { status, text } = await post('/group/create.json', { ...fields, groupId: '9007199254740991' });
      expect([status, JSON.parse(text)]).toEqual([400, { code: 1002, errorMessage: expect.any(String) as unknown }]);
    });

    test.each([
      ['POST', '/group/nothing.json'],
      ['POST', '/message/private/publish.json'],
      ['GET', '/group/create.json'],
      ['PUT', '/group/create.json'],
    ])('%s %s is nothing', async (method, path) => {
      const answer = await send(`${stack.gateway.url}${path}`, method, signed(DEMO));
      expectError(answer, 404, 404, `there is nothing at ${method} ${path}`);
    });

    test('a path of no dialect', async () => {
      const { status, headers, text } = await send(`${stack.gateway.url}/group/create`, 'POST', signed(DEMO));
      expect([status, headers['content-type'], JSON.parse(text)]).toEqual([
        404,
        'application/problem+json; charset=utf-8',
        { title: 'Not Found', status: 404, detail: 'There is nothing at POST /group/create.' },
      ]);
    });
  });

  describe('signatures', () => {
    const ask = (headers: Record<string, string>) =>
      send(`${stack.gateway.url}/group/user/query.json`, 'POST', headers, 'groupId=none');

    test('headers with RC- before them, no Content-Type, and a wrong one', async () => {
      const answer = '{"code":200,"users":[]}';
      expectJson(await ask(signed(DEMO, 'RC-')), 200, answer);
      expectJson(await ask(signed(DEMO)), 200, answer);
      expectJson(await ask({ ...signed(DEMO), 'Content-Type': 'application/json' }), 200, answer);
    });

    test('wrong or missing', async () => {
      expectError(await ask(signed({ ...DEMO, appSecret: 'x' })), 401, 1004, 'Signature is wrong');
      expectError(await ask(signed({ ...DEMO, appKey: 'nobody' })), 401, 1001, 'App-Key is unknown');
      expectError(await ask({}), 401, 1001, 'App-Key is required');
      const { Nonce: _, ...withoutNonce } = signed(DEMO);
      expectError(await ask(withoutNonce), 401, 1004, 'Nonce is required');
    });

    test('nothing happens without one', async () => {
      const groupId = fresh();
      const body = encode({ groupId, groupName: 'n', userId: 'u1' });
      const answer = await send(
        `${stack.gateway.url}/group/create.json`,
        'POST',
        { ...signed(DEMO), Nonce: '1' },
        body,
      );
      expect(answer.status).toBe(401);
      expect(await membersOf(groupId)).toEqual([]);
    });
  });

  describe('apps', () => {
    test("see nothing of each other's groups", async () => {
      const groupId = fresh();
      await post('/group/create.json', { userId: 'u1', groupId, groupName: 'demo' });
      await post('/group/create.json', { userId: ['u2', 'u3'], groupId, groupName: 'small' }, SMALL);
      expect(await membersOf(groupId)).toEqual(['u1']);
      expect(await membersOf(groupId, SMALL)).toEqual(['u2', 'u3']);
      expect(await groupsOf('u2')).not.toHaveProperty(groupId);
      expectDone(await post('/group/dismiss.json', { groupId, userId: 'u2' }, SMALL));
      expect(await membersOf(groupId)).toEqual(['u1']);
    });

    test('have limits of their own', async () => {
      const groupId = fresh();
      const full = async (path: string, fields: Fields) => {
        const { status, text } = await post(path, fields, SMALL);
        expect([status, JSON.parse(text)]).toEqual([405, { code: 405, errorMessage: expect.any(String) as unknown }]);
      };
      await full('/group/create.json', { userId: users(4), groupId, groupName: 'n' });
      expectDone(await post('/group/create.json', { userId: users(2), groupId, groupName: 'n' }, SMALL));
      await full('/group/join.json', { userId: ['x', 'y'], groupId });
      expect(await membersOf(groupId, SMALL)).toEqual(users(2));
      expectDone(await post('/group/join.json', { userId: 'x', groupId }, SMALL));
      expectError(
        await post('/group/join.json', { userId: users(3), groupId }, SMALL),
        400,
        1502,
        'userId is given 3 times, at most 2 are allowed',
      );
    });

    test("strict: the seed's 30 and 60", async () => {
      const ok = { groupId: 'i'.repeat(30), groupName: 'n'.repeat(60), userId: 'u' };
      expectDone(await post('/group/create.json', ok, STRICT));
      expectError(
        await post('/group/create.json', { ...ok, groupId: 'i'.repeat(31) }, STRICT),
        400,
        1005,
        'groupId is longer than 30 characters',
      );
      expectError(
        await post('/group/create.json', { ...ok, groupName: 'n'.repeat(61) }, STRICT),
        400,
        1005,
        'groupName is longer than 60 characters',
      );
    });
  });

  describe("reading one's own writes, with two query nodes", () => {
    test('every read after a write shows it, whichever node answers', async () => {
      const groupId = fresh();
      for (let i = 0; i < 25; i++) {
        expectDone(await post('/group/join.json', { userId: `u${i}`, groupId }));
        const reads = await Promise.all(Array.from({ length: 4 }, () => membersOf(groupId)));
        for (const members of reads) expect(members).toEqual(users(i + 1));
      }
    });

    test('a write is not answered before a slow node has it', async () => {
      const groupId = fresh();
      const announced = new Map<string, Position>();
      const unsubscribe = nats.onQueryNodeApplied(({ node, position }) => void announced.set(node, position));
      const began = performance.now();
      const { revision, position } = await nats.command('create', { ...asService, groupId, name: 'n', owner: 'u0' });
      // From then on both have a new lease.
      await waitFor(() => [...announced.values()].filter((at) => comparePositions(at, position) >= 0).length === 2);
      unsubscribe();
      const slow = stack.queries[0]!;
      process.kill(slow.pid, 'SIGSTOP');
      let write: Promise<Answer>;
      let answeredAfterMs = Infinity;
      try {
        write = post('/group/join.json', { userId: 'u1', groupId }).finally(
          () => (answeredAfterMs = performance.now() - began),
        );
        // Asks the write side, for a query may reach the stopped node: the join is done once the group is past `revision`.
        const joined = () =>
          nats
            .command('changeInfo', { ...asService, groupId, name: 'n', expectedRevision: revision })
            .then(() => false)
            .catch((error: unknown) => error instanceof CohortError && error.code === 'CONCURRENCY_CONFLICT');
        while (!(await joined()));
        // Time enough for an answer that waits for nobody.
        for (let i = 0; i < 20; i++) await joined();
        expect(answeredAfterMs).toBeGreaterThan(WAITS_FOR_MS);
      } finally {
        process.kill(slow.pid, 'SIGCONT');
      }
      expectDone(await write);
      // Where all this took so long that the gateway had waited enough, the answer says nothing about the node.
      if (answeredAfterMs > WAITS_FOR_MS) return;
      const reads = await Promise.all(Array.from({ length: 8 }, () => membersOf(groupId)));
      for (const members of reads) expect(members).toEqual(['u0', 'u1']);
    });
    /** The gateway waits at least so long for a node: its bound, which is shorter than a lease. */
    const WAITS_FOR_MS = 1_990;
    const asService = { app: 'demo', actor: { type: 'service' as const } };

    test('a node that is gone holds writes up for its lease at most', async () => {
      const groupId = fresh();
      await stack.queries[1]!.kill();
      const began = performance.now();
      expectDone(await post('/group/create.json', { userId: 'u0', groupId, groupName: 'n' }));
      expect(performance.now() - began).toBeLessThan(10_000);
      expect(await membersOf(groupId)).toEqual(['u0']);
      await stack.start('query');
      expectDone(await post('/group/join.json', { userId: 'u1', groupId }));
      const reads = await Promise.all(Array.from({ length: 8 }, () => membersOf(groupId)));
      for (const members of reads) expect(members).toEqual(['u0', 'u1']);
    });
  });

  test('health and metrics on the same port', async () => {
    const get = (path: string) => send(`${stack.gateway.url}${path}`, 'GET', {});
    expect((await get('/health/live')).status).toBe(200);
    // Leases may just have ended.
    let ready: Answer | undefined;
    await waitFor(async () => (ready = await get('/health/ready')).status === 200);
    expect(JSON.parse(ready!.text)).toEqual(expect.objectContaining({ status: 'ok', error: {} }));
    await waitFor(async () => (await metric({ healthUrl: stack.gateway.url }, 'cohort_gateway_query_nodes')) === 2);
    const { text } = await get('/metrics');
    expect(text).toMatch(/cohort_http_duration_seconds_count\{http="POST \/group\/create.json",outcome="200"\} [0-9]+/);
  });

  test('with nobody behind it the gateway says so, and works again when somebody is back', async () => {
    const groupId = fresh();
    await stack.commands[0]!.kill();
    // What nats-server is given before it notices is sent to the dead, and may be taken for done.
    await waitFor(() =>
      nats
        .command('dismiss', { app: 'demo', actor: { type: 'service' }, groupId }, { timeoutMs: 250 })
        .then(() => false)
        .catch((error: unknown) => error instanceof CohortError && error.code === 'UNAVAILABLE'),
    );
    expectError(
      await post('/group/create.json', { userId: 'u1', groupId, groupName: 'n' }),
      504,
      1050,
      'No node of the service answered; nothing was done.',
    );
    await stack.start('command');
    expectDone(await post('/group/create.json', { userId: 'u1', groupId, groupName: 'n' }));
    expect(await membersOf(groupId)).toEqual(['u1']);
  });
});
