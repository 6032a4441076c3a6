import { Registry } from 'prom-client';
import { followerWatch } from './followers';

test('each follower of a process counts and logs its breaks, and measures the time until it was at the end again', async () => {
  const registry = new Registry();
  const lines: object[] = [];
  const log = { info: (details: object) => void lines.push(details) };
  const relay = followerWatch(registry, log, 'relay');
  followerWatch(registry, log, 'userSync');
  relay.onDropped(new Error('Consumer too slow'));
  relay.onDropped(new Error('Consumer too slow'));
  relay.onLevelAgain(40);

  const text = await registry.metrics();
  expect(text).toContain('cohort_follower_drops_total{follower="relay"} 2');
  expect(text).toContain('cohort_follower_drops_total{follower="userSync"} 0');
  expect(text).toContain('cohort_follower_level_seconds_bucket{le="0.025",follower="relay"} 0');
  expect(text).toContain('cohort_follower_level_seconds_bucket{le="0.05",follower="relay"} 1');
  expect(lines).toEqual(Array(2).fill({ duty: 'relay', reason: 'Consumer too slow' }));
});
