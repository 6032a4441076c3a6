import { ServedDialect } from './testing/served';

type Message = readonly [type: number, json: string];

/** The notice of the last command: its messages with the JSON of the built-in ones. */
const messagesOf = (served: ServedDialect): Message[] => {
  const { payload, ...rest } = served.asked.findLast(([, { notice }]) => notice !== undefined)![1].notice as {
    payload: string;
  };
  expect(rest).toEqual({ vendor: 'wildfirechat', lines: [0] });
  const given = JSON.parse(payload) as
    { type: number; base64edData: string } | { type: number; base64edData: string }[];
  return [given].flat().map(({ type, base64edData }) => [type, Buffer.from(base64edData, 'base64').toString()]);
};

const by = { operator: 'ann', group_id: 'g' };
const flag = (is_manager: boolean) => ({ ...by, members: ['a', 'b'], is_manager });
const group = { group_info: { target_id: 'g', name: '销售', owner: 'o' }, members: [{ member_id: 'a' }] };

describe("the vendor's built-in notices, whole", () => {
  let served: ServedDialect;
  beforeAll(async () => (served = await ServedDialect.start()));
  afterAll(() => served.stop());
  beforeEach(() => served.reset());

  test.each<[path: string, body: object, ...Message]>([
    ['create', { operator: 'ann', group }, 104, '{"g":"g","o":"ann","n":"销售","m":""}'],
    ['member/add', { ...by, members: [{ member_id: 'a' }] }, 105, '{"g":"g","o":"ann","ms":["a"]}'],
    ['member/del', { ...by, members: ['a', 'b'] }, 106, '{"g":"g","o":"ann","ms":["a","b"]}'],
    ['member/quit', by, 107, '{"g":"g","o":"ann","m":""}'],
    ['del', by, 108, '{"g":"g","o":"ann","m":""}'],
    ['transfer', { ...by, new_owner: 'b' }, 109, '{"g":"g","o":"ann","m":"b"}'],
    ['modify', { ...by, type: 0, value: 'N' }, 110, '{"g":"g","o":"ann","n":"N","m":""}'],
    ['member/set_alias', { ...by, memberId: 'a', alias: 'A' }, 111, '{"g":"g","o":"ann","n":"A","m":"a"}'],
    ['member/set_alias', { ...by, alias: 'A' }, 111, '{"g":"g","o":"ann","n":"A","m":"ann"}'],
    ['modify', { ...by, type: 1, value: 'p' }, 112, '{"g":"g","o":"ann","n":"p","m":""}'],
    ['modify', { ...by, type: 3, value: '1' }, 113, '{"g":"g","o":"ann","n":"1","m":""}'],
    ['modify', { ...by, type: 4, value: '2' }, 114, '{"g":"g","o":"ann","n":"2","m":""}'],
    ['modify', { ...by, type: 5, value: '1' }, 115, '{"g":"g","o":"ann","n":"1","m":""}'],
    ['modify', { ...by, type: 6, value: '0' }, 116, '{"g":"g","o":"ann","n":"0","m":""}'],
    ['manager/set', flag(true), 117, '{"g":"g","o":"ann","n":"1","ms":["a","b"]}'],
    ['manager/set', flag(false), 117, '{"g":"g","o":"ann","n":"0","ms":["a","b"]}'],
    ['manager/mute', flag(true), 118, '{"g":"g","o":"ann","n":"1","ms":["a","b"]}'],
    ['manager/allow', flag(false), 119, '{"g":"g","o":"ann","n":"0","ms":["a","b"]}'],
    ['modify', { ...by, type: 2, value: '{}' }, 122, '{"g":"g","o":"ann","n":"{}","m":""}'],
    ['member/set_extra', { ...by, memberId: 'a', extra: 'e' }, 123, '{"g":"g","o":"ann","n":"e","m":"a"}'],
  ])('%s of %j has the notice %d', async (path, body, type, json) => {
    expect(await served.post(path, body)).toContain('"code":0');
    expect(messagesOf(served)).toEqual([[type, json]]);
  });
});

describe.each([
  [1, [107, 121], [106]],
  [2, [107], [106, 120]],
  [3, [107, 121], [106, 120]],
])('with visibleNotices %d', (visibleNotices, quit, kick) => {
  let served: ServedDialect;
  beforeAll(async () => (served = await ServedDialect.start({ visibleNotices })));
  afterAll(() => served.stop());

  test('a quit and a kick have the second notices that it names, with the JSON of the first', async () => {
    await served.post('member/quit', by);
    expect(messagesOf(served)).toEqual(quit.map((type) => [type, '{"g":"g","o":"ann","m":""}']));
    await served.post('member/del', { ...by, members: ['a'] });
    expect(messagesOf(served)).toEqual(kick.map((type) => [type, '{"g":"g","o":"ann","ms":["a"]}']));
  });
});
