import { FIRST_START_MS, newTenant, sharedService } from '../support/service';
import { fresh, onBothNodes, TenantClient } from '../support/tenant-client';
import { signed } from '../support/wildfirechat';
import { send } from './http';

/** WildfireChat's calls against the whole service: what they write, and what they read of it. */
describe('WildfireChat', () => {
  let url: string;
  let secret: string;
  let events: TenantClient;

  beforeAll(async () => {
    const service = await sharedService();
    url = service.gateway.url;
    const tenant = await newTenant();
    secret = tenant.wildfirechat.secret;
    events = await TenantClient.connect(service.natsUrl, tenant.id);
  }, FIRST_START_MS);
  afterAll(() => events?.close());

  const call = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const { status, text } = await send(`${url}/admin/group/${path}`, 'POST', signed(secret), JSON.stringify(body));
    expect(status).toBe(200);
    return JSON.parse(text) as Record<string, unknown>;
  };
  const OK = { code: 0, msg: 'success' };
  const create = async (members: readonly object[] = [], info: object = {}) => {
    const target_id = fresh('wf');
    const group_info = { target_id, name: 'Sales', owner: 'o', type: 2, ...info };
    expect(await call('create', { operator: 'op', group: { group_info, members } })).toEqual({
      ...OK,
      result: { group_id: target_id },
    });
    return target_id;
  };
  const membersOf = async (groupId: string) => {
    const { result } = await call('member/list', { groupId });
    const { members } = result as { members: { member_id: string; type: number; alias: string; extra: string }[] };
    return members.map(({ member_id, type, alias, extra }) => [member_id, type, alias, extra]);
  };

  test('a group is created with all that the call says, and read with its 13 fields', async () => {
    const groupId = await create(
      [
        { member_id: 'm', type: 1, alias: 'Em' },
        { member_id: 's', type: 3, extra: '{}' },
        { member_id: 'v', type: 5 },
        { member_id: 'x', type: 2 },
      ],
      { type: 3, portrait: 'p', extra: 'e', mute: 1, join_type: 2, private_chat: 1, searchable: 1, super_group: 1 },
    );
    const info = {
      ...{ target_id: groupId, name: 'Sales', portrait: 'p', owner: 'o', type: 3, extra: 'e', mute: 1, join_type: 2 },
      ...{ private_chat: 1, searchable: 1, max_member_count: 5, history_message: 0, super_group: 1 },
    };
    expect(await call('get_info', { groupId })).toEqual({ ...OK, result: info });
    expect((await call('batch_infos', [groupId, 'none'])).result).toEqual({ groupInfoList: [info] });
    expect(await membersOf(groupId)).toEqual([
      ['o', 2, '', ''],
      ['m', 1, 'Em', ''],
      ['s', 3, '', '{}'],
      ['v', 5, '', ''],
      ['x', 0, '', ''],
    ]);
    expect((await call('member/get', { groupId, memberId: 'm' })).result).toMatchObject({
      member_id: 'm',
      alias: 'Em',
    });
    expect(await call('member/get', { groupId, memberId: 'nobody' })).toEqual({ code: 253, msg: 'not exist' });
    expect(
      (await call('create', { operator: 'o', group: { group_info: { target_id: groupId, name: 'n' } } })).code,
    ).toBe(11);
  });

  test('the operator is the actor, and the notice travels with the event', async () => {
    const groupId = await create();
    const notice = { type: 1, content: 'moved' };
    const moved = { operator: 'boss', group_id: groupId, new_owner: 'new', line: 3, payload: notice };
    expect(await call('transfer', moved)).toEqual(OK);
    const [created, completed, joined, transferred] = await events.eventsOf(groupId, '0');
    expect(created).toMatchObject({ type: 'created', actor: { type: 'service', onBehalfOf: 'op' } });
    expect(completed).toMatchObject({ type: 'attributesSet', data: { set: { 'wildfirechat.type': '2' } } });
    const given = { vendor: 'wildfirechat', payload: JSON.stringify(notice), lines: [3] };
    expect(joined).toMatchObject({ type: 'memberJoined', notice: given });
    expect(transferred).toMatchObject({
      type: 'ownerTransferred',
      data: { from: 'o', to: 'new' },
      actor: { type: 'service', onBehalfOf: 'boss' },
      notice: given,
    });
  });

  test('members are added, described, removed and leave; owners who go are succeeded', async () => {
    const groupId = await create([{ member_id: 'a' }, { member_id: 'b', type: 1 }]);
    const by = { operator: 'o', group_id: groupId };
    expect(await call('member/add', { ...by, members: [{ member_id: 'c', alias: 'C' }] })).toEqual(OK);
    expect(await call('member/set_alias', { ...by, memberId: 'a', alias: 'A' })).toEqual(OK);
    expect(await call('member/set_extra', { ...by, extra: 'mine' })).toEqual(OK);
    expect(await call('member/set_alias', { ...by, memberId: 'nobody', alias: 'A' })).toMatchObject({ code: 9 });
    expect(await membersOf(groupId)).toEqual([
      ['o', 2, '', 'mine'],
      ['a', 0, 'A', ''],
      ['b', 1, '', ''],
      ['c', 0, 'C', ''],
    ]);
    expect(await call('member/del', { ...by, members: ['o', 'nobody'] })).toEqual(OK);
    expect(await call('member/quit', { operator: 'b', group_id: groupId })).toEqual(OK);
    expect(await membersOf(groupId)).toEqual([
      ['a', 2, 'A', ''],
      ['c', 0, 'C', ''],
    ]);
    expect(await call('member/del', { ...by, members: ['a', 'c'] })).toMatchObject({ code: 248 });
    expect(await call('member/quit', { operator: 'a', group_id: groupId })).toEqual(OK);
    expect(await call('get_info', { groupId })).toMatchObject({ code: 253 });
  });

  test('managers, muted members and allowed ones are set and reset', async () => {
    const groupId = await create([{ member_id: 'a' }]);
    const set = (path: string, is_manager: boolean) =>
      call(`manager/${path}`, { operator: 'o', group_id: groupId, members: ['a', 'nobody'], is_manager });
    for (const [path, type] of [
      ['set', 1],
      ['mute', 3],
      ['allow', 5],
    ] as const) {
      expect(await set(path, true)).toEqual(OK);
      expect((await membersOf(groupId))[1]).toEqual(['a', type, '', '']);
      expect(await set(path, false)).toEqual(OK);
      expect((await membersOf(groupId))[1]).toEqual(['a', 0, '', '']);
    }
  });

  test('groups of a user are found, by type, and in common with another', async () => {
    const [u, v] = [fresh('u'), fresh('v')];
    const owned = await create([{ member_id: v }], { owner: u });
    const silent = await create([{ member_id: u, type: 3 }]);
    const plain = await create([{ member_id: u }, { member_id: v, type: 1 }]);
    const ids = async (path: string, body: object) =>
      ((await call(path, body)).result as { groupIds: string[] }).groupIds;
    expect(await ids('of_user', { userId: u })).toEqual([plain, silent, owned]);
    expect(await ids('of_user_by_type', { userId: u, groupMemberTypes: [2, 3] })).toEqual([silent, owned]);
    expect(await ids('of_user_by_type', { user: u, types: [0] })).toEqual([plain]);
    expect(await ids('common_group', { first: u, second: v })).toEqual([plain, owned]);
    expect(await call('del', { operator: 'x', group_id: plain })).toEqual(OK);
    expect(await call('del', { operator: 'x', group_id: plain })).toMatchObject({ code: 253 });
    expect(await ids('of_user', { userId: u })).toEqual([silent, owned]);
  });

  test('a disabled group refuses every change with 248, but for its dismissal, and answers every read', async () => {
    const groupId = await create([{ member_id: 'a' }]);
    await events.run('disable', { groupId });
    const before = await events.eventsOf(groupId);
    const by = { operator: 'o', group_id: groupId };
    const flag = { ...by, members: ['a'], is_manager: true };
    const values = ['New', 'p', 'e', '1', '1', '1', '1'];
    const changes: [string, object][] = [
      ...values.map((value, type): [string, object] => ['modify', { ...by, type, value }]),
      ['transfer', { ...by, new_owner: 'a' }],
      ['transfer', { ...by, new_owner: 'stranger' }],
      ['member/add', { ...by, members: [{ member_id: 'new', alias: 'N' }] }],
      ['member/add', { ...by, members: [{ member_id: 'a', alias: 'A' }] }],
      ['member/del', { ...by, members: ['a'] }],
      ['member/quit', { ...by, operator: 'a' }],
      ['member/set_alias', { ...by, memberId: 'a', alias: 'A' }],
      ['member/set_extra', { ...by, memberId: 'a', extra: 'e' }],
      ['manager/set', flag],
      ['manager/mute', flag],
      ['manager/allow', flag],
    ];
    for (const [path, body] of changes) {
      expect([path, await call(path, body)]).toEqual([path, { code: 248, msg: 'no right to operate' }]);
    }
    expect(await events.eventsOf(groupId)).toEqual(before);
    expect(await call('get_info', { groupId })).toMatchObject({ code: 0, result: { name: 'Sales', mute: 0 } });
    expect(await membersOf(groupId)).toEqual([
      ['o', 2, '', ''],
      ['a', 0, '', ''],
    ]);
    expect(await call('member/get', { groupId, memberId: 'a' })).toMatchObject({ code: 0 });
    expect(await call('del', by)).toEqual(OK);
  });

  test('member/add adds all but blocked users, and then answers 246', async () => {
    const groupId = await create();
    await events.run('block', { groupId, userIds: ['bad'] });
    const members = [{ member_id: 'bad' }, { member_id: 'good', alias: 'G', type: 1 }];
    expect(await call('member/add', { operator: 'o', group_id: groupId, members })).toEqual({
      code: 246,
      msg: 'user in black list',
    });
    expect(await membersOf(groupId)).toEqual([
      ['o', 2, '', ''],
      ['good', 1, 'G', ''],
    ]);
    expect(await call('transfer', { operator: 'o', group_id: groupId, new_owner: 'bad' })).toMatchObject({ code: 246 });
  });

  test('a change of so many members that they exceed a notice has none, and its events have them', async () => {
    const groupId = await create();
    const ids = Array.from({ length: 500 }, (_, i) => `user-${i}-${'x'.repeat(40)}`);
    const by = { operator: 'o', group_id: groupId };
    expect(await call('member/add', { ...by, members: ids.map((member_id) => ({ member_id })) })).toEqual(OK);
    expect(await call('manager/mute', { ...by, members: ids, is_manager: true })).toEqual(OK);
    expect(await call('member/del', { ...by, members: ids })).toEqual(OK);
    const changes = (await events.eventsOf(groupId)).slice(1).filter(({ type }) => type !== 'attributesSet');
    expect(changes.every(({ notice }) => notice === undefined)).toBe(true);
    expect(await call('get_info', { groupId })).toMatchObject({ result: { max_member_count: 1 } });
  });

  test('a create or an add whose first call ended after its first command is completed by the same call, create once', async () => {
    const target_id = fresh('wf');
    const content = JSON.stringify({ g: target_id, o: 'op', n: 'Sales', m: '' });
    const notice = { type: 104, base64edData: Buffer.from(content).toString('base64') };
    const created = await events.run('create', {
      ...{ groupId: target_id, name: 'Sales', owner: 'o', members: ['m', 's'] },
      actor: { type: 'service', onBehalfOf: 'op' },
      notice: { vendor: 'wildfirechat', payload: JSON.stringify(notice), lines: [0] },
    });
    await onBothNodes(() => events.query('group', { groupId: target_id, after: created.position }));
    const members = [
      { member_id: 'm', type: 1, alias: 'Em' },
      { member_id: 's', type: 3, extra: '{}' },
    ];
    const body = { operator: 'op', group: { group_info: { target_id, name: 'Sales', owner: 'o', type: 3 }, members } };
    expect(await call('create', body)).toEqual({ ...OK, result: { group_id: target_id } });
    expect(await membersOf(target_id)).toEqual([
      ['o', 2, '', ''],
      ['m', 1, 'Em', ''],
      ['s', 3, '', '{}'],
    ]);
    expect(await call('get_info', { groupId: target_id })).toMatchObject({ result: { type: 3 } });
    const { position: after } = await events.run('addMembers', { groupId: target_id, userIds: ['n'] });
    await onBothNodes(() => events.query('group', { groupId: target_id, after }));
    const add = { operator: 'op', group_id: target_id, members: [{ member_id: 'n', alias: 'En', type: 5 }] };
    expect(await call('member/add', add)).toEqual(OK);
    expect((await membersOf(target_id)).at(-1)).toEqual(['n', 5, 'En', '']);
    const complete = await events.eventsOf(target_id);
    expect(await call('create', body)).toEqual({ code: 11, msg: 'group already exist' });
    expect(await events.eventsOf(target_id)).toEqual(complete);
  });

  test('a tenant is named by its secret alone', async () => {
    const groupId = await create();
    const ask = async (key: string) => {
      const body = JSON.stringify({ groupId });
      return JSON.parse((await send(`${url}/admin/group/get_info`, 'POST', signed(key), body)).text) as object;
    };
    expect(await ask(secret)).toMatchObject({ code: 0 });
    expect(await ask((await newTenant()).wildfirechat.secret)).toMatchObject({ code: 253 });
    expect(await ask('other')).toMatchObject({ code: 244, result: { code: 244 } });
  });
});
