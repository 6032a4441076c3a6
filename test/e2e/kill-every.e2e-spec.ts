import { killEvery, LONGEST_SILENCE_MS } from '../faults/kill-every';
import { requires } from '../support/servers';

requires('embedded event store', 'own event store', 'own nats-server');

it('commands are acknowledged again soon although one process after the other is killed, and none of them is lost', async () => {
  const report = await killEvery({ seed: '1', seconds: 45, everyMs: [1_000, 3_000] });
  const because = JSON.stringify({ ...report, output: undefined }) + report.output;
  if (report.longestSilenceMs >= LONGEST_SILENCE_MS || report.lost.length > 0) throw new Error(because);
  expect(report.kills).toBeGreaterThanOrEqual(15);
  expect(report.acknowledged).toBeGreaterThan(100);
  // A signal from outside is no crash, and an outage no fault of a process.
  expect(report.output).not.toMatch(/unexpected error|restarting it in ([1-9]|\d\d)/);
}, 400_000);
