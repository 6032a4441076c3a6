import { testOn } from '../support/servers';
import { Journal } from './journal';
import { COMMANDS } from './mix';
import { eraseSteps, importSteps, pauseSteps } from './own-steps';
import { banSteps, httpSteps, kills, PARTS, syncSteps, type Paused } from './plan';
import { Random } from './random';
import { runFaults } from './run';
import { steps } from './steps';

/** Commands that callers of their own send, from their start to their end. */
const OWN = ['disable', 'enable', 'importGroup', 'importMembers', 'completeImport'] as const;

const take = <T>(plan: Iterator<T>, count: number): T[] => Array.from({ length: count }, () => plan.next().value as T);

describe('faults', () => {
  it('of the same seed follow the same plan', () => {
    const plans: ((random: Random) => Iterator<Paused<unknown> | object>)[] = [
      kills,
      (random) => steps(random, 'caller'),
      (random) => syncSteps(random, 'sync'),
      (random) => httpSteps(random, 'http'),
      (random) => banSteps(random, 'bans'),
      (random) => importSteps(random, 'import'),
      (random) => pauseSteps(random, 'pause'),
      (random) => eraseSteps(random, 'erase'),
    ];
    for (const plan of plans) {
      const first = take(plan(new Random('seed')), 50);
      expect(take(plan(new Random('seed')), 50)).toEqual(first);
      expect(take(plan(new Random('other seed')), 50)).not.toEqual(first);
    }
  });

  describe('the time without any acknowledgement', () => {
    let now = 0;
    let journal: Journal;
    beforeEach(() => {
      now = 0;
      journal = new Journal(() => now);
      journal.killed(['event-store']);
    });
    /** A start that the test ends. */
    const begin = () => {
      let end = (): void => undefined;
      const over = journal.starting(new Promise((resolve) => (end = resolve)));
      return () => {
        end();
        return over;
      };
    };

    it('has a limit when no process is being started', () => {
      now = 31_000;
      journal.alive();
      expect(journal.violations).toEqual(['nothing was acknowledged for 31000 ms after event-store had been killed']);
    });

    it('excludes a start that has ended', async () => {
      const end = begin();
      now = 25_000;
      await end();
      now = 50_000;
      journal.alive();
      expect(journal.violations).toEqual([]);
    });

    it('excludes a start that still runs when something is acknowledged', async () => {
      const end = begin();
      now = 45_000;
      journal.alive();
      now = 80_000;
      journal.alive();
      await end();
      expect(journal.violations).toEqual([]);
    });

    it('excludes two starts at the same time once', async () => {
      const ends = [begin(), begin()];
      now = 20_000;
      await Promise.all(ends.map((end) => end()));
      now = 51_000;
      journal.alive();
      expect(journal.violations).toHaveLength(1);
    });

    it('excludes no part of a start before the last acknowledgement', async () => {
      const end = begin();
      now = 20_000;
      journal.alive();
      now = 21_000;
      await end();
      now = 52_000;
      journal.alive();
      expect(journal.violations).toHaveLength(1);
    });
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
      // A round is short: of the rarest commands it may have none.
      const { tally, ends, counts } = report;
      expect(Object.keys(tally).length).toBeGreaterThan(0.8 * COMMANDS.length);
      for (const name of OWN) expect([name, tally[name]?.written]).toEqual([name, expect.any(Number)]);
      for (const type of ['unbanned', 'invitationExpired']) expect([type, ends[type] ?? 0]).not.toEqual([type, 0]);
      expect(counts.erasures).toBeGreaterThan(0);
    },
    600_000,
  );
});
