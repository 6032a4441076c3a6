import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FEED_STREAM } from '@cohort/contracts';
import { created, joined, user } from '@cohort/contracts/testing';
import { AckPolicy, DeliverPolicy } from 'nats';
import { refuseLeases } from '../support/leases';
import { metric } from '../support/metrics';
import type { Part } from '../support/stack';
import { waitFor } from '../support/wait-for';
import { Surroundings } from './support';

jest.setTimeout(240_000);

/** The answer of `/health/ready`. */
interface Readiness {
  readonly status: string;
  readonly error: Readonly<Record<string, { readonly message: string }>>;
}

let s: Surroundings;

/** The tests of this group share a broker and an event store. */
function share(options: Parameters<typeof Surroundings.start>[0] = {}): void {
  beforeAll(async () => {
    s = await Surroundings.start(options);
  });
  afterAll(() => s?.stop());
}

/** Expects each event of the log in the feed, once and in order. */
const expectFeedEqualsLog = async () => {
  await s.upToDate();
  expect(await s.fed()).toEqual(await s.logged());
};

describe('while a worker runs', () => {
  share();
  beforeAll(async () => {
    await s.writeMany(1_000);
    await s.worker();
  });

  test('the feed has every event of the log once and in order, also events from before the worker started', async () => {
    await s.writeMany(1_000);
    await expectFeedEqualsLog();
  });

  test('an event of the feed is a CloudEvent in binary mode that can be joined with the log', async () => {
    await s.write('销售 1', [created('ann'), joined('add', 2, 'bob')], user('ann "%"'));
    await s.upToDate();
    const message = await s.lastMessage();
    const headers = Object.fromEntries(message.header.keys().map((key) => [key, message.header.get(key)]));
    const id = (await s.logged()).at(-1);
    expect(message.subject).toBe('group.v1.event.demo.=E9=94=80=E5=94=AE=201.memberJoined');
    expect(message.json()).toEqual({ members: [{ userId: 'bob' }], via: 'add', memberCount: 2 });
    expect(headers).toMatchObject({
      'ce-specversion': '1.0',
      'ce-id': id,
      'Nats-Msg-Id': id,
      'ce-source': '/cohort/apps/demo',
      'ce-type': 'group.v1.memberJoined',
      'ce-subject': '%E9%94%80%E5%94%AE%201',
      'ce-datacontenttype': 'application/json',
      'ce-time': expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      'ce-revision': '1',
      'ce-position': expect.stringMatching(/^\d+$/) as string,
      'ce-store': s.store.storeId,
      'ce-actortype': 'user',
      'ce-actorid': 'ann%20%22%25%22',
      'ce-batchindex': '1',
      'ce-batchsize': '2',
    });
  });

  test('a subscriber to group.v1.event.> receives events live', async () => {
    const seen: string[] = [];
    const live = s.client.subscribe('group.v1.event.>', { callback: (_error, { subject }) => seen.push(subject) });
    await s.client.flush();
    await s.write('live', [created('ann'), joined('add', 2, 'bob')]);
    await waitFor(() => seen.length === 2);
    expect(seen).toEqual(['group.v1.event.demo.live.created', 'group.v1.event.demo.live.memberJoined']);
    live.unsubscribe();
  });

  test('a deleted stream is filled again from the log', async () => {
    await s.writeMany(500);
    await s.upToDate();
    await s.manager.streams.delete(FEED_STREAM);
    // It comes back without new events.
    await expectFeedEqualsLog();
    await s.manager.streams.delete(FEED_STREAM);
    await s.writeMany(500);
    await expectFeedEqualsLog();
  });

  test("the feed is filled again from the log after nats-server's store was wiped", async () => {
    await s.writeMany(500);
    await s.upToDate();
    await s.nats.restart({ wiped: true });
    await s.writeMany(100);
    await expectFeedEqualsLog();
  });

  test('a durable consumer that was disconnected receives every event', async () => {
    await s.upToDate();
    const before = (await s.logged()).length;
    const away = { durable_name: 'away', ack_policy: AckPolicy.Explicit, deliver_policy: DeliverPolicy.New };
    await s.manager.consumers.add(FEED_STREAM, away);
    await s.writeMany(500);
    await s.nats.restart();
    await s.writeMany(500);
    await s.upToDate();
    const ids: string[] = [];
    const consumer = await s.client.jetstream().consumers.get(FEED_STREAM, 'away');
    const messages = await consumer.consume();
    for await (const message of messages) {
      ids.push(message.headers!.get('ce-id'));
      message.ack();
      if (message.info.pending === 0) break;
    }
    expect(ids).toEqual((await s.logged()).slice(before));
  });

  test('the feed is complete after nats-server restarts later than its duplicate window', async () => {
    await s.writeMany(200);
    await s.upToDate();
    await s.nats.kill();
    await s.writeMany(200);
    await delay(1_500);
    await s.nats.restart();
    await s.writeMany(200);
    await expectFeedEqualsLog();
  });

  test('the feed is complete after nats-server is killed in the middle of the pipeline, four times', async () => {
    for (let i = 0; i < 4; i++) {
      await s.upToDate();
      const lastSeq = (await s.lastMessage()).seq;
      const writing = s.writeMany(800, 50);
      await waitFor(async () => (await s.lastMessage()).seq > lastSeq);
      await s.nats.kill();
      await writing;
      await s.nats.restart();
    }
    await expectFeedEqualsLog();
  });
});

describe('when events of the feed were deleted', () => {
  share();
  /** The worker that runs from one test to the next. */
  let worker: Part | undefined;
  /** A worker with other settings, without a stream. The log has events that were in the feed. */
  async function startAnew(env: Readonly<Record<string, string>>): Promise<Part> {
    await s.stopParts();
    await s.manager.streams.delete(FEED_STREAM);
    return s.worker(env);
  }

  test('after an orderly stop and a purge, the next worker continues from the checkpoint', async () => {
    worker = await s.worker();
    await s.writeMany(300);
    await s.upToDate();
    await worker.stop();
    await s.manager.streams.purge(FEED_STREAM);
    await s.nats.restart();
    await s.write('after-stop', [created('ann')]);
    worker = await s.worker();
    await s.upToDate();
    expect(await s.fed()).toEqual((await s.logged()).slice(-1));
  });

  test('after a purge the feed continues without publishing old events again', async () => {
    worker ??= await s.worker();
    await s.writeMany(100);
    await s.upToDate();
    await s.manager.streams.purge(FEED_STREAM);
    await s.write('after', [created('ann')]);
    await s.upToDate();
    expect(await s.fed()).toEqual((await s.logged()).slice(-1));

    // Only the checkpoint is left, and the restarted server doesn't recognise the ids.
    await s.checkpointed();
    await s.manager.streams.purge(FEED_STREAM);
    await worker.kill();
    await s.nats.restart();
    await s.worker();
    await s.write('later', [created('ann'), joined('add', 2, 'bob')]);
    await s.upToDate();
    expect(await s.fed()).toEqual((await s.logged()).slice(-2));
  });

  test('after a purge and a kill before the checkpoint, old events are not published again while the server recognises their ids', async () => {
    const killed = await startAnew({ FEED_DUPLICATE_WINDOW_SECONDS: '120' });
    await s.write('before-kill', [created('ann')]);
    await s.checkpointed();
    await s.writeMany(1_000);
    await s.upToDate();
    await killed.kill();
    await s.manager.streams.purge(FEED_STREAM);
    await s.worker({ FEED_DUPLICATE_WINDOW_SECONDS: '120' });
    await s.write('after-kill', [created('ann')]);
    await s.upToDate();
    expect(await s.fed()).toEqual((await s.logged()).slice(-1));
  });

  test('with FEED_REFILL=none a deleted stream gets only unpublished events', async () => {
    const killed = await startAnew({ FEED_REFILL: 'none' });
    await s.writeMany(500);
    await s.upToDate();
    // The worker gets the acknowledgement after the stream has the event.
    await waitFor(async () => (await metric(killed, 'cohort_feed_lag_seconds')) === 0);
    await s.manager.streams.delete(FEED_STREAM);
    await s.write('after-deletion', [created('ann')]);
    await s.upToDate();
    expect(await s.fed()).toEqual((await s.logged()).slice(-1));
    await killed.kill();
    await s.worker({ FEED_REFILL: 'none' });
    await s.write('after-restart', [created('ann')]);
    await s.upToDate();
    expect(await s.fed()).toEqual((await s.logged()).slice(-2));
  });
});

describe('when JetStream loses its files', () => {
  share({ jetStream: false });
  let folder: string;
  let args: string[];
  let worker: Part;
  beforeAll(async () => {
    folder = join(s.directory, 'jetstream');
    args = ['--jetstream', '--store_dir', folder];
    await s.nats.restart({ args });
    worker = await s.worker();
  });

  test("a JetStream that answers but can't store is no ready one, is reported once, and gets every event after a restart", async () => {
    await s.write('before', [created('ann')]);
    await s.upToDate();
    // After a restart, nats-server opens its files with the first message.
    await s.nats.restart({ args });
    await rm(folder, { recursive: true });

    const ready = async () => (await fetch(`${worker.healthUrl}/health/ready`)).json() as Promise<Readiness>;
    await s.write('g', [created('ann')]);
    await waitFor(async () =>
      /JetStream (can't store|did not acknowledge)/.test((await ready()).error.jetstream?.message ?? ''),
    );
    // It stays so while the relay tries again and again. Each attempt asks for the stream.
    let asked = 0;
    s.client.subscribe('$JS.API.STREAM.INFO.*', { callback: () => (asked += 1) });
    await waitFor(() => asked >= 6);
    expect((await ready()).error).toHaveProperty('jetstream');
    expect(worker.output().match(/"why":"JetStream (can't store|did not acknowledge)/g)).toHaveLength(1);

    await s.nats.restart({ args });
    await expectFeedEqualsLog();
    await waitFor(async () => (await ready()).status === 'ok');
  });

  test('acknowledged events that JetStream lost are published again, once', async () => {
    await s.writeMany(200);
    await s.upToDate();
    await s.nats.kill();
    await cp(folder, `${folder}.before`, { recursive: true });
    await s.nats.restart({ args });
    await s.writeMany(200);
    await s.upToDate();
    await s.checkpointed();

    await s.nats.kill();
    await rm(folder, { recursive: true });
    await rename(`${folder}.before`, folder);
    await s.nats.restart({ args });
    await s.writeMany(200);
    await expectFeedEqualsLog();
  });
});

describe('without leases', () => {
  share();
  /** The worker that runs from one test to the next. */
  let worker: Part | undefined;
  // With leases each worker would first stand by for the killed one.
  beforeAll(() => refuseLeases(s.manager));

  test('the feed is complete after the worker is killed at any moment, six times', async () => {
    worker = await s.worker();
    let over = false;
    const writing = (async () => {
      // Some 200 events a second: what gathers while a worker starts is published in the next one's first moments.
      for (; !over; await delay(40)) await s.writeMany(8, 2);
    })();
    try {
      for (let i = 0; i < 6; i++) {
        await delay(Math.random() * 400);
        await worker.kill();
        worker = await s.worker();
      }
    } finally {
      over = true;
      await writing;
    }
    await expectFeedEqualsLog();
  });

  test('two relays at the same time leave neither a gap nor a duplicate, and one takes over from the other', async () => {
    const first = worker ?? (await s.worker());
    await s.worker();
    await s.writeMany(1_500, 20);
    await expectFeedEqualsLog();
    const writing = s.writeMany(1_000, 20);
    await first.kill();
    await writing;
    await expectFeedEqualsLog();
  });
});
