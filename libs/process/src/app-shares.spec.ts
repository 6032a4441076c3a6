import { AppShares } from './app-shares';

test('an app has its share and no more, whatever the others have', () => {
  const shares = new AppShares(2);
  const first = shares.take('a');
  expect(first).toBeDefined();
  expect(shares.take('a')).toBeDefined();
  expect(shares.take('a')).toBeUndefined();
  expect(shares.take('b')).toBeDefined();
  first?.();
  expect(shares.take('a')).toBeDefined();
  expect(shares.take('a')).toBeUndefined();
});
