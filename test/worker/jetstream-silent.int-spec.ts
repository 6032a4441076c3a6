import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { created } from '@cohort/contracts/testing';
import { connect, type NatsConnection } from 'nats';
import { Surroundings } from '../feed/support';
import { waitFor } from '../support/wait-for';

let directory: string;
let s: Surroundings;
let client: NatsConnection;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cohort-silent-'));
  s = await Surroundings.start({ jetStream: false, args: ['--jetstream', '--store_dir', directory] });
  client = await connect({ servers: s.nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
});
afterAll(async () => {
  await client.close();
  await s.stop();
  await rm(directory, { recursive: true, force: true });
});

test('a worker notices that JetStream answers nothing any more although NATS does, says so, and works again after it', async () => {
  const worker = await s.worker();
  const ready = async () => {
    const answer = await fetch(`${worker.healthUrl}/health/ready`);
    return { status: answer.status, body: (await answer.json()) as { error: Record<string, unknown> } };
  };
  await waitFor(async () => (await ready()).status === 200);

  // It takes the requests in the place of JetStream and never answers.
  client.subscribe('$JS.API.>', { callback: () => undefined });
  await s.nats.restart({ args: [] });
  await waitFor(async () => (await ready()).status === 503, { withinMs: 15_000 });
  await waitFor(async () => 'jetstream' in (await ready()).body.error, { withinMs: 15_000 });
  expect((await ready()).body.error.jetstream).toMatchObject({
    message: 'JetStream did not answer within 2000 ms, although the nats-server runs',
  });
  expect((await fetch(`${worker.healthUrl}/health/live`)).status).toBe(200);
  expect(worker.output().match(/JetStream does not work/g)).toHaveLength(1);

  await s.write('g', [created('ann')]);
  await s.nats.restart();
  await waitFor(async () => (await ready()).status === 200, { withinMs: 30_000 });
  await s.upToDate();
  expect(worker.output()).toContain('JetStream answers again');
});
