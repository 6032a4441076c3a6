import { FEED_STREAM, FEED_SUBJECTS } from '@cohort/contracts';
import { AckPolicy, connect, headers, type JetStreamManager, type JsMsg, type NatsConnection } from 'nats';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';

/** The advice for durable consumers in docs/feed.md, as its reader would follow it. */
requires('own nats-server');

const COUNT = 5;
let nats: TestNats;
let connection: NatsConnection;
let manager: JetStreamManager;
beforeEach(async () => {
  nats = await startNats();
  connection = await connect({ servers: nats.url });
  manager = await connection.jetstreamManager();
  await manager.streams.add({ name: FEED_STREAM, subjects: [FEED_SUBJECTS] });
  for (let revision = 0; revision < COUNT; revision++) {
    const header = headers();
    header.set('ce-revision', String(revision));
    await connection.jetstream().publish('group.v1.event.demo.g.memberJoined', '{}', { headers: header });
  }
});
afterEach(async () => {
  await connection.close();
  await nats.stop();
});

const revisionOf = (message: JsMsg): number => Number(message.headers!.get('ce-revision'));

/** The revisions that a durable consumer handles, in order. The second event fails the first time. */
async function handledBy(maxAckPending: number | undefined, handle: (message: JsMsg) => boolean): Promise<number[]> {
  await manager.consumers.add(FEED_STREAM, {
    durable_name: 'billing',
    ack_policy: AckPolicy.Explicit,
    ...(maxAckPending === undefined ? {} : { max_ack_pending: maxAckPending }),
  });
  const consumer = await connection.jetstream().consumers.get(FEED_STREAM, 'billing');
  const handled: number[] = [];
  let failed = false;
  const messages = await consumer.consume({ max_messages: 100 });
  for await (const message of messages) {
    const revision = revisionOf(message);
    if (revision === 1 && !failed) {
      failed = true;
      message.nak(200);
    } else if (handle(message)) {
      handled.push(revision);
      message.ack();
    }
    if (handled.length === COUNT) break;
  }
  return handled;
}

test('a durable consumer made with defaults brings an event that failed after those behind it', async () => {
  expect(await handledBy(undefined, () => true)).toEqual([0, 2, 3, 4, 1]);
  expect((await manager.consumers.info(FEED_STREAM, 'billing')).config.max_ack_pending).toBe(1_000);
});

test('a durable consumer with max_ack_pending 1 keeps the order when an event fails', async () => {
  expect(await handledBy(1, () => true)).toEqual([0, 1, 2, 3, 4]);
});

test('a durable consumer that requests events again until the one before them came keeps the order', async () => {
  let next = 0;
  const inOrder = (message: JsMsg): boolean => {
    const revision = revisionOf(message);
    if (revision === next) {
      next += 1;
      return true;
    }
    if (revision < next) message.ack();
    else message.nak(50);
    return false;
  };
  expect(await handledBy(undefined, inOrder)).toEqual([0, 1, 2, 3, 4]);
});

test('an ordered consumer continues in order after the last sequence that its service stored', async () => {
  const handled: number[] = [];
  let stored = 0;
  for (const failsAt of [1, 3, COUNT]) {
    const consumer = await connection.jetstream().consumers.get(FEED_STREAM, { opt_start_seq: stored + 1 });
    const messages = await consumer.consume();
    for await (const message of messages) {
      if (revisionOf(message) === failsAt) break;
      handled.push(revisionOf(message));
      stored = message.seq;
      if (handled.length === COUNT) break;
    }
  }
  expect(handled).toEqual([0, 1, 2, 3, 4]);
});
