import { FEED_STREAM, notificationId, type GroupEvent, type Notification } from '@cohort/contracts';
import { waitFor } from '../support/wait-for';
import { created, joined, service, Surroundings } from './support';

let s: Surroundings;
let heard: { subject: string; id: string; body: Notification }[];
beforeEach(async () => {
  s = await Surroundings.start();
  heard = [];
  s.client.subscribe('group.v1.notify.>', {
    callback: (_error, message) =>
      heard.push({ subject: message.subject, id: message.headers!.get('ce-id'), body: message.json<Notification>() }),
  });
  await s.client.flush();
});
afterEach(async () => {
  await s?.stop();
});

/** What reached a worker just when a busy machine let its fetch end comes again after the 30 s of `ack_wait`. */
const hears = (condition: () => boolean | Promise<boolean>) => waitFor(condition, { withinMs: 45_000 });

const subjects = () => heard.map(({ subject }) => subject.replace('group.v1.notify.demo.', ''));
const ann = { type: 'user', id: 'ann' } as const;
const dismissed: GroupEvent = { type: 'dismissed', data: { reason: 'requested' } };

test('users hear what concerns them, each on a subject of his own', async () => {
  await s.worker();
  await s.write('g', [created('ann'), joined(3, 'bob', 'c.d')], ann);
  await s.write('g', [{ type: 'memberKicked', data: { members: [{ userId: 'bob' }], memberCount: 2 } }], ann);
  await hears(() => heard.length === 3);
  expect(subjects()).toEqual(['bob.added', 'c=2Ed.added', 'bob.kicked']);
  const kicked = (await s.logged())[2]!;
  expect(heard[2]).toEqual({
    subject: 'group.v1.notify.demo.bob.kicked',
    id: notificationId(kicked, 'bob', 'kicked'),
    body: {
      kind: 'kicked',
      app: 'demo',
      userId: 'bob',
      groupId: 'g',
      actor: ann,
      at: expect.any(String) as string,
      eventId: kicked,
      revision: '2',
      data: {},
    },
  });
});

test('the owner hears that his group was dismissed, once the query app can say who he was', async () => {
  await s.worker();
  await s.write('g', [created('ann'), joined(2, 'bob')], ann);
  await s.write('g', [dismissed], service);
  await hears(() => heard.length === 1);
  await s.part('query');
  await hears(() => heard.length === 2);
  expect(subjects()).toEqual(['bob.added', 'ann.dismissed']);
});

test('what happened while no worker ran is told by the next, what was told is not told again', async () => {
  const worker = await s.worker();
  await s.write('g', [created('ann'), joined(2, 'bob')], ann);
  await hears(() => heard.length === 1);
  await hears(async () => (await s.manager.consumers.info(FEED_STREAM, 'notifications')).num_ack_pending === 0);
  await worker.kill();
  await s.write('g', [joined(3, 'cid')], ann);
  await s.worker();
  await hears(() => heard.length === 2);
  await hears(async () => (await s.manager.consumers.info(FEED_STREAM, 'notifications')).num_ack_pending === 0);
  expect(subjects()).toEqual(['bob.added', 'cid.added']);
});

test('two workers tell each user once', async () => {
  await Promise.all([s.worker(), s.worker()]);
  const users = Array.from({ length: 300 }, (_, i) => `u${i}`);
  await s.write('g', [created('ann')], ann);
  for (let i = 0; i < users.length; i += 10) {
    await s.write('g', [joined(i + 11, ...users.slice(i, i + 10))], ann);
  }
  await s.upToDate();
  await hears(async () => {
    const { num_pending: waiting, num_ack_pending: told } = await s.manager.consumers.info(
      FEED_STREAM,
      'notifications',
    );
    return waiting + told === 0;
  });
  await s.client.flush();
  expect(subjects().sort()).toEqual(users.map((user) => `${user}.added`).sort());
});

test('after the stream was lost and filled again, notifications go on; old ones come with the same ids', async () => {
  const worker = await s.worker();
  await s.write('g', [created('ann'), joined(2, 'bob')], ann);
  await hears(() => heard.length === 1);
  // The worker sleeps until this test listens again: what is published before, nobody hears.
  process.kill(worker.pid, 'SIGSTOP');
  try {
    const reconnected = s.reconnected();
    await s.nats.restart({ wiped: true });
    await reconnected;
  } finally {
    process.kill(worker.pid, 'SIGCONT');
  }
  await s.write('g', [joined(3, 'cid')], ann);
  await hears(() => heard.length === 3);
  expect(subjects()).toEqual(['bob.added', 'bob.added', 'cid.added']);
  expect(heard[1]!.id).toBe(heard[0]!.id);
});
