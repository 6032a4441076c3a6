import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Form } from '../../dialect/form';
import { limitsOf } from '../../dialect/limits';
import { RongCloudError } from './errors';
import * as fields from './fields';
import { RongCloudSettings } from './settings';

/** Reads the fields of a form. */
function form(body: string, strict = false) {
  const settings = Object.assign(new RongCloudSettings(), { strict });
  const pairs = new Form();
  for (const [name, value] of new URLSearchParams(body)) pairs.append(name, value);
  const call = { body: pairs, tenant: { id: 'demo', settings } };
  return {
    groupId: () => fields.groupId.read(call, 'groupId'),
    userId: () => fields.userId.read(call, 'userId'),
    groupName: () => fields.groupName.read(call, 'groupName'),
    optionalGroupName: () => fields.optionalGroupName.read(call, 'groupName'),
    fewUserIds: () => fields.fewUserIds.read(call, 'userId'),
    firstUserIds: () => fields.firstUserIds.read(call, 'userId'),
    groups: () => fields.groups.read(call, 'group'),
  };
}
const refusal = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof RongCloudError) return [error.code, error.message];
    throw error;
  }
  return 'accepted';
};

describe('the Node SDK’s', () => {
  const recorded = join(__dirname, '../../../../../test/gateway/recorded/rongcloud-sdk-3.1.1.json');
  const { calls } = JSON.parse(readFileSync(recorded, 'utf8')) as { calls: Record<string, { body: string }> };
  const sent = (call: string) => form(calls[call]!.body);

  test('sync is read as a user and their groups', () => {
    expect([sent('sync').userId(), sent('sync').groups()]).toEqual([
      'u1',
      [
        { groupId: 'g1', name: 'RongCloud' },
        { groupId: '7', name: 'a b&c=d' },
        { groupId: '5', name: '销售' },
      ],
    ]);
    expect([sent('syncEmpty').userId(), sent('syncEmpty').groups()]).toEqual(['u1', []]);
  });

  test('create is read as group, name and users', () => {
    const create = sent('create');
    expect([create.groupId(), create.groupName(), create.firstUserIds()]).toEqual([
      'g1',
      '销售 & co',
      ['小明', 'u2', 'u3'],
    ]);
    expect(sent('create1').firstUserIds()).toEqual(['u1']);
  });

  test('join may omit the name', () => {
    expect(sent('join').optionalGroupName()).toBe('x');
    expect(sent('joinNoName').optionalGroupName()).toBeUndefined();
    expect(refusal(() => sent('joinNoName').groupName())).toEqual([1002, 'groupName is required']);
  });
});

describe('groups of a sync', () => {
  test.each([
    ['raw brackets, as the Java SDK sends them', 'userId=u&group[g1]=one&group[g2]=two+words'],
    ['encoded brackets', 'userId=u&group%5Bg1%5D=one&group%5Bg2%5D=two%20words'],
  ])('groups are read from %s', (_how, body) => {
    expect(form(body).groups()).toEqual([
      { groupId: 'g1', name: 'one' },
      { groupId: 'g2', name: 'two words' },
    ]);
  });

  test('small numbers, brackets and __proto__ are ids like any other', () => {
    const body = 'group[0]=a&group[1]=b&group[__proto__]=c&group[a[b]]=d&group[销]=e';
    expect(
      form(body)
        .groups()
        .map(({ groupId }) => groupId),
    ).toEqual(['0', '1', '__proto__', 'a[b]', '销']);
  });

  test('of a group given twice the last name holds', () => {
    expect(form('group[g]=a&group[h]=b&group[g]=c').groups()).toEqual([
      { groupId: 'g', name: 'c' },
      { groupId: 'h', name: 'b' },
    ]);
  });

  test('a sync takes 5,000 groups, not more', () => {
    const body = (count: number) => Array.from({ length: count }, (_, i) => `group[g${i}]=n`).join('&');
    expect(form(body(5_000)).groups()).toHaveLength(5_000);
    expect(refusal(() => form(body(5_001)).groups())).toEqual([
      1502,
      'group is given 5001 times, at most 5000 are allowed',
    ]);
  });

  test.each<[string, string, unknown]>([
    ['no name', 'group[g1]=', [1002, 'group[g1] is required']],
    ["the Node SDK's missing name", 'group[g1]=undefined', [1002, 'group[g1] is required']],
    ['no id', 'group[]=a', [1002, 'groupId is required']],
    ['a long id', `group[${'x'.repeat(65)}]=a`, [1005, 'groupId is longer than 64 characters']],
    ['a long name', `group[g]=${'x'.repeat(65)}`, [1005, 'group[g] is longer than 64 characters']],
  ])('%s is refused', (_what, body, expected) => {
    expect(refusal(() => form(body).groups())).toEqual(expected);
  });
});

describe('fields', () => {
  test.each([
    ['nothing', ''],
    ['an empty field', 'groupId=&userId=&groupName='],
    ['undefined, as the Node SDK writes it', 'groupId=undefined&userId=undefined&groupName=undefined'],
    ['JSON', '{"groupId":"g","userId":"u","groupName":"n"}'],
  ])('a field is missing in %s', (_what, body) => {
    expect(refusal(() => form(body).groupId())).toEqual([1002, 'groupId is required']);
    expect(refusal(() => form(body).userId())).toEqual([1002, 'userId is required']);
    expect(refusal(() => form(body).fewUserIds())).toEqual([1002, 'userId is required']);
    expect(refusal(() => form(body).groupName())).toEqual([1002, 'groupName is required']);
    expect(form(body).optionalGroupName()).toBeUndefined();
    expect(form(body).groups()).toEqual([]);
  });

  test('lengths count code points', () => {
    const { length } = [...'👩'.repeat(64)];
    expect(length).toBe(64);
    expect(form(`groupId=${'👩'.repeat(64)}`).groupId()).toBe('👩'.repeat(64));
    expect(refusal(() => form(`groupId=${'👩'.repeat(65)}`).groupId())).toEqual([
      1005,
      'groupId is longer than 64 characters',
    ]);
    expect(refusal(() => form(`userId=${'x'.repeat(65)}`).userId())).toEqual([
      1005,
      'userId is longer than 64 characters',
    ]);
    expect(refusal(() => form(`groupName=${'x'.repeat(65)}`).groupName())).toEqual([
      1005,
      'groupName is longer than 64 characters',
    ]);
  });

  test('strict settings allow 30 characters of a group id and 60 of a name', () => {
    expect(form(`groupId=${'x'.repeat(30)}`, true).groupId()).toHaveLength(30);
    expect(refusal(() => form(`groupId=${'x'.repeat(31)}`, true).groupId())).toEqual([
      1005,
      'groupId is longer than 30 characters',
    ]);
    expect(form(`groupName=${'x'.repeat(60)}`, true).groupName()).toHaveLength(60);
    expect(refusal(() => form(`groupName=${'x'.repeat(61)}`, true).groupName())).toEqual([
      1005,
      'groupName is longer than 60 characters',
    ]);
    expect(form(`userId=${'x'.repeat(64)}`, true).userId()).toHaveLength(64);
  });

  test('an id with control characters is refused', () => {
    expect(refusal(() => form('groupId=a%00b').groupId())).toEqual([
      1002,
      'groupId must not contain control characters',
    ]);
  });

  test('names of no field are ignored', () => {
    expect(refusal(() => form('=&&==&[]=&group[').groupId())).toEqual([1002, 'groupId is required']);
    expect(form('=&&==&[]=&group[').groups()).toEqual([]);
  });
});

describe('users of a call', () => {
  const users = (count: number) => Array.from({ length: count }, (_, i) => `userId=u${i}`).join('&');

  test('one user or 30 make a list', () => {
    expect(form(users(30)).fewUserIds()).toHaveLength(30);
    expect(form('userId=u1').fewUserIds()).toEqual(['u1']);
  });

  test('a repeated user counts once', () => {
    expect(form(`${users(1_000)}&userId=u1&userId=u2`).fewUserIds()).toHaveLength(1_000);
  });

  test('more users than the limit are refused', () => {
    expect(refusal(() => form(users(1_001)).fewUserIds())).toEqual([
      1502,
      'userId is given 1001 times, at most 1000 are allowed',
    ]);
  });

  test('fit into a body: 3,000 ids of 64 four-byte characters', () => {
    const ids = Array.from({ length: 3_000 }, (_, i) => `${String(i).padStart(4, '0')}${'👩'.repeat(60)}`);
    const body = ids.map((id) => `userId=${encodeURIComponent(id)}`).join('&');
    expect(body.length).toBeLessThan(limitsOf({ userId: fields.firstUserIds }).maxBytes);
    expect(form(body).firstUserIds()).toEqual(ids);
  });
});
