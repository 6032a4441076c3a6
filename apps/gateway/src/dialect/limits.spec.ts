import { limitsOf } from './limits';

const list = { in: 'body', many: { atMost: 1_000, bytes: 776 } } as const;

test('a body without lists has 64 KiB and 64 fields', () => {
  expect(limitsOf({ a: { in: 'body' } })).toEqual({ maxBytes: 65_536, maxFields: 64, lists: {} });
});

test('a list adds its items, each of which may be repeated', () => {
  const { maxBytes, maxFields, lists } = limitsOf({ a: { in: 'body' }, userId: list });
  expect(maxBytes).toBeGreaterThanOrEqual(65_536 + 776_000);
  expect(maxBytes % 1024).toBe(0);
  expect([maxFields, lists]).toEqual([2_064, { userId: 1_000 }]);
});

test('items of a list that are objects count with all their values', () => {
  expect(limitsOf({ members: { in: 'body', many: { atMost: 10, bytes: 100, values: 8 } } }).maxFields).toBe(64 + 160);
});

test('a row may set another size', () => {
  expect(limitsOf({ userId: list }, 1_000).maxBytes).toBe(1_000);
});
