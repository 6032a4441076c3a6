import { CohortClient, groupEvents } from '@cohort/client';
import { FEED_STREAM, type EventView } from '@cohort/contracts';
import { created, joined } from '@cohort/contracts/testing';
import { Surroundings } from '../feed/support';
import type { Part } from '../support/stack';
import { waitFor } from '../support/wait-for';

/** The connection, the nodes behind it and the relay come back one after the other, each after a pause of its own. */
const PATIENT = { withinMs: 45_000 };

let s: Surroundings;
let worker: Part;
let client: CohortClient;
beforeAll(async () => {
  s = await Surroundings.start();
  [worker] = await Promise.all([s.worker(), s.part('query')]);
  client = await CohortClient.connect({ servers: s.nats.url, reconnectTimeWait: 50 });
});
afterAll(async () => {
  await client?.close();
  await s?.stop();
});

/** Records the events of a group until it is stopped. */
function follow(groupId: string, fromRevision = 0) {
  const end = new AbortController();
  const seen: EventView[] = [];
  const over = (async () => {
    for await (const event of groupEvents(client, { app: 'demo', groupId }, { fromRevision, signal: end.signal })) {
      seen.push(event);
    }
  })();
  over.catch(() => undefined);
  const stop = () => {
    end.abort();
    return over;
  };
  return { seen, over, stop, revisions: () => seen.map(({ revision }) => Number(revision)) };
}
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
const write = (groupId: string, count: number) =>
  s.write(
    groupId,
    Array.from({ length: count }, (_, i) => joined('add', 2, `u${i}`)),
  );

test('groupEvents yields earlier and later events as the query events returns them', async () => {
  const groupId = '销售 1';
  await s.write(groupId, [created('ann'), joined('add', 2, 'bob')], { type: 'user', id: 'ann "%"' });
  await s.write('another', [created('ann'), joined('add', 2, 'bob')]);
  const { seen, revisions, stop } = follow(groupId);
  await waitFor(() => seen.length === 2);
  await s.write(groupId, [joined('add', 3, 'cid')], { type: 'user', id: 'ann "%"' });
  await s.write(groupId, [joined('add', 4, 'dan')], { type: 'service', onBehalfOf: 'ann' });
  await waitFor(() => seen.length === 4);
  await stop();
  expect(revisions()).toEqual(upTo(4));
  const asked = await client.query('events', { app: 'demo', groupId });
  expect(seen).toEqual(asked.events);
});

test('groupEvents yields more events than a page holds, from a revision on, while others are written', async () => {
  await s.write('long', [created('ann')]);
  for (let i = 0; i < 15; i++) await write('long', 100);
  const { seen, revisions, stop } = follow('long', 201);
  for (let i = 0; i < 15; i++) await write('long', 100);
  await waitFor(() => seen.length === 2_800, PATIENT);
  await stop();
  expect(revisions()).toEqual(upTo(3_001).slice(201));
});

test('groupEvents yields each event once although the connection was lost and events were published meanwhile', async () => {
  await s.write('cut', [created('ann')]);
  const { seen, revisions, stop } = follow('cut');
  await waitFor(() => seen.length === 1);
  await s.nats.kill();
  await write('cut', 5);
  await s.nats.restart();
  await waitFor(() => seen.length === 6, PATIENT);
  await write('cut', 5);
  await waitFor(() => seen.length === 11, PATIENT);
  await stop();
  expect(revisions()).toEqual(upTo(11));
});

test('groupEvents yields each event once although the feed repeats all of them, or pauses', async () => {
  await s.write('again', [created('ann')]);
  await write('again', 20);
  await s.upToDate();
  const { seen, revisions, stop } = follow('again');
  await waitFor(() => seen.length === 21);
  // The relay fills the stream again.
  await s.manager.streams.delete(FEED_STREAM);
  const { length } = await s.logged();
  await waitFor(() => s.manager.streams.info(FEED_STREAM).then(({ state }) => state.messages === length), PATIENT);
  await write('again', 1);
  await waitFor(() => seen.length === 22, PATIENT);
  // A worker that starts later publishes late; the client queries the gap.
  await worker.kill();
  await write('again', 3);
  await s.worker();
  await waitFor(() => seen.length === 25, PATIENT);
  await stop();
  expect(revisions()).toEqual(upTo(25));
});

test('groupEvents rejects with GROUP_NOT_FOUND for an unknown group', async () => {
  await expect(follow('nobody made it').over).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' });
});
