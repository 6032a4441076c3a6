import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { FEED_STREAM, groupStream } from '@cohort/contracts';
import { created, joined } from '@cohort/contracts/testing';
import type { StoredMsg } from 'nats';
import { metric } from '../support/metrics';
import type { Part } from '../support/stack';
import { waitFor } from '../support/wait-for';
import { Surroundings } from './support';

let s: Surroundings;
beforeEach(async () => {
  s = await Surroundings.start();
});
afterEach(() => s?.stop());

/** The trouble of the feed in `/health/ready`; undefined when there is none. */
async function trouble(worker: Part, name = 'feed'): Promise<string | undefined> {
  const response = await fetch(`${worker.healthUrl}/health/ready`);
  const { details } = (await response.json()) as { details: Record<string, { degraded?: string }> };
  return details[name]?.degraded;
}
const reports = (worker: Part, text: string) => waitFor(async () => (await trouble(worker))?.includes(text) ?? false);

/** Publishes this message again, with other headers. */
async function forge(message: StoredMsg, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  for (const [name, value] of Object.entries(headers)) message.header.set(name, value);
  for (const name of message.header.keys()) if (name.startsWith('Nats-')) message.header.delete(name);
  const { seq } = await s.client.jetstream().publish(message.subject, message.data, { headers: message.header });
  return seq;
}
const writeSome = () =>
  s.write('g', [created('ann'), ...Array.from({ length: 4 }, (_, i) => joined('add', i + 2, `u${i}`))]);

describe('a message with a real event, but a position after the end of the log,', () => {
  const future = { 'ce-position': '99999999999999' };

  test('stops the feed until it is removed, and no event is left out', async () => {
    const first = await s.worker();
    await writeSome();
    await s.upToDate();
    await first.stop();
    const sequence = await forge(await s.lastMessage(), future);
    const worker = await s.worker();
    await reports(worker, `nats stream rmm ${FEED_STREAM} ${sequence}`);
    await s.write('later', [created('bob')]);
    expect(await trouble(worker)).toContain('the log has this event at position');
    await s.manager.streams.deleteMessage(FEED_STREAM, sequence);
    await s.upToDate();
    expect(await s.fed()).toEqual(await s.logged());
    await waitFor(async () => (await trouble(worker)) === undefined);
  });

  test('is reported while the relay has nothing to publish', async () => {
    const worker = await s.worker();
    await writeSome();
    await s.upToDate();
    await forge(await s.lastMessage(), future);
    await reports(worker, 'claims to be event');
    await s.manager.streams.delete(FEED_STREAM);
    await waitFor(async () => (await trouble(worker)) === undefined);
    await s.upToDate();
    expect(await s.fed()).toEqual(await s.logged());
  });
});

test('copies of earlier messages at the end of the stream neither repeat events nor leave one out', async () => {
  const first = await s.worker();
  await writeSome();
  await s.upToDate();
  await s.checkpointed();
  await first.stop();
  for (const seq of [4, 1]) await forge(await s.manager.streams.getMessage(FEED_STREAM, { seq }));
  // Later than the duplicate window: nats-server no longer recognises any id.
  await sleep(1_500);
  await s.write('later', [created('bob')]);
  await s.worker();
  await s.upToDate();
  const logged = await s.logged();
  expect(await s.fed()).toEqual([...logged.slice(0, 5), logged[3], logged[0], ...logged.slice(5)]);
});

test('a stored event that no build of this service writes is set aside, and the feed goes on', async () => {
  const worker = await s.worker();
  await writeSome();
  const strange = ['x', null, [], { members: 'ann' }].map((data) => ({
    id: randomUUID(),
    type: 'memberLeft',
    data: data as object,
    metadata: {},
  }));
  await s.store.append(groupStream('demo', 'g'), strange, 'any');
  await s.write('later', [created('bob')]);
  await s.upToDate();
  const aside = new Set<string>(strange.map(({ id }) => id));
  expect(await s.fed()).toEqual((await s.logged()).filter((id) => !aside.has(id)));
  expect(await metric(worker, 'cohort_events_set_aside_total{reader="relay"}')).toBe(4);
  expect(await trouble(worker, 'stored events')).toContain('set aside');
});

test.each([
  ['a position after the end of the log', { position: '99999999999999' }],
  ['a sequence that the stream never had', { sequence: 2 ** 50 }],
  ['a stream that is created in the future', { streamCreated: '9999-01-01T00:00:00.000Z' }],
  ['another shape', { eventId: 7 }],
])('a stored checkpoint with %s leaves no event out', async (_what, wrong) => {
  const first = await s.worker();
  await writeSome();
  await s.upToDate();
  await s.checkpointed();
  await first.stop();
  let mark: object = {};
  for await (const { data } of s.store.read('checkpoint-relay')) mark = data as object;
  const stored = { id: randomUUID(), type: 'checkpointed', data: { ...mark, ...wrong }, metadata: {} };
  await s.store.append('checkpoint-relay', [stored], 'any');
  await s.write('later', [created('bob'), joined('add', 2, 'cid')]);
  await s.worker();
  await s.upToDate();
  expect(await s.fed()).toEqual(await s.logged());
  // The wrong one doesn't stay.
  await s.checkpointed();
});
