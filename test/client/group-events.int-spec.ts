import { CohortClient, groupEvents } from '@cohort/client';
import { FEED_STREAM, type EventView } from '@cohort/contracts';
import { created, joined, Surroundings } from '../feed/support';
import type { Part } from '../support/stack';
import { waitFor } from '../support/wait-for';

/** For the connection, the nodes behind it and the relay to come back one after the other, each after a pause of its own. */
const PATIENT = { withinMs: 45_000 };

let s: Surroundings;
let worker: Part;
let client: CohortClient;
beforeEach(async () => {
  s = await Surroundings.start();
  worker = await s.worker();
  await s.part('query');
  client = await CohortClient.connect({ servers: s.nats.url, reconnectTimeWait: 50 });
});
afterEach(async () => {
  await client?.close();
  await s?.stop();
});

/** Takes down what comes, until it is ended. */
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
    Array.from({ length: count }, (_, i) => joined(2, `u${i}`)),
  );

test('what there was, and what comes: the same events, whether asked for or heard', async () => {
  const groupId = '销售 1';
  await s.write(groupId, [created('ann'), joined(2, 'bob')], { type: 'user', id: 'ann "%"' });
  await write('another', 3);
  const { seen, revisions, stop } = follow(groupId);
  await waitFor(() => seen.length === 2);
  await s.write(groupId, [joined(3, 'cid')], { type: 'user', id: 'ann "%"' });
  await s.write(groupId, [joined(4, 'dan')], { type: 'service', onBehalfOf: 'ann' });
  await waitFor(() => seen.length === 4);
  await stop();
  expect(revisions()).toEqual(upTo(4));
  const asked = await client.query('events', { app: 'demo', groupId });
  expect(seen).toEqual(asked.events);
});

test('more than a page, from a revision on, while more is written', async () => {
  await s.write('g', [created('ann')]);
  for (let i = 0; i < 15; i++) await write('g', 100);
  const { seen, revisions, stop } = follow('g', 201);
  for (let i = 0; i < 15; i++) await write('g', 100);
  await waitFor(() => seen.length === 2_800, PATIENT);
  await stop();
  expect(revisions()).toEqual(upTo(3_001).slice(201));
});

test('the connection is lost, and what happened meanwhile is published before it is back', async () => {
  await s.write('g', [created('ann')]);
  const { seen, revisions, stop } = follow('g');
  await waitFor(() => seen.length === 1);
  await s.nats.kill();
  await write('g', 5);
  await s.nats.restart();
  await waitFor(() => seen.length === 6, PATIENT);
  await write('g', 5);
  await waitFor(() => seen.length === 11, PATIENT);
  await stop();
  expect(revisions()).toEqual(upTo(11));
});

test('the feed brings everything again, or nothing for a while: no event twice, none left out', async () => {
  await s.write('g', [created('ann')]);
  await write('g', 20);
  await s.upToDate();
  const { seen, revisions, stop } = follow('g');
  await waitFor(() => seen.length === 21);
  // The relay fills the stream again.
  await s.manager.streams.delete(FEED_STREAM);
  await waitFor(() => s.manager.streams.info(FEED_STREAM).then(({ state }) => state.messages === 21), PATIENT);
  await write('g', 1);
  await waitFor(() => seen.length === 22, PATIENT);
  // What is published by a worker that starts later is heard late; a gap is asked for.
  await worker.kill();
  await write('g', 3);
  await s.worker();
  await waitFor(() => seen.length === 25, PATIENT);
  await stop();
  expect(revisions()).toEqual(upTo(25));
});

test('it ends by itself when there is no such group', async () => {
  await expect(follow('nobody made it').over).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' });
});
