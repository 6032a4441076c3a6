import { Registry } from 'prom-client';
import { Readiness } from './readiness';
import { SetAside } from './set-aside';

const event = { stream: 'group-demo/g', revision: 3, position: '4711', type: 'memberLeft' };

test('an event that is set aside is counted by reader, logged, and reported as degraded by readiness', async () => {
  const lines: object[] = [];
  const context = {
    metrics: new Registry(),
    readiness: new Readiness(),
    logger: { warn: (line: object) => lines.push(line) },
  };
  context.readiness.started();
  const setAside = new SetAside(context, ['relay', 'userSync']);
  const found = () => context.readiness.findings().find(({ name }) => name === 'stored events');
  expect(found()).toMatchObject({ why: undefined, degraded: true });

  setAside.add('relay', event, 'its data is not a JSON object');
  setAside.add('relay', { ...event, position: '4712' }, 'its metadata has no time');
  expect(found()?.why).toBe(
    '2 stored event(s) were set aside since the start, the last at position 4712: its metadata has no time. See "Streams" in docs/operations.md.',
  );
  expect(context.readiness.ready).toBe(true);
  expect(lines[0]).toEqual({ reader: 'relay', ...event, why: 'its data is not a JSON object' });
  const text = await context.metrics.metrics();
  expect(text).toContain('cohort_events_set_aside_total{reader="relay"} 2');
  expect(text).toContain('cohort_events_set_aside_total{reader="userSync"} 0');
});
