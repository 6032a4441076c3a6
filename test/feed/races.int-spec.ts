import { FEED_STREAM, FEED_SUBJECTS, GROUP_STREAM_PREFIX, MAX_FEED_MESSAGE_BYTES } from '@cohort/contracts';
import { created, joined } from '@cohort/contracts/testing';
import { JetStream, type Expectation, type Published } from '@cohort/bus';
import type { StoredEvent } from '@cohort/event-store';
import { feedMessage } from '../../apps/worker/src/relay/cloud-event';
import { FeedRelay } from '../../apps/worker/src/relay/relay';
import { Surroundings } from './support';

/** A stream to which others publish at the worst moment. */
class Interrupted extends JetStream {
  /** Called once, after the relay has read the stream's state and before it reads a message. */
  beforeMessage: () => Promise<unknown> = () => Promise.resolve();
  /** Called before a message is sent; later messages wait. */
  beforePublish: (id: string) => Promise<unknown> = () => Promise.resolve();
  private turn: Promise<unknown> = Promise.resolve();

  override async messageAt(stream: string, sequence: number) {
    const interrupt = this.beforeMessage;
    this.beforeMessage = () => Promise.resolve();
    await interrupt();
    return super.messageAt(stream, sequence);
  }

  override async publish(subject: string, body: string, values: Readonly<Record<string, string>>, expect: Expectation) {
    this.turn = this.turn.then(() => this.beforePublish(expect.id));
    await this.turn;
    return super.publish(subject, body, values, expect);
  }
}

const LIMITS = { maxAgeMs: 3_600_000, maxBytes: 1_048_576, duplicateWindowMs: 120_000, replicas: 1 };
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let s: Surroundings;
let jetStream: Interrupted;
let relay: FeedRelay;
let resumed: string[];
beforeEach(async () => {
  s = await Surroundings.start();
  jetStream = new Interrupted(s.client);
  resumed = [];
  relay = newRelay();
  await s.write('g', [created('ann'), ...Array.from({ length: 9 }, (_, i) => joined('add', i + 2, `u${i}`))]);
});
afterEach(async () => {
  await relay?.stop();
  await s?.stop();
});

const newRelay = () =>
  new FeedRelay({
    ...LIMITS,
    store: s.store,
    jetStream,
    bus: { maxPayload: MAX_FEED_MESSAGE_BYTES, status: 'connected' },
    log,
    subscription: { onDropped: () => undefined, onLevelAgain: () => undefined },
    refill: 'all',
    onPublished: () => undefined,
    setAside: { add: () => undefined },
    onResumed: (why) => resumed.push(why),
  });

/** Publishes this event of the log, as another relay would. */
async function publishAsAnother(index: number): Promise<Published> {
  const events: StoredEvent[] = [];
  const end = new AbortController();
  await s.store.follow({
    from: '0',
    prefixes: [GROUP_STREAM_PREFIX],
    onDropped: () => undefined,
    onBatch: (batch) => Promise.resolve(void events.push(...batch)),
    onCaughtUp: () => end.abort(),
    signal: end.signal,
  });
  const { subject, body, headers, event } = feedMessage(events[index]!, s.store.storeId)!;
  const other = new JetStream(s.client);
  return other.publish(subject, body, headers, {
    stream: FEED_STREAM,
    id: event.id,
    lastSequence: index,
  });
}

test('a relay that reads the end of the stream while another one publishes leaves no gap', async () => {
  await jetStream.ensureStream({ name: FEED_STREAM, subjects: [FEED_SUBJECTS], ...LIMITS });
  await publishAsAnother(0);
  jetStream.beforeMessage = () => publishAsAnother(1);
  relay.start();
  await s.upToDate();
  expect(await s.fed()).toEqual(await s.logged());
});

test("a foreign message that takes an event's sequence in the middle of the pipeline leaves no gap", async () => {
  const logged = await s.logged();
  let foreign = 0;
  jetStream.beforePublish = async (id) => {
    if (id !== logged[4] || foreign > 0) return;
    foreign += 1;
    await s.client.jetstream().publish('group.v1.event.demo.g.forged', '{}', { msgID: 'forged' });
  };
  relay.start();
  await s.upToDate();
  expect(foreign).toBe(1);
  expect((await s.fed()).filter((id) => id !== '')).toEqual(logged);
});

describe('a last message that is gone, though the stream continues to count from it,', () => {
  const loseLast = async () => {
    relay.start();
    await s.upToDate();
    await s.checkpointed();
    await relay.stop();
    await s.manager.streams.deleteMessage(FEED_STREAM, (await s.lastMessage()).seq);
    await s.write('later', [created('ann'), joined('add', 2, 'bob')]);
  };
  test('is published again when nats-server does not recognise its id, as a crash may have lost it', async () => {
    await loseLast();
    // It now knows only the ids of the messages that it has.
    await s.nats.restart();
    (relay = newRelay()).start();
    await s.upToDate();
    expect(await s.fed()).toEqual(await s.logged());
  });

  test('is not published again when nats-server recognises its id, because it was removed on purpose', async () => {
    await loseLast();
    (relay = newRelay()).start();
    await s.upToDate();
    const logged = await s.logged();
    expect(await s.fed()).toEqual(logged.filter((_, i) => i !== 9));
    expect(resumed).toEqual(['new', 'tail']);
  });
});
