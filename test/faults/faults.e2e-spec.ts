import { testOn } from '../support/servers';
import { httpSteps, kills, PARTS, steps, syncSteps, type Paused } from './plan';
import { Random } from './random';
import { runFaults } from './run';

const take = <T>(plan: Iterator<T>, count: number): T[] => Array.from({ length: count }, () => plan.next().value as T);

describe('faults', () => {
  it('of the same seed follow the same plan', () => {
    const plans: ((random: Random) => Iterator<Paused<unknown> | object>)[] = [
      kills,
      (random) => steps(random, 'caller'),
      (random) => syncSteps(random, 'sync'),
      (random) => httpSteps(random, 'http'),
    ];
    for (const plan of plans) {
      const first = take(plan(new Random('seed')), 50);
      expect(take(plan(new Random('seed')), 50)).toEqual(first);
      expect(take(plan(new Random('other seed')), 50)).not.toEqual(first);
    }
  });

  const itKills = testOn('own event store', 'own nats-server');
  itKills(
    'lose no event, double none and break no rule, whichever process is killed',
    async () => {
      const lines: string[] = [];
      const report = await runFaults({ seed: '4', minutes: 0, log: (line) => lines.push(line) });
      if (report.violations.length > 0) throw new Error([...report.violations, ...lines].join('\n'));
      expect(report).toMatchObject({ lost: 0, doubled: 0 });
      expect(Object.keys(report.away)).toEqual(['nats', 'event-store', 'command', 'query']);
      for (const part of PARTS) expect(report.kills[part]).toBeGreaterThanOrEqual(1);
      const { commands, repeats, http, syncs, reads } = report.counts;
      for (const count of [commands, repeats, http, syncs, reads, report.events]) expect(count).toBeGreaterThan(10);
    },
    600_000,
  );
});
