import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CohortClient } from '@cohort/client';
import { created, service, user } from '@cohort/contracts/testing';
import { FEED_STREAM, groupStream, MAX_FEED_MESSAGE_BYTES, MAX_EVENT_BYTES } from '@cohort/contracts';
import { RetentionPolicy } from 'nats';
import { metric } from '../support/metrics';
import type { Part } from '../support/stack';
import { waitFor } from '../support/wait-for';
import { Surroundings } from './support';

let s: Surroundings;
const start = async (options?: Parameters<typeof Surroundings.start>[0]) => (s = await Surroundings.start(options));
afterEach(async () => {
  await s?.stop();
});

interface Health {
  readonly details: Readonly<Record<string, { readonly status: string; readonly degraded?: string }>>;
}
/** The trouble of the feed in `/health/ready`; undefined when there is none. */
async function feedOf(worker: Part): Promise<string | undefined> {
  const response = await fetch(`${worker.healthUrl}/health/ready`);
  expect(response.status).toBe(200);
  return ((await response.json()) as Health).details.feed?.degraded;
}
const reports = (worker: Part, text: string) => waitFor(async () => (await feedOf(worker))?.includes(text) ?? false);

test('without JetStream readiness reports it, user syncs continue, and the feed begins once it is there', async () => {
  await start({ jetStream: false });
  const worker = await s.worker();
  await reports(worker, 'JetStream');
  await s.write('g', [created('ann')]);
  await waitFor(async () => (await metric(worker, 'cohort_feed_lag_seconds')) > 0.5);
  await Promise.all([s.part('command'), s.part('query')]);
  const client = CohortClient.over(s.client);
  const groups = [{ groupId: 'made', name: 'Made' }];
  const { sync, position } = await client.command('syncUser', { app: 'demo', actor: service, userId: 'u', groups });
  await waitFor(async () => {
    const asked = { app: 'demo', userId: 'u', sync, after: position, waitMs: 1_000 };
    return (await client.query('userSync', asked)).completed;
  });

  await s.nats.restart({ args: ['--jetstream', '--store_dir', `${s.directory}/jetstream`] });
  await s.upToDate();
  await waitFor(async () => (await feedOf(worker)) === undefined);
  expect(await metric(worker, 'cohort_feed_lag_seconds')).toBe(0);
  expect(await metric(worker, 'cohort_feed_published_total')).toBe(2);
});

test('the feed refuses to run beside a stream that takes requests, names it, and begins once it is narrowed', async () => {
  await start();
  await s.manager.streams.add({ name: 'EVERYTHING', subjects: ['group.v1.command.*'] });
  const worker = await s.worker();
  await reports(worker, 'the JetStream stream EVERYTHING takes group.v1.command.*');
  await s.manager.streams.update('EVERYTHING', { subjects: ['elsewhere.>'] });
  await s.write('g', [created('ann')]);
  await s.upToDate();
});

test('the feed refuses a max_payload below the largest event, and names the one it needs', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cohort-nats-conf-'));
  await writeFile(join(directory, 'nats.conf'), 'max_payload: 65536\n');
  await start({ args: ['--config', join(directory, 'nats.conf')] });
  await rm(directory, { recursive: true });
  const worker = await s.worker();
  await reports(worker, `max_payload of ${MAX_FEED_MESSAGE_BYTES}`);
});

test('the largest event is published', async () => {
  await start();
  await s.worker();
  const [groupId, id] = ['𝒢'.repeat(64), randomUUID()];
  await s.write(groupId, [created('ann')], user(groupId));
  // No event of this build is as large as a later one's may be.
  const data = { text: 'x'.repeat(MAX_EVENT_BYTES - 20) };
  await s.store.append(groupStream('demo', groupId), [{ id, type: 'ofALaterBuild', data, metadata: {} }], 0);
  await s.upToDate();
  expect((await s.lastMessage()).json()).toEqual(data);
});

test('the feed refuses a stream that drops consumed messages', async () => {
  await start();
  await s.manager.streams.add({
    name: FEED_STREAM,
    subjects: ['group.v1.event.>'],
    retention: RetentionPolicy.Workqueue,
  });
  await reports(await s.worker(), 'it must be limits');
});

test('the feed refuses a stream with events of another event store, and fills it again once it is deleted', async () => {
  await start();
  const first = await s.worker();
  await s.write('g', [created('ann')]);
  await s.upToDate();
  await first.stop();
  const message = await s.lastMessage();
  message.header.set('ce-store', '00000000-0000-4000-8000-000000000000');
  message.header.delete('Nats-Msg-Id');
  message.header.delete('Nats-Expected-Last-Sequence');
  await s.client.jetstream().publish(message.subject, message.data, { headers: message.header });
  const worker = await s.worker();
  await reports(worker, 'events of another event store');
  await s.manager.streams.delete(FEED_STREAM);
  await waitFor(async () => (await feedOf(worker)) === undefined);
  await s.upToDate();
  expect(await s.fed()).toEqual(await s.logged());
});

test('foreign messages in the stream do not stop the feed', async () => {
  await start();
  await s.worker();
  await s.write('g', [created('ann')]);
  await s.upToDate();
  await s.client.jetstream().publish('group.v1.event.demo.g.forged', '{}');
  await s.write('h', [created('ann')]);
  await s.upToDate();
  const fed = (await s.fed()).filter((id) => id !== '');
  expect(fed).toEqual(await s.logged());
});
