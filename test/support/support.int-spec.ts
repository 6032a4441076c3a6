import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { requires } from './servers';
import { newDataDir } from './product';
import { FIRST_START_MS, newTenant, sharedService } from './service';
import { Tenants } from './service/tenants';
import { waitFor } from './wait-for';

requires('own event store', 'own nats-server');

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

jest.setTimeout(FIRST_START_MS);

test('all that a test process has started ends when it is killed', async () => {
  const data = await newDataDir();
  const child = fork(join(__dirname, 'starting-process.ts'), [data.path], {
    execArgv: ['-r', join(__dirname, 'ts-register.cjs')],
  });
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`It ended with ${String(code)}.`)));
  const [pids] = (await Promise.race([once(child, 'message'), ended])) as [number[]];
  ended.catch(() => undefined);
  expect(pids.map(isRunning)).toEqual([true, true]);
  child.kill('SIGKILL');
  await waitFor(() => !pids.some(isRunning));
  await data.remove();
});

test('specs of one worker share one service', async () => {
  expect(await sharedService()).toEqual(await sharedService());
});

test('no tenant is handed out twice, and the last of a kind is followed by an error', async () => {
  expect((await newTenant('strict')).id).not.toBe((await newTenant('strict')).id);
  const tenants = new Tenants();
  const small = tenants.all.filter(({ id }) => id.startsWith('small'));
  expect(small.map(() => tenants.take('small'))).toEqual(small);
  expect(() => tenants.take('small')).toThrow('No tenant of the kind "small" is left');
  expect(new Set(tenants.all.map(({ id }) => id)).size).toBe(tenants.all.length);
});
