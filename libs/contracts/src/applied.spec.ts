import { isQueryNodeApplied } from './features/node';

const APPLIED = { node: 'query-0192', store: '7b1c', position: '12', leaseMs: 2_400 };

test.each([{}, { leaseMs: 0 }, { position: '0' }, { position: '18446744073709551615' }])(
  'an announcement of a query node has the fields that the node sends: %j',
  (part) => expect(isQueryNodeApplied({ ...APPLIED, ...part })).toBe(true),
);

test.each([
  null,
  7,
  'text',
  [],
  [APPLIED],
  {},
  { ...APPLIED, more: 1 },
  { ...APPLIED, node: '' },
  { ...APPLIED, node: 'n'.repeat(129) },
  { ...APPLIED, node: 'a b' },
  { ...APPLIED, node: ['n'] },
  { ...APPLIED, store: undefined },
  { ...APPLIED, store: { toString: 's' } },
  { ...APPLIED, position: 12 },
  { ...APPLIED, position: '-1' },
  { ...APPLIED, position: '01' },
  { ...APPLIED, position: '1e3' },
  { ...APPLIED, position: '1'.repeat(21) },
  { ...APPLIED, leaseMs: NaN },
  { ...APPLIED, leaseMs: Infinity },
  { ...APPLIED, leaseMs: -1 },
  { ...APPLIED, leaseMs: 1.5 },
  { ...APPLIED, leaseMs: '2400' },
  { ...APPLIED, leaseMs: [2_400] },
  { ...APPLIED, leaseMs: 1e15 },
  JSON.parse('{"__proto__":{"node":"n","store":"s","position":"1","leaseMs":1}}'),
])('a message that is no announcement of a query node is recognised: %j', (value) => {
  expect(isQueryNodeApplied(value)).toBe(false);
});
