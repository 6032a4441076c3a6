import { FEED_STREAM, notificationId, type Notification } from '@cohort/contracts';
import { created, dismissed, joined, kicked, service, user } from '@cohort/contracts/testing';
import { waitFor } from '../support/wait-for';
import { Surroundings } from './support';

let s: Surroundings;
let received: { subject: string; id: string; body: Notification }[];
beforeEach(async () => {
  s = await Surroundings.start();
  received = [];
  s.client.subscribe('group.v1.notify.>', {
    callback: (_error, message) =>
      received.push({
        subject: message.subject,
        id: message.headers!.get('ce-id'),
        body: message.json<Notification>(),
      }),
  });
  await s.client.flush();
});
afterEach(async () => {
  await s?.stop();
});

/**
 * Waits with patience: on a busy machine a message may reach a worker just as its fetch ends, and is delivered again only
 * after the 30 s of `ack_wait`.
 */
const eventually = (condition: () => boolean | Promise<boolean>) => waitFor(condition, { withinMs: 45_000 });

const subjects = () => received.map(({ subject }) => subject.replace('group.v1.notify.demo.', ''));
const ann = user('ann');

test('each user an event concerns is notified, on a subject of their own', async () => {
  await s.worker();
  await s.write('g', [created('ann'), joined('add', 3, 'bob', 'c.d')], ann);
  await s.write('g', [kicked(2, 'bob')], ann);
  await eventually(() => received.length === 3);
  expect(subjects()).toEqual(['bob.added', 'c=2Ed.added', 'bob.kicked']);
  const kick = (await s.logged())[2]!;
  expect(received[2]).toEqual({
    subject: 'group.v1.notify.demo.bob.kicked',
    id: notificationId(kick, 'bob', 'kicked'),
    body: {
      kind: 'kicked',
      app: 'demo',
      userId: 'bob',
      groupId: 'g',
      actor: ann,
      at: expect.any(String) as string,
      eventId: kick,
      revision: '2',
      data: {},
    },
  });
});

test('the last owner of a dismissed group is notified, once the query process can name them', async () => {
  await s.worker();
  await s.write('g', [created('ann'), joined('add', 2, 'bob')], ann);
  await s.write('g', [dismissed()], service);
  await eventually(() => received.length === 1);
  await s.part('query');
  await eventually(() => received.length === 2);
  expect(subjects()).toEqual(['bob.added', 'ann.dismissed']);
});

test('the next worker notifies of events that happened while none ran, and repeats no notification', async () => {
  const worker = await s.worker();
  await s.write('g', [created('ann'), joined('add', 2, 'bob')], ann);
  await eventually(() => received.length === 1);
  await eventually(async () => (await s.manager.consumers.info(FEED_STREAM, 'notifications')).num_ack_pending === 0);
  await worker.kill();
  await s.write('g', [joined('add', 3, 'cid')], ann);
  await s.worker();
  await eventually(() => received.length === 2);
  await eventually(async () => (await s.manager.consumers.info(FEED_STREAM, 'notifications')).num_ack_pending === 0);
  expect(subjects()).toEqual(['bob.added', 'cid.added']);
});

test('two workers notify each user once', async () => {
  await Promise.all([s.worker(), s.worker()]);
  const users = Array.from({ length: 300 }, (_, i) => `u${i}`);
  await s.write('g', [created('ann')], ann);
  for (let i = 0; i < users.length; i += 10) {
    await s.write('g', [joined('add', i + 11, ...users.slice(i, i + 10))], ann);
  }
  await s.upToDate();
  await eventually(async () => {
    const { num_pending: waiting, num_ack_pending: delivered } = await s.manager.consumers.info(
      FEED_STREAM,
      'notifications',
    );
    return waiting + delivered === 0;
  });
  await s.client.flush();
  expect(subjects().sort()).toEqual(users.map((user) => `${user}.added`).sort());
});

test('notifications continue after the stream was lost and filled again, and old ones are repeated with the same ids', async () => {
  const worker = await s.worker();
  await s.write('g', [created('ann'), joined('add', 2, 'bob')], ann);
  await eventually(() => received.length === 1);
  // The worker sleeps until this test has subscribed again: nobody receives earlier notifications.
  process.kill(worker.pid, 'SIGSTOP');
  try {
    const reconnected = s.reconnected();
    await s.nats.restart({ wiped: true });
    await reconnected;
  } finally {
    process.kill(worker.pid, 'SIGCONT');
  }
  await s.write('g', [joined('add', 3, 'cid')], ann);
  await eventually(() => received.length === 3);
  expect(subjects()).toEqual(['bob.added', 'bob.added', 'cid.added']);
  expect(received[1]!.id).toBe(received[0]!.id);
});
