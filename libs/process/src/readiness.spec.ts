import { createMetrics, requestDurations } from './metrics';
import { Readiness } from './readiness';

describe('readiness', () => {
  it('holds if every check passes; a failing degraded check is only reported', () => {
    const readiness = new Readiness();
    readiness.started();
    const nats: { why?: string } = {};
    readiness.add('nats', () => nats.why);
    readiness.add('projection', () => 'an event failed', { degraded: true });
    expect(readiness.ready).toBe(true);
    expect(readiness.findings()).toContainEqual({ name: 'projection', why: 'an event failed', degraded: true });
    readiness.add('relay', () => undefined, { says: () => 'stands by' });
    expect(readiness.findings()).toContainEqual({ name: 'relay', degraded: false, says: 'stands by' });
    nats.why = 'disconnected';
    expect(readiness.ready).toBe(false);
  });

  it('begins when the process takes requests', () => {
    const readiness = new Readiness();
    expect(readiness.findings()).toEqual([{ name: 'process', why: 'starting', degraded: false }]);
    readiness.started();
    expect(readiness.ready).toBe(true);
  });

  it('ends with the stop, even if the start completes later', () => {
    const readiness = new Readiness();
    readiness.stop();
    readiness.started();
    expect(readiness.ready).toBe(false);
    expect(readiness.findings()).toEqual([{ name: 'process', why: 'stopping', degraded: false }]);
  });
});

it('request durations are counted by name and outcome', async () => {
  const registry = createMetrics('cohort-command', '1.2.3');
  const observe = requestDurations(registry, 'command');
  observe('create', 'ok', 0.004);
  observe('create', 'ok', 20);
  observe('create', 'GROUP_EXISTS', 0.001);
  const text = await registry.metrics();
  expect(text).toContain('cohort_info{process="cohort-command",version="1.2.3"} 1');
  expect(text).toContain('cohort_command_duration_seconds_count{command="create",outcome="ok"} 2');
  expect(text).toContain('cohort_command_duration_seconds_bucket{le="0.005",command="create",outcome="ok"} 1');
  expect(text).toContain('cohort_command_duration_seconds_count{command="create",outcome="GROUP_EXISTS"} 1');
  expect(text).toContain('process_cpu_seconds_total');
});
