import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { startEventStore } from '../support/event-store';
import { newDataDir } from '../support/product';
import { testOn } from '../support/servers';
import { waitFor } from '../support/wait-for';
import { startEngine } from './engine';
import { report, table, type Report } from './report';
import type { Seen } from './subscriber';

const run = (...args: string[]) => promisify(execFile)(process.execPath, [join(__dirname, 'run.cjs'), ...args]);

const testServers = testOn('own event store', 'own nats-server');
testServers(
  'the bench measures the built service beside the engine, and prints a table and JSON',
  async () => {
    const folder = await newDataDir();
    try {
      const file = join(folder.path, 'bench.json');
      const { stdout } = await run('--quick', '--only', 'alone', '--json', file);
      const measured = JSON.parse(readFileSync(file, 'utf8')) as Report;
      expect(measured).toMatchObject({ quick: true, figures: [{ unit: '/s', wanted: { atLeast: 0.5 } }] });
      const [{ cohort, beside, ratio }] = measured.figures as [Report['figures'][number]];
      expect(cohort).toBeGreaterThan(0);
      expect(ratio).toBeCloseTo(cohort / beside!.value, 2);
      expect(stdout).toContain(table(measured));
      expect(stdout).toContain(JSON.stringify(measured));
    } finally {
      await folder.remove();
    }
  },
  300_000,
);

/** The children of a process, with their command lines. */
async function childrenOf(parent: number): Promise<{ pid: number; line: string }[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,args=']);
  return stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .flatMap((found) => (Number(found?.[2]) === parent ? [{ pid: Number(found![1]), line: found![3]! }] : []));
}

describe('the bench', () => {
  // The processes of the service are named by their titles, those of the bench by their files.
  const PROCESSES = [
    ['subscriber', 'subscriber.ts'],
    ['command', 'cohort-command'],
  ] as const;
  testServers.each(PROCESSES)(
    'ends with an error that names the process when %s dies, and does not wait for it',
    async (name, text) => {
      const child = spawn(process.execPath, [join(__dirname, 'run.cjs'), '--only', 'alone'], { stdio: 'pipe' });
      const exited = once(child, 'exit');
      let errors = '';
      child.stderr.setEncoding('utf8').on('data', (more: string) => (errors += more));
      child.stdout.resume();
      const isMeasuring = async () => (await childrenOf(child.pid!)).some(({ line }) => line.includes('subscriber.ts'));
      await waitFor(isMeasuring, { withinMs: 120_000, everyMs: 200 });
      const victim = (await childrenOf(child.pid!)).find(({ line }) => line.includes(text));
      process.kill(victim!.pid, 'SIGKILL');
      const [code] = (await exited) as [number | null];
      expect({ code, errors }).toEqual({
        code: 1,
        errors: expect.stringMatching(`${name} ended (by itself|before it was done)`) as unknown,
      });
    },
    300_000,
  );
});

testOn('embedded event store', 'own event store')(
  'the subscriber of the bench subscribes again where it was, when the event store has dropped it',
  async () => {
    const eventStore = await startEventStore({ env: { EVENTSTORE_LIVE_BUFFER: '32' } });
    const client = EventStoreDBClient.connectionString(eventStore.url);
    const subscriber = startEngine<Partial<Seen>>('subscriber', eventStore.url);
    try {
      expect(await subscriber.next()).toEqual({ ready: true });
      const burst = (count: number) => Array.from({ length: count }, () => jsonEvent({ type: 'noted', data: {} }));
      await client.appendToStream('calm', burst(10));
      await waitFor(async () => (await subscriber.ask()).events === 10);
      for (let bursts = 1; bursts <= 3; bursts++) {
        await client.appendToStream('burst', burst(100));
        await waitFor(async () => (await subscriber.ask()).events === 10 + bursts * 100);
        expect((await subscriber.ask()).drops).toBe(bursts);
      }
      expect(subscriber.endedByItself()).toBe(false);
    } finally {
      await subscriber.stop();
      await client.dispose();
      await eventStore.stop();
    }
  },
  60_000,
);

test('the bench refuses an unknown figure and lists the known ones', async () => {
  await expect(run('--only', 'speed')).rejects.toMatchObject({
    stderr: expect.stringContaining('memory, queries') as unknown,
  });
});

test.each([
  { cohort: 4, wanted: { atLeast: 0.4 }, reached: true },
  { cohort: 3.9, wanted: { atLeast: 0.4 }, reached: false },
  { cohort: 100, wanted: { atMost: 10 }, reached: true },
  { cohort: 101, wanted: { atMost: 10 }, reached: false },
])('a figure of $cohort beside 10, with $wanted wanted, is reached: $reached', ({ cohort, wanted, reached }) => {
  const figure = { figure: 'f', unit: '/s', cohort, beside: { what: 'w', value: 10 }, wanted } as const;
  const measured = report([figure, { figure: 'alone', unit: 'ms', cohort: 1 }], '2.9.10', false);
  expect(measured.figures[0]).toMatchObject({ ratio: cohort / 10, reached });
  expect(measured.figures[1]!.reached).toBeUndefined();
  expect(table(measured)).toMatch(reached ? /yes$/m : /NO$/m);
});
