import { FIRST_START_MS, newTenant, sharedService } from '../support/service';
import { TenantClient } from '../support/tenant-client';

const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
const BASIS = expect.any(String) as string;

let tenant: TenantClient;

beforeAll(async () => {
  const { natsUrl } = await sharedService();
  tenant = await TenantClient.connect(natsUrl, (await newTenant()).id);
}, FIRST_START_MS);
afterAll(() => tenant?.close());

test('bans, the allow-list and blocks are listed and decide who may speak, from the command on; copies of the lists get the removals', async () => {
  const groupId = await tenant.newGroup({ members: ['ann', 'bob', 'cid'] });
  const hour = 3_600_000;
  const begun = Date.now();
  await tenant.run('ban', { groupId, userIds: ['bob'] });
  await tenant.run('ban', { groupId, userIds: ['ann'], durationMs: hour });
  await tenant.run('allowToSpeak', { groupId, userIds: ['cid'] });
  await tenant.run('block', { groupId, userIds: ['dot'] });
  const { revision, position: after } = await tenant.run('banAll', { groupId, durationMs: hour });
  const list = { total: 1, revision, basis: BASIS, full: true };

  const banned = await tenant.query('banned', { groupId, after });
  expect(banned).toEqual({
    ...list,
    total: 2,
    banned: [
      { userId: 'ann', until: ISO, bannedAt: ISO },
      { userId: 'bob', bannedAt: ISO },
    ],
  });
  const until = banned.banned[0]!.until!;
  expect(await tenant.query('bannedUsers', { after })).toEqual({ users: banned.banned });
  expect(await tenant.query('bannedGroups', { after })).toEqual({ groups: [{ groupId, until: ISO }] });
  expect(Date.parse(until) - Date.parse(banned.banned[0]!.bannedAt)).toBe(hour);
  expect(Date.parse(until)).toBeGreaterThanOrEqual(begun + hour);
  const allowed = await tenant.query('allowList', { groupId, after });
  expect(allowed).toEqual({ ...list, members: [{ userId: 'cid', allowedAt: ISO }] });
  const blocked = await tenant.query('blocked', { groupId, after });
  expect(blocked).toEqual({ ...list, blocked: [{ userId: 'dot', blockedAt: ISO }] });
  expect(await tenant.query('expiries', { after })).toEqual({
    expiries: [
      { groupId, kind: 'ban', id: 'ann', endsAt: until },
      { groupId, kind: 'banAll', id: '', endsAt: ISO },
    ],
  });

  const speech = async (userId: string, position: string) =>
    tenant.query('canSpeak', { groupId, userId, after: position });
  expect(await speech('o', after)).toEqual({ canSpeak: true });
  expect(await speech('cid', after)).toEqual({ canSpeak: true });
  expect(await speech('ann', after)).toEqual({ canSpeak: false, reason: 'banned', until });
  expect(await speech('dot', after)).toEqual({ canSpeak: false, reason: 'notAMember' });

  await tenant.run('unbanAll', { groupId });
  await tenant.run('disallowToSpeak', { groupId, userIds: ['cid'] });
  await tenant.run('unblock', { groupId, userIds: ['dot'] });
  const { position: end } = await tenant.run('unban', { groupId, userIds: ['ann'] });
  expect(await speech('ann', end)).toEqual({ canSpeak: true });
  expect(await speech('bob', end)).toEqual({ canSpeak: false, reason: 'banned' });
  const inThread = (userId: string, position: string) =>
    tenant.query('canSpeak', { groupId, userId, threadId: 't1', after: position });
  expect(await inThread('bob', end)).toEqual({ canSpeak: false, reason: 'banned' });
  expect(await inThread('ann', end)).toEqual({ canSpeak: true });
  const since = { groupId, sinceRevision: revision, basis: banned.basis, after: end };
  expect(await tenant.query('banned', since)).toMatchObject({ full: false, total: 1, banned: [], removed: ['ann'] });
  expect(await tenant.query('allowList', since)).toMatchObject({
    full: false,
    total: 0,
    members: [],
    removed: ['cid'],
  });
  expect(await tenant.query('blocked', since)).toMatchObject({ full: false, total: 0, blocked: [], removed: ['dot'] });
  expect(await tenant.query('expiries', { after: end })).toEqual({ expiries: [] });
});

test('in a disabled group nobody speaks, in threads neither, and no message is delivered, until it is enabled', async () => {
  const groupId = await tenant.newGroup({ members: ['ann'] });
  const of = { groupId, userId: 'ann' };
  const answers = async (after: string) => [
    await tenant.query('canSpeak', { ...of, after }),
    await tenant.query('canSpeak', { ...of, threadId: 't1', after }),
    await tenant.query('deliveryFor', { ...of, fromAdmin: true, mentioned: true, after }),
  ];
  const delivered = { receive: true, notify: true, push: true };
  const open = [{ canSpeak: true }, { canSpeak: true }, delivered];
  const { position: before } = await tenant.run('setPushMode', { ...of, mode: 2 });
  expect(await answers(before)).toEqual(open);
  const { position: off } = await tenant.run('disable', { groupId });
  const silent = { canSpeak: false, reason: 'disabled' };
  expect(await answers(off)).toEqual([silent, silent, { receive: false, notify: false, push: false }]);
  const { position: on } = await tenant.run('enable', { groupId });
  expect(await answers(on)).toEqual(open);
});
