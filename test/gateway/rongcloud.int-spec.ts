import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CohortError } from '@cohort/client';
import { metric } from '../support/metrics';
import { signed, type Credentials } from '../support/rongcloud';
import { FIRST_START_MS, newTenant, sharedService } from '../support/service';
import { TenantClient } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';
import { send, type Answer } from './http';
import { encode, expectDone, expectError, expectJson, RongCloudCaller, users, type Fields } from './rongcloud-caller';

/** RongCloud's dialect of the whole service. */
describe('RongCloud', () => {
  let url: string;
  let caller: RongCloudCaller;
  let small: RongCloudCaller;
  let strict: RongCloudCaller;
  let recorded: RongCloudCaller;
  let keys: Credentials;
  let nats: TenantClient;

  beforeAll(async () => {
    const service = await sharedService();
    url = service.gateway.url;
    const kinds = ['plain', 'small', 'strict', 'recorded'] as const;
    const tenants = await Promise.all(kinds.map(newTenant));
    [caller, small, strict, recorded] = tenants.map(({ rongcloud }) => new RongCloudCaller(url, rongcloud)) as [
      RongCloudCaller,
      RongCloudCaller,
      RongCloudCaller,
      RongCloudCaller,
    ];
    keys = caller.credentials;
    nats = await TenantClient.connect(service.natsUrl, tenants[0]!.id);
  }, FIRST_START_MS);
  afterAll(() => nats?.close());

  const post = (path: string, fields: Fields | string) => caller.post(path, fields);
  const membersOf = (groupId: string) => caller.membersOf(groupId);
  const groupsOf = (userId: string) => caller.groupsOf(userId);
  const group = (groupId: string) => nats.query('group', { groupId });

  let made = 0;
  /** A group id that no other test has. */
  const fresh = (label = 'g') => `${label}-${++made}`;

  describe('create', () => {
    test('create makes a group whose first user is its owner', async () => {
      const groupId = fresh();
      expectDone(await post('/group/create.json', { userId: ['小明', 'u2', 'u3'], groupId, groupName: '销售 & co' }));
      expectJson(
        await post('/group/user/query.json', { groupId }),
        200,
        '{"code":200,"users":[{"id":"小明"},{"id":"u2"},{"id":"u3"}]}',
      );
      expect(await group(groupId)).toMatchObject({ name: '销售 & co', owner: '小明', memberCount: 3, capacity: 3_000 });
    });

    test('create on a live group lets the users join and keeps the name', async () => {
      const groupId = fresh();
      expectDone(await post('/group/create.json', { userId: 'u1', groupId, groupName: 'one' }));
      expectDone(await post('/group/create.json', { userId: ['u2', 'u1'], groupId, groupName: 'two' }));
      expect(await membersOf(groupId)).toEqual(['u1', 'u2']);
      expect(await group(groupId)).toMatchObject({ name: 'one', owner: 'u1' });
    });

    test('create takes 3,000 users of 64 characters, percent-encoded, in one append', async () => {
      const groupId = fresh();
      const userId = Array.from({ length: 3_000 }, (_, i) => `${String(i).padStart(4, '0')}${'销'.repeat(60)}`);
      expectDone(await post('/group/create.json', { userId, groupId, groupName: 'full' }));
      expect(await membersOf(groupId)).toEqual(userId);
      const { events } = await nats.query('events', { groupId });
      expect(new Set(events.map(({ commandId }) => commandId)).size).toBe(1);
      expectError(
        await post('/group/join.json', { userId: 'one more', groupId }),
        405,
        405,
        (await nats
          .run('addMembers', { groupId, userIds: ['one more'] })
          .catch((error: unknown) => (error as CohortError).message)) as string,
      );
      expect(await membersOf(groupId)).toHaveLength(3_000);
    });

    test('create with 3,001 users is refused', async () => {
      expectError(
        await post('/group/create.json', { userId: users(3_001), groupId: fresh(), groupName: 'n' }),
        400,
        1502,
        'userId is given 3001 times, at most 3000 are allowed',
      );
    });
  });

  describe('join', () => {
    test('join adds users, keeps members and never renames', async () => {
      const groupId = fresh();
      await post('/group/create.json', { userId: 'u1', groupId, groupName: 'name' });
      expectDone(await post('/group/join.json', { groupId, groupName: 'other', userId: 'u2' }));
      expectDone(await post('/group/join.json', { groupId, groupName: 'undefined', userId: ['u3', 'u2', 'u3'] }));
      expect(await membersOf(groupId)).toEqual(['u1', 'u2', 'u3']);
      expect((await group(groupId)).name).toBe('name');
    });

    test.each([
      ['its name', { groupName: 'new' }, 'new'],
      ['its id as the name, if none is given', {}, undefined],
    ])('join makes an unknown group with %s', async (_what, name, expected) => {
      const groupId = fresh();
      expectDone(await post('/group/join.json', { groupId, userId: ['u5', 'u6'], ...name }));
      expect(await group(groupId)).toMatchObject({ name: expected ?? groupId, owner: 'u5', capacity: 3_000 });
    });

    test('join takes 1,000 users, not more', async () => {
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
    test('after a quit the oldest member becomes owner, and an empty group is dismissed', async () => {
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

    test('the users of one quit leave together, so that none of them becomes owner', async () => {
      const groupId = fresh();
      await post('/group/create.json', { userId: ['u1', 'u2', 'u3'], groupId, groupName: 'n' });
      expectDone(await post('/group/quit.json', { groupId, userId: ['u1', 'u2'] }));
      expect(await group(groupId)).toMatchObject({ owner: 'u3', memberCount: 1 });
    });
  });

  describe('dismiss', () => {
    test('any user may dismiss, and is recorded', async () => {
      const groupId = fresh();
      await post('/group/create.json', { userId: ['u1', 'u2'], groupId, groupName: 'n' });
      expectDone(await post('/group/dismiss.json', { groupId, userId: 'no member' }));
      expectJson(await post('/group/user/query.json', { groupId }), 200, '{"code":200,"users":[]}');
      expect(await groupsOf('u1')).not.toHaveProperty(groupId);
      const { events } = await nats.query('events', { groupId });
      expect(events.at(-1)).toMatchObject({
        type: 'dismissed',
        actor: { type: 'service', onBehalfOf: 'no member' },
      });
    });

    test('a dismissed group refuses create and join; the other calls succeed and change nothing', async () => {
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

  test('the message that goes with a change is the notice of its events', async () => {
    const groupId = fresh();
    const message = {
      fromUserId: 'u1',
      objectName: 'RC:GrpNtf',
      content: '{"operation":"改名"}',
      isIncludeSender: '1',
    };
    const sent = { groupId, ...message, bindNotifyMsg: 'true' };
    expectDone(await post('/group/create.json', { ...sent, groupName: 'n', userId: ['u1', 'u2'] }));
    expectDone(await post('/group/refresh.json', { groupId, ...message, groupName: 'without' }));
    expectDone(await post('/group/refresh.json', { ...sent, groupName: 'with' }));
    expectDone(await post('/group/quit.json', { ...sent, userId: 'u2' }));
    expectDone(await post('/group/dismiss.json', { ...sent, userId: 'u1' }));
    const { events } = await nats.query('events', { groupId });
    const notices = events.map(({ notice }) => notice && [notice.vendor, JSON.parse(notice.payload)]);
    const shown = ['rongcloud', message];
    expect([notices[0], ...notices.slice(-4)]).toEqual([shown, undefined, shown, shown, shown]);
  });

  test('refresh renames a group', async () => {
    const groupId = fresh();
    await post('/group/create.json', { userId: 'u-refresh', groupId, groupName: 'old' });
    expectDone(await post('/group/refresh.json', { groupId, groupName: 'new name' }));
    expectJson(
      await post('/user/group/query.json', { userId: 'u-refresh' }),
      200,
      JSON.stringify({ code: 200, groups: [{ id: groupId, name: 'new name' }] }),
    );
  });

  test('on an unknown group quit, dismiss and refresh succeed and write nothing', async () => {
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

    test('after a sync the user is in exactly its groups: made, joined, renamed, left', async () => {
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

    test('a sync without groups takes the user out of all; groups without members are dismissed', async () => {
      const userId = fresh('user');
      const [a, b] = [fresh(), fresh()];
      await post('/group/create.json', { userId: [userId], groupId: a, groupName: 'A' });
      await post('/group/create.json', { userId: ['u1', userId], groupId: b, groupName: 'B' });
      expectDone(await sync(userId, {}));
      expect(await groupsOf(userId)).toEqual({});
      expect((await group(a)).status).toBe('dismissed');
      expect(await membersOf(b)).toEqual(['u1']);
    });

    test('a sync skips a dismissed group and finishes the others', async () => {
      const userId = fresh('user');
      const [over, live] = [fresh(), fresh()];
      await post('/group/create.json', { userId: ['u1'], groupId: over, groupName: 'A' });
      await post('/group/dismiss.json', { groupId: over, userId: 'u1' });
      expectDone(await sync(userId, { [over]: 'A', [live]: 'B' }));
      expect(await groupsOf(userId)).toEqual({ [live]: 'B' });
    });

    test('the last sync wins, small numbers are ids like any other, and a repeat writes nothing', async () => {
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

    test('a sync may have raw brackets, as the Java SDK sends them', async () => {
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
      return send(`${url}${path}`, 'POST', headers, body);
    };

    test('every recorded call of the Node SDK has the answer that it expects', async () => {
      expectDone(await replay('sync'));
      expect(await recorded.groupsOf('u1')).toMatchObject({ g1: 'RongCloud', 7: 'a b&c=d', 5: '销售' });
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
      expect(await recorded.groupsOf('u4')).toMatchObject({ g1: 'new' });

      const time = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/) as string;
      const listed = async (name: string) => (JSON.parse((await replay(name)).text) as { users: unknown }).users;
      expectDone(await replay('gagAdd'));
      expectDone(await replay('muteMember'));
      const muted = [
        { userId: 'u2', time, startTime: time },
        { userId: 'u3', time, startTime: time },
        { userId: '小明', time: '9999-12-31 23:59:59', startTime: time },
      ];
      expect(await listed('gagList')).toEqual(muted);
      expect(await listed('muteMemberList')).toEqual(muted);
      expectDone(await replay('gagRemove'));
      expectDone(await replay('muteMemberRemove'));
      expect(await listed('gagList')).toEqual([]);
      expectDone(await replay('muteAll'));
      const mutedGroups = (JSON.parse((await replay('muteAllList')).text) as { groupinfo: object[] }).groupinfo;
      // The sync made them in any order.
      expect(mutedGroups).toHaveLength(2);
      expect(mutedGroups).toEqual(
        expect.arrayContaining([
          { groupId: '7', stat: 1 },
          { groupId: 'g1', stat: 1 },
        ]),
      );
      expectDone(await replay('muteAllRemove'));
      expectJson(await replay('muteAllList'), 200, '{"code":200,"groupinfo":[]}');
      expectDone(await replay('whitelistAdd'));
      expectJson(await replay('whitelist'), 200, '{"code":200,"userIds":["u2","小明"]}');
      expectDone(await replay('whitelistRemove'));
      expectJson(await replay('whitelist'), 200, '{"code":200,"userIds":["小明"]}');

      expectDone(await replay('quit'));
      expectDone(await replay('dismiss'));
      expectJson(await replay('get'), 200, '{"code":200,"users":[]}');
      expectDone(await replay('syncEmpty'));
      expect(await recorded.groupsOf('u1')).toEqual({});
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
    ])('%s with %j lacks a required field', async (path, given, missing) => {
      expectError(await post(path, given), 400, 1002, `${missing} is required`);
    });

    test.each<[string, Fields, string]>([
      ['groupId', { ...fields, groupId: 'x'.repeat(65) }, 'groupId is longer than 64 characters'],
      ['groupName', { ...fields, groupName: '名'.repeat(65) }, 'groupName is longer than 64 characters'],
      ['userId', { ...fields, userId: ['u', 'x'.repeat(65)] }, 'userId is longer than 64 characters'],
    ])('a %s over its limit is refused', async (_field, given, message) => {
      expectError(await post('/group/create.json', given), 400, 1005, message);
    });

    test.each([
      ['/group/create.json', 2_338],
      ['/group/join.json', 822],
      ['/group/sync.json', 7_628],
      ['/group/dismiss.json', 64],
    ])('%s takes a body of %d KiB, not more', async (path, kib) => {
      const body = `userId=u&x=${'x'.repeat(kib * 1024 - 11)}`;
      const refused = `the body is larger than ${kib * 1024} bytes`;
      expect((await post(path, body)).text).not.toContain(refused);
      expectError(await post(path, `${body}x`), 400, 1508, refused);
    });

    test('two ids that are not UTF-8 do not become one group', async () => {
      for (const id of ['x%B2%BF', 'x%B2%BB']) {
        const body = `userId=u&groupName=n&groupId=${id}`;
        expectError(await post('/group/create.json', body), 400, 1002, 'groupId is not UTF-8');
      }
      expectError(
        await post('/group/sync.json', 'userId=u&group%5Bx%B2%BF%5D=n'),
        400,
        1002,
        'the name of the field group[x%B2%BF] is not UTF-8',
      );
    });

    test('a percent-encoding without digits is refused, because an id would be ambiguous', async () => {
      expectError(
        await post('/group/create.json', 'userId=u&groupName=n&groupId=100%'),
        400,
        1002,
        'groupId has a % without two hexadecimal digits after it',
      );
    });

    test.each([
      ['signed wrongly', '/group/create.json', 401],
      ['to where nothing is', '/group/nothing.json', 404],
      ['to where no dialect is', '/nothing', 404],
    ])('a large body %s does not hide the error from its caller', async (_what, path, status) => {
      const body = 'x'.repeat(20_000_000);
      const headers = signed({ ...keys, appSecret: 'x' });
      expect((await send(`${url}${path}`, 'POST', headers, body)).status).toBe(status);
    });

    test('a group id among the numbers of aliases is refused', async () => {
      const { status, text } = await post('/group/create.json', { ...fields, groupId: '9007199254740991' });
      expect([status, JSON.parse(text)]).toEqual([400, { code: 1002, errorMessage: expect.any(String) as unknown }]);
    });

    test.each([
      ['POST', '/group/nothing.json'],
      ['POST', '/message/private/publish.json'],
      ['POST', '//group/create.json'],
      ['POST', '/group/%zz.json'],
      ['OPTIONS', '/group/create.json'],
      ['GET', '/group/create.json'],
      ['PUT', '/group/create.json'],
    ])("%s %s is the vendor's 404", async (method, path) => {
      const answer = await send(`${url}${path}`, method, signed(keys));
      expectError(answer, 404, 404, `no operation at ${method} ${path}`);
    });

    test('a path that no dialect claims is an HTTP problem', async () => {
      const { status, headers, text } = await send(`${url}/nowhere`, 'POST', signed(keys));
      expect([status, headers['content-type'], JSON.parse(text)]).toEqual([
        404,
        'application/problem+json; charset=utf-8',
        { title: 'Not Found', status: 404, detail: 'There is nothing at POST /nowhere.' },
      ]);
    });
  });

  test.each(['/Group/Create.json', '/group/create.json/', '/group/create.json?x=y', '/group/%63reate.json'])(
    'the path %s is that of create',
    async (path) => {
      const groupId = fresh();
      expectDone(await post(path, { userId: 'u1', groupId, groupName: 'n' }));
      expect(await membersOf(groupId)).toEqual(['u1']);
    },
  );

  describe('signatures', () => {
    const ask = (headers: Record<string, string>) =>
      send(`${url}/group/user/query.json`, 'POST', headers, 'groupId=none');

    test('a signature is accepted in headers with RC-, without Content-Type, and with a wrong one', async () => {
      const answer = '{"code":200,"users":[]}';
      expectJson(await ask(signed(keys, 'RC-')), 200, answer);
      expectJson(await ask(signed(keys)), 200, answer);
      expectJson(await ask({ ...signed(keys), 'Content-Type': 'application/json' }), 200, answer);
    });

    test('a wrong or missing signature is refused', async () => {
      expectError(await ask(signed({ ...keys, appSecret: 'x' })), 401, 1004, 'Signature is wrong');
      expectError(await ask(signed({ ...keys, appKey: 'nobody' })), 401, 1001, 'App-Key is unknown');
      expectError(await ask({}), 401, 1001, 'App-Key is required');
      const { Nonce: _, ...withoutNonce } = signed(keys);
      expectError(await ask(withoutNonce), 401, 1004, 'Nonce is required');
    });

    test('a call with a wrong signature changes nothing', async () => {
      const groupId = fresh();
      const body = encode({ groupId, groupName: 'n', userId: 'u1' });
      const answer = await send(`${url}/group/create.json`, 'POST', { ...signed(keys), Nonce: '1' }, body);
      expect(answer.status).toBe(401);
      expect(await membersOf(groupId)).toEqual([]);
    });
  });

  describe('tenants', () => {
    test("tenants see nothing of each other's groups", async () => {
      const groupId = fresh();
      await post('/group/create.json', { userId: 'u1', groupId, groupName: 'demo' });
      await small.post('/group/create.json', { userId: ['u2', 'u3'], groupId, groupName: 'small' });
      expect(await membersOf(groupId)).toEqual(['u1']);
      expect(await small.membersOf(groupId)).toEqual(['u2', 'u3']);
      expect(await groupsOf('u2')).not.toHaveProperty(groupId);
      expectDone(await small.post('/group/dismiss.json', { groupId, userId: 'u2' }));
      expect(await membersOf(groupId)).toEqual(['u1']);
    });

    test('tenants have limits of their own', async () => {
      const groupId = fresh();
      const full = async (path: string, fields: Fields) => {
        const { status, text } = await small.post(path, fields);
        expect([status, JSON.parse(text)]).toEqual([405, { code: 405, errorMessage: expect.any(String) as unknown }]);
      };
      await full('/group/create.json', { userId: users(4), groupId, groupName: 'n' });
      expectDone(await small.post('/group/create.json', { userId: users(2), groupId, groupName: 'n' }));
      await full('/group/join.json', { userId: ['x', 'y'], groupId });
      expect(await small.membersOf(groupId)).toEqual(users(2));
      expectDone(await small.post('/group/join.json', { userId: 'x', groupId }));
      expectError(
        await small.post('/group/join.json', { userId: users(3), groupId }),
        400,
        1502,
        'userId is given 3 times, at most 2 are allowed',
      );
    });

    test("strict tenants have RongCloud's limits: 30 characters for a group id, 60 for a name", async () => {
      const ok = { groupId: 'i'.repeat(30), groupName: 'n'.repeat(60), userId: 'u' };
      expectDone(await strict.post('/group/create.json', ok));
      expectError(
        await strict.post('/group/create.json', { ...ok, groupId: 'i'.repeat(31) }),
        400,
        1005,
        'groupId is longer than 30 characters',
      );
      expectError(
        await strict.post('/group/create.json', { ...ok, groupName: 'n'.repeat(61) }),
        400,
        1005,
        'groupName is longer than 60 characters',
      );
    });
  });

  describe("reading one's own writes, with two query nodes", () => {
    test('every read after a write shows it, whichever query node answers', async () => {
      const groupId = fresh();
      for (let i = 0; i < 25; i++) {
        expectDone(await post('/group/join.json', { userId: `u${i}`, groupId }));
        const reads = await Promise.all(Array.from({ length: 4 }, () => membersOf(groupId)));
        for (const members of reads) expect(members).toEqual(users(i + 1));
      }
    });
  });

  test('the gateway serves health and metrics on its port', async () => {
    const get = (path: string) => send(`${url}${path}`, 'GET', {});
    expect((await get('/health/live')).status).toBe(200);
    // Leases may just have ended.
    let ready: Answer | undefined;
    await waitFor(async () => (ready = await get('/health/ready')).status === 200);
    expect(JSON.parse(ready!.text)).toEqual(expect.objectContaining({ status: 'ok', error: {} }));
    await waitFor(async () => (await metric({ healthUrl: url }, 'cohort_gateway_query_nodes')) === 2);
    const { text } = await get('/metrics');
    expect(text).toMatch(/cohort_http_duration_seconds_count\{http="POST \/group\/create.json",outcome="200"\} [0-9]+/);
  });
});
