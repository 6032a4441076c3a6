import { startEmbeddedEventStore, type EmbeddedEventStore } from '@cohort/embedded-event-store';
import {
  BACKWARDS,
  END,
  StreamNotFoundError,
  UnknownError,
  eventTypeFilter,
  excludeSystemEvents,
  jsonEvent,
  streamNameFilter,
  type AllStreamResolvedEvent,
  type EventStoreDBClient,
  type Position,
} from '@eventstore/db-client';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';
import {
  collect,
  connect,
  failure,
  rawClient,
  rawRead,
  readAllOptions,
  revisions,
  someEvents,
  subscribing,
  take,
} from './support';

requires('embedded event store');

let store: EmbeddedEventStore;
let client: EventStoreDBClient;

// Each test has a new store, because it compares positions and all of $all.
beforeEach(async () => {
  store = await startEmbeddedEventStore({ memory: true });
  client = connect(store.connectionString);
});
afterEach(async () => {
  await client.dispose();
  await store.stop();
});

const append = (stream: string, count: number) => client.appendToStream(stream, someEvents(count));
const names = (events: AllStreamResolvedEvent[]) => events.map(({ event }) => `${event?.streamId}@${event?.revision}`);
const positionsOf = (events: AllStreamResolvedEvent[]) => events.map(({ event }) => event!.position);

describe('reading a stream', () => {
  it('begins at any revision, in either direction, and ends after a count', async () => {
    await append('s', 10);
    const read = async (options: Parameters<typeof client.readStream>[1]) =>
      revisions(await collect(client.readStream('s', options)));
    expect(await read({ maxCount: 3 })).toEqual([0, 1, 2]);
    expect(await read({ fromRevision: 8n })).toEqual([8, 9]);
    expect(await read({ fromRevision: 10n })).toEqual([]);
    expect(await read({ fromRevision: 1000n })).toEqual([]);
    expect(await read({ fromRevision: END })).toEqual([]);
    expect(await read({ direction: BACKWARDS, fromRevision: END, maxCount: 2 })).toEqual([9, 8]);
    expect(await read({ direction: BACKWARDS, fromRevision: 2n })).toEqual([2, 1, 0]);
    expect(await read({ direction: BACKWARDS, fromRevision: 1000n, maxCount: 1 })).toEqual([9]);
    expect(await read({ direction: BACKWARDS, fromRevision: 0n })).toEqual([0]);
  });

  it('crosses pages, by number and by size', async () => {
    await append('many', 2000);
    const large = () => jsonEvent({ type: 'large', data: { text: 'x'.repeat(300_000) } });
    for (let i = 0; i < 8; i++) await client.appendToStream('large', [large(), large(), large()]);
    expect(revisions(await collect(client.readStream('many')))).toEqual(Array.from({ length: 2000 }, (_, i) => i));
    expect(revisions(await collect(client.readStream('large')))).toEqual(Array.from({ length: 24 }, (_, i) => i));
    const backwards = await collect(client.readStream('large', { direction: BACKWARDS, fromRevision: END }));
    expect(revisions(backwards)).toEqual(Array.from({ length: 24 }, (_, i) => 23 - i));
    expect(await collect(client.readAll())).toHaveLength(2024);
    expect(await collect(client.readAll({ direction: BACKWARDS, fromPosition: END }))).toHaveLength(2024);
  });

  it('rejects a missing stream', async () => {
    const error = await failure(collect(client.readStream('missing')));
    expect(error).toBeInstanceOf(StreamNotFoundError);
    expect((error as StreamNotFoundError).streamName).toBe('missing');
  });
});

describe('reading $all', () => {
  it('returns every event in the order of writes, including system events', async () => {
    await append('a', 2);
    await append('b', 1);
    await client.setStreamMetadata('a', { maxCount: 5 });
    await append('a', 1);
    const events = await collect(client.readAll());
    expect(names(events)).toEqual(['a@0', 'a@1', 'b@0', '$$a@0', 'a@2']);
    for (const { event, commitPosition } of events) {
      expect(event?.position?.commit).toBe(commitPosition);
      expect(event?.position?.prepare).toBe(commitPosition);
    }
    const backwards = await collect(client.readAll({ direction: BACKWARDS, fromPosition: END }));
    expect(names(backwards)).toEqual(names(events).reverse());
  });

  it('starts at a position: forwards with the event at it, backwards before it', async () => {
    await append('a', 5);
    const all = await collect(client.readAll());
    const fromPosition = all[2]!.event!.position;
    expect(names(await collect(client.readAll({ fromPosition })))).toEqual(['a@2', 'a@3', 'a@4']);
    expect(names(await collect(client.readAll({ fromPosition, maxCount: 1 })))).toEqual(['a@2']);
    expect(names(await collect(client.readAll({ fromPosition, direction: BACKWARDS })))).toEqual(['a@1', 'a@0']);
    expect(await collect(client.readAll({ fromPosition: END }))).toEqual([]);
  });

  it('rejects a position where no event starts', async () => {
    await append('a', 2);
    const { commit } = (await collect(client.readAll()))[0]!.event!.position;
    const fromPosition = { commit: commit + 1n, prepare: commit + 1n };
    const error = await failure(collect(client.readAll({ fromPosition })));
    expect(error).toBeInstanceOf(UnknownError);
    expect((error as UnknownError).message).toContain('Unexpected ReadAllResult: Error');
  });

  it('may begin at the position of an erased event', async () => {
    await append('a', 3);
    await append('b', 1);
    const fromPosition = (await collect(client.readAll()))[1]!.event!.position;
    await client.tombstoneStream('a');
    await waitFor(async () => !names(await collect(client.readAll())).includes('a@0'));
    expect(names(await collect(client.readAll({ fromPosition })))[0]).toBe('b@0');
  });

  it('keeps positions after the newest event was erased', async () => {
    const { position } = await append('a', 1);
    await client.appendToStream('tail', someEvents(1));
    await client.setStreamMetadata('tail', { maxCount: 1 });
    await client.deleteStream('tail');
    const next = await append('b', 1);
    expect(next.position!.commit).toBeGreaterThan(position!.commit);
  });
});

describe('a subscription to a stream', () => {
  it('starts after a revision, reports once that it has caught up, and continues live', async () => {
    await append('s', 4);
    let caughtUp = 0;
    const subscription = client.subscribeToStream('s', { fromRevision: 1n }).on('caughtUp', () => caughtUp++);
    const seen = take(subscription, 4);
    await waitFor(() => caughtUp === 1);
    await append('s', 1);
    await append('s', 1);
    expect(revisions(await seen)).toEqual([2, 3, 4, 5]);
    expect(caughtUp).toBe(1);
  });

  it('from the end gets only new events', async () => {
    await append('s', 2);
    const subscription = client.subscribeToStream('s', { fromRevision: END });
    const seen = take(subscription, 1);
    await new Promise((resolve) => subscription.once('caughtUp', resolve));
    await append('s', 1);
    expect(revisions(await seen)).toEqual([2]);
  });

  it('waits for a missing stream: confirmed immediately, caught up only after its first events', async () => {
    const order: string[] = [];
    const subscription = client
      .subscribeToStream('later')
      .on('confirmation', () => order.push('confirmed'))
      .on('data', () => order.push('event'))
      .on('caughtUp', () => order.push('caught up'));
    await waitFor(() => order.length > 0);
    await append('other', 1);
    await append('later', 2);
    await waitFor(() => order.length === 4);
    expect(order).toEqual(['confirmed', 'event', 'event', 'caught up']);
    await subscription.unsubscribe();
  });

  it('accepts a revision beyond the end, and sends nothing', async () => {
    await append('s', 1);
    const subscription = client.subscribeToStream('s', { fromRevision: 50n });
    await new Promise((resolve) => subscription.once('caughtUp', resolve));
    await subscription.unsubscribe();
  });

  it('gets the events that truncation has left', async () => {
    await append('s', 5);
    await client.setStreamMetadata('s', { truncateBefore: 3 });
    expect(revisions(await take(client.subscribeToStream('s'), 2))).toEqual([3, 4]);
  });
});

describe('a subscription to $all', () => {
  const follow = (
    count: number,
    options: Parameters<EventStoreDBClient['subscribeToAll']>[0] = {},
  ): { events: Promise<AllStreamResolvedEvent[]>; caughtUp: Promise<void> } => {
    const subscription = client.subscribeToAll(options);
    return {
      caughtUp: new Promise((resolve) => subscription.once('caughtUp', () => resolve())),
      events: take(subscription, count),
    };
  };

  it('gets every event from the start, then live, in order and once', async () => {
    await append('a', 40);
    const { events, caughtUp } = follow(240);
    await caughtUp;
    await Promise.all(Array.from({ length: 200 }, (_, i) => append(`live-${i}`, 1)));
    const seen = await events;
    expect(new Set(names(seen)).size).toBe(240);
    expect(positionsOf(seen)).toEqual(positionsOf(await collect(client.readAll())));
  });

  it('continues after a position, and accepts one past the end', async () => {
    const { position } = await append('a', 3);
    await append('b', 2);
    expect(names(await follow(2, { fromPosition: position }).events)).toEqual(['b@0', 'b@1']);
    const past: Position = { commit: 10_000_000n, prepare: 10_000_000n };
    await follow(1, { fromPosition: past }).caughtUp;
  });

  it.each([
    [
      'stream names by prefix',
      streamNameFilter({ prefixes: ['group-', 'user-'] }),
      ['group-a@0', 'user-a@0', 'group-b@0'],
    ],
    ['stream names by expression', streamNameFilter({ regex: '^group-[b-z]' }), ['group-b@0']],
    ['event types by prefix', eventTypeFilter({ prefixes: ['$meta'] }), ['$$group-a@0']],
    ['event types by expression', excludeSystemEvents(), ['group-a@0', 'user-a@0', 'other@0', 'group-b@0']],
  ])('filters %s, during catch-up and live', async (_, filter, expected) => {
    const write = async () => {
      for (const stream of ['group-a', 'user-a', 'other']) await append(stream, 1);
      await client.setStreamMetadata('group-a', { maxCount: 100 });
      await append('group-b', 1);
    };
    await write();
    const { events, caughtUp } = follow(2 * expected.length, { filter });
    await caughtUp;
    await write();
    const seen = names(await events);
    expect(seen.slice(0, expected.length)).toEqual(expected);
    expect(seen.slice(expected.length)).toEqual(expected.map((name) => name.replace('@0', '@1')));
  });

  describe('sends checkpoints', () => {
    const checkpointsOf = (
      options: { fromPosition?: Position; prefix?: string; maxSearchWindow?: number; checkpointInterval?: number } = {},
    ) => {
      const { fromPosition = 'start', prefix = 'a', ...rest } = options;
      const checkpoints: Position[] = [];
      const checkpointReached = (_: unknown, position: Position) => Promise.resolve(void checkpoints.push(position));
      const filter = streamNameFilter({ prefixes: [prefix], checkpointReached, ...rest });
      const subscription = client.subscribeToAll({ filter, fromPosition });
      subscription.resume();
      const caughtUp = new Promise<void>((resolve) => subscription.once('caughtUp', () => resolve()));
      return { checkpoints, caughtUp, subscription };
    };

    it('during catch-up at the last match of each page of 32 examined events', async () => {
      await append('a', 100);
      const all = positionsOf(await collect(client.readAll()));
      const { checkpoints, caughtUp } = checkpointsOf();
      await caughtUp;
      expect(checkpoints).toEqual([all[31], all[63], all[95]]);
    });

    it('during catch-up at the start of a page without a match, as a commit position alone', async () => {
      await append('b', 100);
      const all = positionsOf(await collect(client.readAll()));
      const { checkpoints, caughtUp } = checkpointsOf();
      await caughtUp;
      expect(checkpoints).toEqual([
        { commit: 0n, prepare: 0n },
        { commit: all[32]?.commit, prepare: 0n },
        { commit: all[64]?.commit, prepare: 0n },
      ]);
    });

    it('during catch-up at the last match of a mixed page', async () => {
      await append('b', 10);
      await append('a', 5);
      await append('b', 17);
      const all = positionsOf(await collect(client.readAll()));
      const { checkpoints, caughtUp } = checkpointsOf();
      await caughtUp;
      expect(checkpoints).toEqual([all[14]]);
    });

    it('live at the examined event, with the count continued from catch-up', async () => {
      await append('a', 20);
      const { checkpoints, caughtUp } = checkpointsOf();
      await caughtUp;
      expect(checkpoints).toEqual([]);
      await append('b', 50);
      const all = positionsOf(await collect(client.readAll()));
      await waitFor(() => checkpoints.length === 2);
      expect(checkpoints).toEqual([all[31], all[63]]);
    });

    it('after every window times interval events', async () => {
      await append('a', 100);
      const all = positionsOf(await collect(client.readAll()));
      const { checkpoints, caughtUp } = checkpointsOf({ maxSearchWindow: 10, checkpointInterval: 3 });
      await caughtUp;
      expect(checkpoints).toEqual([all[29], all[59], all[89]]);
    });

    it('from which a subscription continues without a gap', async () => {
      await append('b', 70);
      await append('a', 3);
      for (const checkpoint of [{ commit: 0n, prepare: 0n }, ...(await pageStarts())]) {
        const { events } = follow(3, { fromPosition: checkpoint, filter: streamNameFilter({ prefixes: ['a'] }) });
        expect(names(await events)).toEqual(['a@0', 'a@1', 'a@2']);
      }
    });

    const pageStarts = async (): Promise<Position[]> => {
      const { checkpoints, caughtUp } = checkpointsOf();
      await caughtUp;
      expect(checkpoints.length).toBeGreaterThan(1);
      return checkpoints;
    };

    it('only with a filter', async () => {
      await append('a', 200);
      const raw = rawClient(store.port);
      const responses = await rawRead(raw, subscribing(readAllOptions()), (so) => so.at(-1)!.hasCaughtUp());
      raw.close();
      expect(responses.filter((response) => response.hasEvent())).toHaveLength(200);
      expect(responses.some((response) => response.hasCheckpoint())).toBe(false);
    });
  });

  it('serves many slow readers from disk, so that memory does not grow with their unread events', async () => {
    const text = 'x'.repeat(100_000);
    const write = (count: number) =>
      Promise.all(
        Array.from({ length: count }, () => client.appendToStream('heavy', jsonEvent({ type: 't', data: { text } }))),
      );
    // These readers take one event, and then nothing for a while.
    const slow = Array.from({ length: 20 }, () => client.subscribeToAll({}, { highWaterMark: 1 }));
    const firsts = slow.map((subscription) => new Promise((resolve) => subscription.once('confirmation', resolve)));
    slow.forEach((subscription) => subscription.on('data', () => subscription.pause()));
    await Promise.all(firsts);
    await write(100);
    const before = process.memoryUsage().rss;
    // 40 MB more; 20 queues of it would be 800 MB. Client, server and a database in memory share this process.
    await write(400);
    expect(process.memoryUsage().rss - before).toBeLessThan(400 << 20);
    for (const subscription of slow) await subscription.unsubscribe();
  });
});
