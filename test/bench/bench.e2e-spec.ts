import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { newDataDir } from '../support/product';
import { testOn } from '../support/servers';
import { report, table, type Report } from './report';

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
