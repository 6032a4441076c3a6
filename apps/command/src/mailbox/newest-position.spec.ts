import { NewestPosition } from './newest-position';

test('the head of the log is read once, for all appends that wait for it', async () => {
  let reads = 0;
  const newest = new NewestPosition({ head: () => Promise.resolve(String(++reads * 100)) });
  expect(await Promise.all([newest.get(), newest.get()])).toEqual(['100', '100']);
  expect(await newest.get()).toBe('100');
  expect(reads).toBe(1);
});

test('the newest position only moves forward, compared as a number', async () => {
  const newest = new NewestPosition({ head: () => Promise.resolve('99') });
  await newest.get();
  newest.saw('98');
  expect(await newest.get()).toBe('99');
  newest.saw('100');
  expect(await newest.get()).toBe('100');
});

test('the head is read again after it could not be read', async () => {
  let reads = 0;
  const head = () => (++reads === 1 ? Promise.reject(new Error('away')) : Promise.resolve('7'));
  const newest = new NewestPosition({ head });
  await expect(newest.get()).rejects.toThrow('away');
  expect(await newest.get()).toBe('7');
});
