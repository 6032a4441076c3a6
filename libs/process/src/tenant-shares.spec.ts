import { TenantShares } from './tenant-shares';

test('a tenant gets its share and no more, independent of other tenants', () => {
  const shares = new TenantShares(2);
  const first = shares.take('a');
  expect(first).toBeDefined();
  expect(shares.take('a')).toBeDefined();
  expect(shares.take('a')).toBeUndefined();
  expect(shares.take('b')).toBeDefined();
  first?.();
  expect(shares.take('a')).toBeDefined();
  expect(shares.take('a')).toBeUndefined();
});
