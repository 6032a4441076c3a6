import { FIRST_START_MS, newTenant, sharedService } from '../support/service';
import { TenantClient } from '../support/tenant-client';
import { expectDone, expectError, expectJson, RongCloudCaller, users, type Fields } from './rongcloud-caller';

/** Who may speak, by RongCloud's calls. */
describe('RongCloud', () => {
  let caller: RongCloudCaller;
  let nats: TenantClient;

  beforeAll(async () => {
    const service = await sharedService();
    const tenant = await newTenant();
    caller = new RongCloudCaller(service.gateway.url, tenant.rongcloud);
    nats = await TenantClient.connect(service.natsUrl, tenant.id);
  }, FIRST_START_MS);
  afterAll(() => nats?.close());

  const post: RongCloudCaller['post'] = (path, fields) => caller.post(path, fields);
  const create = async (groupId: string, ...userId: string[]) =>
    expectDone(await post('/group/create.json', { groupId, groupName: 'n', userId }));
  const canSpeak = async (groupId: string, userId: string) =>
    (await nats.query('canSpeak', { groupId, userId })).canSpeak;
  const muted = async (groupId: string) => {
    const { text } = await post('/group/user/gag/list.json', { groupId });
    return (JSON.parse(text) as { users: { userId: string; time: string; startTime: string }[] }).users;
  };
  /** Milliseconds of a time in UTC+8. */
  const ms = (time: string) => Date.parse(`${time.replace(' ', 'T')}+08:00`);

  test('a mute holds for its minutes, or for ever, until it is lifted, and its times are in UTC+8', async () => {
    await create('timed', 'o', 'a', 'b', 'c');
    const before = Date.now();
    expectDone(await post('/group/user/gag/add.json', { groupId: 'timed', userId: ['b', 'a'], minute: '90' }));
    expectDone(await post('/group/user/gag/add.json', { groupId: 'timed', userId: 'o', minute: '0' }));
    const [a, b, o, ...others] = await muted('timed');
    expect([a!.userId, b!.userId, o!.userId, others]).toEqual(['a', 'b', 'o', []]);
    expect(a!.time).toBe(b!.time);
    expect(ms(a!.time) - ms(a!.startTime)).toBe(90 * 60_000);
    expect(Math.abs(ms(a!.startTime) - before)).toBeLessThan(30_000);
    expect(o!.time).toBe('9999-12-31 23:59:59');
    expect(await Promise.all(['a', 'o', 'c'].map((user) => canSpeak('timed', user)))).toEqual([false, false, true]);

    expectDone(await post('/group/user/gag/rollback.json', { groupId: 'timed', userId: ['a', 'o', 'nobody'] }));
    expect((await muted('timed')).map(({ userId }) => userId)).toEqual(['b']);
    expect(await canSpeak('timed', 'o')).toBe(true);
  });

  test('a mute without a group holds in all groups of the user, and so does its end', async () => {
    await create('every-1', 'o', 'x', 'y');
    await create('every-2', 'o', 'x');
    expectDone(await post('/group/user/gag/add.json', { userId: ['x', 'y'], minute: '0' }));
    expect((await muted('every-1')).map(({ userId }) => userId)).toEqual(['x', 'y']);
    expect((await muted('every-2')).map(({ userId }) => userId)).toEqual(['x']);
    expectDone(await post('/group/user/gag/add.json', { groupId: 'every-1', userId: 'x', minute: '1' }));
    const inAll = JSON.parse((await post('/group/user/gag/list.json', '')).text) as { users: { userId: string }[] };
    // The longest of their mutes, once for each user.
    const never = { time: '9999-12-31 23:59:59', startTime: expect.any(String) as string };
    expect(inAll.users.filter(({ userId }) => ['x', 'y'].includes(userId))).toEqual([
      { userId: 'x', ...never },
      { userId: 'y', ...never },
    ]);
    expectDone(await post('/group/user/gag/rollback.json', { userId: ['x', 'y'] }));
    expect([await muted('every-1'), await muted('every-2')]).toEqual([[], []]);
  });

  test('users who are no members are named by the error, and the others are muted or may speak', async () => {
    await create('partly', 'o', 'a');
    const refused = 'The group refuses user stranger, who is no member; ';
    const userId = ['stranger', 'a'];
    expectError(
      await post('/group/user/gag/add.json', { groupId: 'partly', userId, minute: '1' }),
      400,
      1002,
      `${refused}the others are muted.`,
    );
    expect((await muted('partly')).map((one) => one.userId)).toEqual(['a']);
    expectError(
      await post('/group/user/ban/whitelist/add.json', { groupId: 'partly', userId }),
      400,
      1002,
      `${refused}the others may speak.`,
    );
    const allowed = '{"code":200,"userIds":["a"]}';
    expectJson(await post('/group/user/ban/whitelist/query.json', { groupId: 'partly' }), 200, allowed);
  });

  test('in a muted group its allow-list may speak, and a disabled group among others is the error of the call', async () => {
    await Promise.all(['loud', 'quiet', 'off'].map((groupId) => create(groupId, 'o', 'a', 'b')));
    await nats.run('disable', { groupId: 'off' });
    const { status, text } = await post('/group/ban/add.json', { groupId: ['off', 'quiet'] });
    expect([status, JSON.parse(text)]).toMatchObject([403, { code: 1016 }]);
    expectDone(await post('/group/user/ban/whitelist/add.json', { groupId: 'quiet', userId: 'b' }));
    expect(await Promise.all(['a', 'b'].map((user) => canSpeak('quiet', user)))).toEqual([false, true]);
    expectJson(
      await post('/group/ban/query.json', { groupId: ['quiet', 'loud', 'none'] }),
      200,
      '{"code":200,"groupinfo":[{"groupId":"quiet","stat":1},{"groupId":"loud","stat":0},{"groupId":"none","stat":0}]}',
    );
    expectDone(await post('/group/ban/add.json', { groupId: 'loud' }));
    const page = async (fields: Fields) => {
      const { text } = await post('/group/ban/query.json', fields);
      return (JSON.parse(text) as { groupinfo: { groupId: string; stat: number }[] }).groupinfo;
    };
    const all = [...(await page({ page: '1', size: '1', groupId: 'none' })), ...(await page({ page: '2', size: '1' }))];
    expect(all.sort((one, other) => one.groupId.localeCompare(other.groupId))).toEqual([
      { groupId: 'loud', stat: 1 },
      { groupId: 'quiet', stat: 1 },
    ]);
    expect([await page({ size: '999' }), await page({ page: '3', size: '1' })]).toMatchObject([{ length: 2 }, []]);
    expectDone(await post('/group/user/ban/whitelist/rollback.json', { groupId: 'quiet', userId: ['b', 'nobody'] }));
    expect(await canSpeak('quiet', 'b')).toBe(false);
    expectDone(await post('/group/ban/rollback.json', { groupId: ['quiet', 'loud', 'none'] }));
    expect(await canSpeak('quiet', 'a')).toBe(true);
  });

  test('a call mutes 20 users or groups, not more', async () => {
    await create('many', ...users(21));
    const minute = '1';
    expectDone(await post('/group/user/gag/add.json', { groupId: 'many', userId: users(20), minute }));
    const tooMany = (field: string) => `${field} is given 21 times, at most 20 are allowed`;
    expectError(
      await post('/group/user/gag/add.json', { groupId: 'many', userId: users(21), minute }),
      400,
      1502,
      tooMany('userId'),
    );
    expectError(await post('/group/ban/add.json', { groupId: users(21) }), 400, 1502, tooMany('groupId'));
  });

  test("a remark is the member's name in the group, until it is deleted", async () => {
    await create('remarks', 'o', 'a');
    const name = { groupId: 'remarks', userId: 'a' };
    const remark = async () => (await post('/group/remarks/get.json', name)).text;
    // The Java SDK doesn't encode remarks.
    expectDone(await post('/group/remarks/set.json', 'groupId=remarks&userId=a&remark=备注 name'));
    expect(await remark()).toBe('{"code":200,"remark":"备注 name"}');
    const { profiles } = await nats.query('memberProfiles', { groupId: 'remarks', userIds: ['a'] });
    expect(profiles).toMatchObject([{ userId: 'a', displayName: '备注 name' }]);
    expectDone(await post('/group/remarks/del.json', name));
    expectDone(await post('/group/remarks/del.json', { ...name, userId: 'stranger' }));
    expect(await remark()).toBe('{"code":200,"remark":""}');
    const { status, text } = await post('/group/remarks/set.json', { ...name, userId: 'stranger', remark: 'x' });
    expect([status, JSON.parse(text)]).toMatchObject([400, { code: 1002 }]);
  });
});
