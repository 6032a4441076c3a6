import { shared } from './shared';

/** A read that is answered when told. */
function slowRead() {
  const running: ((value: number) => void)[] = [];
  const read = shared(() => new Promise<number>((resolve) => running.push(resolve)));
  return { read, running };
}
const turns = () => new Promise((resolve) => setImmediate(resolve));

test('those who ask before a read begins share it; those who ask after wait for the next', async () => {
  const { read, running } = slowRead();
  const first = [read(), read()];
  await turns();
  expect(running).toHaveLength(1);
  const second = [read(), read()];
  await turns();
  expect(running).toHaveLength(1);
  running[0]!(1);
  expect(await Promise.all(first)).toEqual([1, 1]);
  await turns();
  expect(running).toHaveLength(2);
  running[1]!(2);
  expect(await Promise.all(second)).toEqual([2, 2]);
});

test('a read that fails is told to those who shared it, and the next one is tried', async () => {
  let reads = 0;
  const read = shared(() => (++reads === 1 ? Promise.reject(new Error('away')) : Promise.resolve(reads)));
  await expect(Promise.all([read(), read()])).rejects.toThrow('away');
  expect(await read()).toBe(2);
});
