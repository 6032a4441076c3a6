import { CohortError } from '@cohort/contracts';
import { ServedDialect, signed } from './testing/served';

describe('the WildfireChat dialect', () => {
  let served: ServedDialect;
  beforeAll(async () => (served = await ServedDialect.start()));
  afterAll(() => served.stop());
  beforeEach(() => served.reset());
  const send = (...call: Parameters<ServedDialect['send']>) => served.send(...call);
  const post = (...call: Parameters<ServedDialect['post']>) => served.post(...call);

  const OK = '{"code":0,"msg":"success"}';
  const by = (operator: string) => ({ type: 'service', onBehalfOf: operator });

  test('an answer has its length, is neither chunked nor compressed, and allows no page', async () => {
    const headers = { ...signed(), 'Accept-Encoding': 'gzip,deflate', Origin: 'https://page.example' };
    const answer = await send('/admin/group/transfer', '{"operator":"a","group_id":"g","new_owner":"b"}', headers);
    expect([answer.status, answer.text]).toEqual([200, OK]);
    expect(answer.headers['content-type']).toMatch(/^application\/json; ?charset=utf-8$/);
    expect(answer.headers['content-length']).toBe(String(OK.length));
    for (const name of ['transfer-encoding', 'content-encoding', 'access-control-allow-origin'])
      expect(answer.headers[name]).toBeUndefined();
  });

  test('the header Content-Encoding: UTF-8 of the Java SDK is no compression', async () => {
    const headers = { ...signed(), 'Content-Encoding': 'UTF-8' };
    expect((await send('/admin/group/del', '{"operator":"a","group_id":"g"}', headers)).text).toBe(OK);
  });

  test('the headers of the signature may be capitalised', async () => {
    const { nonce, timestamp, sign } = signed();
    const headers = { Nonce: nonce, Timestamp: timestamp, Sign: sign.toUpperCase() };
    expect((await send('/admin/group/del', '{"operator":"a","group_id":"g"}', headers)).text).toBe(OK);
  });

  test('failures of authentication are HTTP 200, and nested', async () => {
    const wrong = await send('/admin/group/del', '{}', signed('other'));
    const error = { code: 244, msg: 'auth failure' };
    expect([wrong.status, JSON.parse(wrong.text)]).toEqual([200, { ...error, result: error }]);
    const missing = await send('/admin/group/del', '{}', {});
    expect(JSON.parse(missing.text)).toMatchObject({ code: 239, result: { code: 239 } });
    expect(served.asked).toEqual([]);
  });

  test.each([
    ['/admin/group/nothing', '{}'],
    ['/admin/group/join_request/add', '{}'],
    ['/admin/group/transfer', '{"operator":"a","group_id":"g","new_owner":"b",}'],
    ['/admin/group/transfer', ''],
    ['/admin/group/transfer', '[]'],
    ['/admin/group/batch_infos', '{}'],
    ['/admin/group/create', '{"operator":"a"}'],
    ['/admin/group/create', '{"operator":"a","group":null}'],
    ['/admin/group/create', '{"operator":"a","group":{"members":[]}}'],
  ])('%s with %s is HTTP 500 without a body', async (path, body) => {
    const { status, text, headers } = await send(path, body);
    expect([status, text, headers['content-length']]).toEqual([500, '', '0']);
  });

  test('a wrong method is HTTP 500, and HEAD is 200, both empty', async () => {
    expect(await send('/admin/group/del', '', signed(), 'GET')).toMatchObject({ status: 500, text: '' });
    expect(await send('/admin/group/del', '', {}, 'HEAD')).toMatchObject({ status: 200, text: '' });
  });

  test('health needs no signature', async () => {
    for (const method of ['GET', 'POST']) expect((await send('/admin/health', '', {}, method)).text).toBe(OK);
  });

  test.each([
    ['GROUP_NOT_FOUND', 253, 'not exist'],
    ['GROUP_DISABLED', 248, 'no right to operate'],
    ['CAPACITY_REACHED', 240, 'group exceed max member count'],
    ['USER_BLOCKED', 246, 'user in black list'],
    ['OVERLOADED', 250, 'over frequency'],
  ] as const)('%s is HTTP 200 with code %d, nested if nothing was begun', async (error, code, msg) => {
    served.behind = () => {
      throw new CohortError(error, 'x');
    };
    expect(await post('transfer', { operator: 'a', group_id: 'g', new_owner: 'b' })).toBe(
      JSON.stringify({ code, msg, ...(code === 250 ? { result: { code, msg } } : {}) }),
    );
  });

  test.each([
    ['del', { group_id: 'g' }],
    ['del', { operator: 'a', group_id: null }],
    ['transfer', { operator: 'a', group_id: 'g' }],
    ['get_info', {}],
    ['modify', { operator: 'a', group_id: 'g', type: 7, value: '1' }],
    ['create', { group: { group_info: { name: 'n' } } }],
    ['member/add', { group_id: 'g', members: [{ alias: 'x' }] }],
    ['manager/set', { operator: 'a', group_id: 'g', is_manager: true }],
    ['modify', { operator: 'a', group_id: 'g', type: 3, value: '2' }],
    ['modify', { operator: 'a', group_id: 'g', type: 0, value: '' }],
    ['modify', { operator: 'a', group_id: 'g', type: 0 }],
    ['transfer', { operator: 'a', group_id: 'g', new_owner: 'x'.repeat(65) }],
    ['del', { operator: 'a', group_id: 'g', notify_message: { type: {} } }],
    ['del', { operator: 'a', group_id: 'g', notify_message: { type: 'x' } }],
    ['del', { operator: 'a', group_id: 'g', payload: { type: 1, content: 'x'.repeat(16_384) } }],
  ])('%s of %j is 251', async (path, body) => {
    expect(await post(path, body)).toBe('{"code":251,"msg":"Invalid parameter"}');
    expect(served.asked).toEqual([]);
  });

  test('create with a type that the vendor does not have is 2', async () => {
    for (const type of [-1, 4]) {
      const body = { operator: 'a', group: { group_info: { name: 'n', type } } };
      expect(await post('create', body)).toBe('{"code":2,"msg":"invalid data"}');
    }
    expect(served.asked).toEqual([]);
  });

  test('numbers and flags that are missing have the value of the vendor: type 0, and is_manager false', async () => {
    expect(await post('modify', { operator: 'a', group_id: 'g', type: null, value: 'New' })).toBe(OK);
    expect(served.asked).toEqual([['changeInfo', expect.objectContaining({ name: 'New' })]]);
    served.behind = (name) => (name === 'group' ? { status: 'live', owner: 'o' } : { results: [], position: '1' });
    expect(await post('manager/set', { operator: 'a', group_id: 'g', members: ['x'] })).toBe(OK);
    expect(served.asked[2]).toEqual(['revokeAdmins', expect.objectContaining({ userIds: ['x'] })]);
    const info = { name: 'n', owner: 'o' };
    expect(await post('create', { operator: 'a', group: { group_info: info } })).toContain('"code":0');
    expect(served.asked.at(-1)).toEqual([
      'setAttributes',
      expect.objectContaining({ set: [{ key: 'wildfirechat.type', text: '0' }] }),
    ]);
  });

  test("the document's create makes the group for the operator, with the fields that others don't have", async () => {
    const group_info = { name: '老王的朋友们', owner: 'laowang', type: 3 };
    const members = [{ member_id: 'u2', name: '老王的朋友们', owner: 'laowang' }];
    const text = await post('create', { operator: 'a', group: { group_info, members }, line: 7, payload: { type: 9 } });
    const [[name, made], [next, kept]] = served.asked as [[string, Record<string, unknown>], [string, object]];
    expect(name).toBe('create');
    expect(made).toMatchObject({
      app: 'demo',
      actor: by('a'),
      name: '老王的朋友们',
      owner: 'laowang',
      members: ['u2'],
      settings: { joinPolicy: 'open', membersMayInvite: true, visibility: 'public' },
      notice: { vendor: 'wildfirechat', payload: '{"type":9}', lines: [7] },
    });
    expect(made.groupId).toMatch(/^[1-9][0-9]{0,15}$/);
    expect(text).toBe(JSON.stringify({ code: 0, msg: 'success', result: { group_id: made.groupId } }));
    expect([next, kept]).toMatchObject(['setAttributes', { set: [{ key: 'wildfirechat.type', text: '3' }] }]);
    expect(served.asked).toHaveLength(2);
  });

  test('fields that an SDK sends as null, and numbers that it always sends as 0, are missing', async () => {
    const zeros = { max_member_count: 0, mute: 0, type: 2, join_type: 0, private_chat: 0, searchable: 0 };
    await post('create', {
      operator: 'a',
      group: { group_info: { ...zeros, target_id: 'g1', name: 'n', owner: null, portrait: null }, members: null },
      member_extra: null,
      to_lines: null,
      notify_message: null,
    });
    expect(served.asked.map(([name]) => name)).toEqual(['create', 'setAttributes']);
    expect(served.asked[1]![1]).toMatchObject({ set: [{ key: 'wildfirechat.type', text: '2' }] });
    expect(served.asked[0]![1]).toMatchObject({ groupId: 'g1', owner: 'a', members: [], notice: { lines: [0] } });
    expect(served.asked[0]![1]).not.toHaveProperty('capacity');
  });

  test.each([[{}], [{ name: '' }], [{ name: null }]])('a group whose info is %j has its id as name', async (info) => {
    const text = await post('create', { operator: 'a', group: { group_info: info } });
    const made = served.asked[0]![1] as { readonly groupId: string; readonly notice: { readonly payload: string } };
    expect(made).toMatchObject({ name: made.groupId, owner: 'a' });
    const { base64edData } = JSON.parse(made.notice.payload) as { readonly base64edData: string };
    expect(JSON.parse(Buffer.from(base64edData, 'base64').toString())).toMatchObject({ n: made.groupId });
    expect(text).toBe(JSON.stringify({ code: 0, msg: 'success', result: { group_id: made.groupId } }));
  });

  test('types, aliases and extras of first members are commands of their own', async () => {
    const members = [
      { member_id: 'm', type: 1 },
      { member_id: 's', type: 3, alias: 'Sue' },
      { member_id: 'v', type: 5, extra: 'own' },
      { member_id: 'a', type: 2 },
    ];
    const group = { group_info: { target_id: 'g1', name: 'n', owner: 'a', mute: 1, type: 2 }, members };
    await post('create', { operator: 'a', group, memberExtra: 'all' });
    const sent = served.asked
      .slice(1)
      .map(([name, { app: _app, actor: _actor, groupId: _groupId, ...data }]) => [name, data]);
    expect(sent).toEqual([
      ['banAll', {}],
      ['grantAdmins', { userIds: ['m'] }],
      ['ban', { userIds: ['s'] }],
      ['allowToSpeak', { userIds: ['v'] }],
      ['setDisplayName', { userId: 's', displayName: 'Sue' }],
      ...[
        ['m', 'all'],
        ['s', 'all'],
        ['v', 'own'],
        ['a', 'all'],
      ].map(([userId, text]) => ['setMemberExtra', { userId, set: [{ key: 'extra', text }] }]),
      ['setAttributes', { set: [{ key: 'wildfirechat.type', text: '2' }] }],
    ]);
  });

  describe('create on an id that is taken', () => {
    const group = { group_info: { target_id: 'g1', name: 'n', owner: 'o' }, members: [{ member_id: 'm', type: 1 }] };
    const again = () => post('create', { operator: 'a', group });
    /** The service behind has this group, of which these are the attributes and the first event. */
    const taken = (attributes: object, over: object = {}) => {
      const content = Buffer.from('{"g":"g1","o":"a","n":"n","m":""}').toString('base64');
      const notice = { vendor: 'wildfirechat', payload: `{"type":104,"base64edData":"${content}"}` };
      const first = { type: 'created', data: { name: 'n', owner: 'o' }, notice, ...over };
      served.behind = (name) => {
        if (name === 'create') throw new CohortError('GROUP_EXISTS', 'x');
        if (name === 'attributes') return { groups: [{ groupId: 'g1', attributes }] };
        return name === 'events' ? { events: [first] } : { position: '1', results: [] };
      };
    };
    const EXISTS = '{"code":11,"msg":"group already exist"}';

    test('the repetition of a call that ended halfway completes the group', async () => {
      taken({});
      expect(await again()).toBe('{"code":0,"msg":"success","result":{"group_id":"g1"}}');
      expect(served.asked.map(([name]) => name).slice(3)).toEqual(['grantAdmins', 'setAttributes']);
    });

    test.each([
      ['that is complete', { 'wildfirechat.type': '0' }, {}],
      ['of another name', {}, { data: { name: 'x', owner: 'o' } }],
      ['of another owner', {}, { data: { name: 'n', owner: 'x' } }],
      ['that was made with another notice', {}, { notice: { vendor: 'wildfirechat', payload: '{"type":1}' } }],
      ['that was made elsewhere', {}, { notice: undefined }],
      ['that was imported', {}, { type: 'imported' }],
    ])('a group %s is left as it is: 11', async (_, attributes, over) => {
      taken(attributes, over);
      expect(await again()).toBe(EXISTS);
      expect(served.asked.map(([name]) => name)).toEqual(['create', 'attributes', 'events']);
    });

    test('of the same calls at the same time, one makes the group and the others get 11', async () => {
      let isThere = false;
      let others: Promise<string[]> | undefined;
      taken({});
      const taking = served.behind;
      served.behind = async (name, data) => {
        if (name === 'create' && !isThere) {
          isThere = true;
          return { position: '1' };
        }
        // The call that made the group goes on when the others are answered.
        if (name === 'grantAdmins') await (others ??= Promise.all([again(), again()]));
        return taking(name, data);
      };
      expect(await again()).toBe('{"code":0,"msg":"success","result":{"group_id":"g1"}}');
      expect(await others).toEqual([EXISTS, EXISTS]);
      taken({});
      expect(await again()).toContain('"code":0');
    });

    test('a group that was dismissed is 11', async () => {
      served.behind = () => {
        throw new CohortError('GROUP_DISMISSED', 'x');
      };
      expect(await again()).toBe(EXISTS);
    });
  });

  test.each([
    ['0', 'New', ['changeInfo', { name: 'New' }], 110],
    ['1', 'http://a', ['changeInfo', { avatar: 'http://a' }], 112],
    ['2', '{}', ['changeInfo', { ext: '{}' }], 122],
    ['3', '1', ['banAll', {}], 113],
    ['3', '0', ['unbanAll', {}], 113],
    ['4', '2', ['changeSettings', { joinPolicy: 'forbidden', membersMayInvite: false }], 114],
    ['5', '1', ['setAttributes', { set: [{ key: 'wildfirechat.private_chat', text: '1' }] }], 115],
    ['6', '1', ['changeSettings', { visibility: 'private' }], 116],
  ])('modify %s to %s is one command, with the notice of that change', async (type, value, [name, data], notice) => {
    expect(await post('modify', { operator: 'a', group_id: 'g', type: Number(type), value })).toBe(OK);
    expect(served.asked).toEqual([
      [name, expect.objectContaining({ actor: by('a'), groupId: 'g', ...(data as object) })],
    ]);
    const { payload } = served.asked[0]![1].notice as { payload: string };
    expect(JSON.parse(payload)).toMatchObject({ type: notice });
  });

  test('modify of a number to a text that is none is HTTP 500', async () => {
    const body = JSON.stringify({ operator: 'a', group_id: 'g', type: 3, value: 'yes' });
    expect(await send('/admin/group/modify', body)).toMatchObject({ status: 500, text: '' });
  });

  test('manager/set of the owner is 248 and changes nothing; users that are no members are ignored', async () => {
    served.behind = (name) => (name === 'group' ? { status: 'live', owner: 'o' } : { results: [], position: '1' });
    const body = { operator: 'a', group_id: 'g', is_manager: true };
    expect(await post('manager/set', { ...body, members: ['x', 'o'] })).toContain('"code":248');
    expect(served.asked.map(([name]) => name)).toEqual(['group']);
    served.behind = (name) =>
      name === 'group'
        ? { status: 'live', owner: 'o' }
        : { results: [{ userId: 'x', ok: false, code: 'NOT_A_MEMBER' }], position: '1' };
    expect(await post('manager/set', { ...body, members: ['x'] })).toBe(OK);
  });

  test.each([
    ['USER_BLOCKED', 246, 'user in black list'],
    ['USER_UNKNOWN', 253, 'not exist'],
    ['JOINED_GROUPS_REACHED', 248, 'no right to operate'],
  ])('member/add describes the users that joined, and answers for the one that is %s', async (refused, code, msg) => {
    served.behind = (name) => {
      const results = [
        { userId: 'x', ok: false, code: refused },
        { userId: 'y', ok: true },
      ];
      return { position: '1', results: name === 'addMembers' ? results : [] };
    };
    const members = [
      { member_id: 'x', alias: 'X' },
      { member_id: 'y', alias: 'Y' },
    ];
    expect(await post('member/add', { operator: 'a', group_id: 'g', members })).toBe(JSON.stringify({ code, msg }));
    expect(served.asked.slice(1)).toEqual([
      ['setDisplayName', expect.objectContaining({ userId: 'y', displayName: 'Y' })],
    ]);
  });

  test.each([
    ['set', true, 'grantAdmins', 117],
    ['set', false, 'revokeAdmins', 117],
    ['mute', true, 'ban', 118],
    ['mute', false, 'unban', 118],
    ['allow', true, 'allowToSpeak', 119],
    ['allow', false, 'disallowToSpeak', 119],
  ])('manager/%s with is_manager %s is %s', async (path, is_manager, command, type) => {
    served.behind = (name) => (name === 'group' ? { status: 'live', owner: 'o' } : { results: [], position: '1' });
    expect(await post(`manager/${path}`, { operator: 'a', group_id: 'g', members: ['x'], is_manager })).toBe(OK);
    expect(served.asked[1]).toEqual([command, expect.objectContaining({ actor: by('a'), userIds: ['x'] })]);
    expect(JSON.parse((served.asked[1]![1].notice as { payload: string }).payload)).toMatchObject({ type });
  });
});
