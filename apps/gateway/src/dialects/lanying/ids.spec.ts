import { CohortError } from '@cohort/contracts';
import { Caller } from '../../dialect/caller';
import { GroupService } from '../../dialect/group-service';
import { jsonText } from '../../dialect/json-text';
import { LanyingError } from './errors';
import { Ids, int64Of } from './ids';

test.each<[unknown, string | undefined]>([
  [0, '0'],
  [2306414607729, '2306414607729'],
  [9_223_372_036_854_775_807n, '9223372036854775807'],
  ['9223372036854775807', '9223372036854775807'],
  ['9223372036854775808', undefined],
  [9_223_372_036_854_775_808n, undefined],
  [-1, undefined],
  [1.5, undefined],
  [NaN, undefined],
  ['007', undefined],
  ['1e3', undefined],
  [' 7', undefined],
  ['', undefined],
  [true, undefined],
  [null, undefined],
  [[7], undefined],
])('the number of 64 bits in %p is %p', (value, expected) => {
  expect(int64Of(value)).toBe(expected);
});

/** A user or a group whose id is no number, and their alias. */
const ALICE = '4503599627370497';
const SALES = '4503599627370498';

function idsOf() {
  const asked: string[] = [];
  const visible: string[] = [];
  const answers: Readonly<Record<string, (data: Readonly<Record<string, string[]>>) => unknown>> = {
    usersByNumber: ({ numbers = [] }) => ({
      users: numbers.filter((number) => number === ALICE).map((number) => ({ number, userId: 'alice' })),
      missing: [],
    }),
    groupsByNumber: ({ numbers = [] }) => ({
      groups: numbers.filter((number) => number === SALES).map((number) => ({ number, groupId: 'sales' })),
      missing: [],
    }),
    userNumbers: ({ userIds = [] }) => ({
      numbers: userIds.map((userId, index) => ({ userId, number: String(BigInt(ALICE) + BigInt(index)) })),
      missing: [],
      assigned: '77',
    }),
    groups: ({ groupIds = [] }) => ({
      groups: groupIds.map((groupId) => ({ groupId, numericId: SALES })),
      missing: [],
    }),
  };
  const query = (name: string, data: Readonly<Record<string, string[]>>) => {
    asked.push(name);
    return Promise.resolve(answers[name]!(data));
  };
  const client = { command: query, query } as unknown as ConstructorParameters<typeof GroupService>[0];
  const nodes = { waitFor: (position: string) => (visible.push(position), Promise.resolve(true)) };
  const service = new GroupService(client, nodes, () => undefined);
  return { ids: new Ids(new Caller(service, 'tenant', { type: 'service' })), asked, visible };
}

test('numbers outside of the range of aliases are ids as they are, and nothing is looked up', async () => {
  const { ids, asked } = idsOf();
  const numbers = ['0', '20', String(2n ** 52n - 1n), String(2n ** 53n), String(2n ** 63n - 1n)];
  expect(await ids.userIds(numbers)).toEqual(numbers);
  expect(await ids.groupIds(numbers)).toEqual(numbers);
  const shown = numbers.map((id) => [ids.user(id), ids.group(id)]);
  await ids.resolve();
  expect(jsonText(shown)).toBe(`[${numbers.map((number) => `[${number},${number}]`).join()}]`);
  expect(asked).toEqual([]);
});

test('an alias is looked up, and one that nobody has is an error of the vendor', async () => {
  const { ids } = idsOf();
  expect(await ids.userIds(['20', ALICE])).toEqual(['20', 'alice']);
  expect(await ids.groupIds(['20', SALES, ALICE])).toEqual(['20', 'sales', undefined]);
  await expect(ids.userIds([SALES])).rejects.toEqual(new LanyingError(10000));
  await expect(ids.groupId(ALICE)).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' } satisfies Partial<CohortError>);
});

test('the user of a token is named by number or by id', async () => {
  const { ids } = idsOf();
  expect(await ids.subject('20')).toBe('20');
  expect(await ids.subject('alice')).toBe('alice');
  expect(await ids.subject(ALICE)).toBe('alice');
});

test('ids that are no numbers are shown by their aliases, which are looked up together', async () => {
  const { ids, asked, visible } = idsOf();
  const shown = [ids.user('alice'), ids.user('bob'), ids.user('alice'), ids.group('sales'), ids.group('x', SALES)];
  await ids.resolve();
  const bob = String(BigInt(ALICE) + 1n);
  expect(jsonText(shown)).toBe(`[${[ALICE, bob, ALICE, SALES, SALES].join()}]`);
  expect(asked).toEqual(['userNumbers', 'groups']);
  expect(visible).toEqual(['77']);
});

test('an id that looks like an alias has an alias of its own', async () => {
  const { ids } = idsOf();
  const shown = ids.user(String(2n ** 53n - 1n));
  await ids.resolve();
  expect(jsonText(shown)).toBe(ALICE);
});
