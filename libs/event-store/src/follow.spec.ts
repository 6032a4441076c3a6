import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { START } from '@cohort/contracts';
import type { Connection } from './connection';
import { follow } from './follow';
import type { Newest } from './head';
import type { FollowOptions, StoredEvent } from './types';

interface ServerPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** A subscription that sends what the test says. */
class Subscription extends PassThrough {
  constructor(readonly from: ServerPosition | string) {
    super({ objectMode: true });
  }
  send(stream: string, commit: number, prepare = commit): void {
    const position = { commit: BigInt(commit), prepare: BigInt(prepare) };
    const created = new Date(0);
    this.write({ event: { streamId: stream, revision: 0n, position, id: `${commit}/${prepare}`, type: 't', created } });
  }
  unsubscribe(): Promise<void> {
    return Promise.resolve();
  }
}

/** An event store whose subscriptions the test holds in its hands. */
class Server {
  readonly subscriptions: Subscription[] = [];
  readonly stop = new AbortController();
  readonly seen: string[] = [];
  readonly upTos: string[] = [];
  readonly drops: string[] = [];
  readonly levels: number[] = [];
  newest: Newest = { position: START, isSelected: true };

  follow(options: Partial<FollowOptions> = {}, quietMs = 10_000): Promise<void> {
    const client = {
      subscribeToAll: ({ fromPosition }: { fromPosition: ServerPosition | string }) => {
        const subscription = new Subscription(fromPosition);
        this.subscriptions.push(subscription);
        return subscription;
      },
    };
    const connection = { client, closed: new AbortController().signal } as unknown as Connection;
    const store = {
      connection: () => connection,
      drop: () => undefined,
      newest: () => Promise.resolve(this.newest),
    };
    const all: FollowOptions = {
      from: START,
      prefixes: ['group-'],
      signal: this.stop.signal,
      onBatch: (events: readonly StoredEvent[], upTo: string) => {
        this.seen.push(...events.map(({ id }) => id));
        this.upTos.push(upTo);
        return Promise.resolve();
      },
      onDropped: ({ message }) => void this.drops.push(message),
      onLevelAgain: (ms) => void this.levels.push(ms),
      ...options,
    };
    return follow(store, all, quietMs);
  }

  get current(): Subscription {
    return this.subscriptions.at(-1)!;
  }
}

const until = async (condition: () => boolean) => {
  while (!condition()) await sleep(1);
};

let server: Server;
let over: Promise<void>;
const begin = async (options?: Partial<FollowOptions>, quietMs?: number) => {
  server = new Server();
  over = server.follow(options, quietMs);
  await until(() => server.subscriptions.length === 1);
};
afterEach(async () => {
  server.stop.abort();
  await over;
});

const tooSlow = () => server.current.emit('error', new Error('Consumer too slow'));

test('a subscription that breaks inside a transaction is renewed at the exact place, so that no event is lost or repeated', async () => {
  await begin();
  server.current.send('group-a/1', 5);
  server.current.send('group-a/1', 20, 11);
  await until(() => server.seen.length === 2);
  expect(server.upTos.at(-1)).toBe('5');
  tooSlow();
  await until(() => server.subscriptions.length === 2);
  expect(server.current.from).toEqual({ commit: 20n, prepare: 11n });
  server.current.send('group-a/1', 20, 13);
  server.current.send('group-a/2', 30);
  await until(() => server.upTos.at(-1) === '30');
  expect(server.seen).toEqual(['5/5', '20/11', '20/13', '30/30']);
});

test('a follower begins at an exact place, and at a position alone', async () => {
  await begin({ from: { position: '20', prepare: '11' } });
  expect(server.current.from).toEqual({ commit: 20n, prepare: 11n });
  server.stop.abort();
  await over;
  await begin({ from: '20' });
  expect(server.current.from).toEqual({ commit: 20n, prepare: 20n });
});

test('a subscription that brought events is renewed without a pause, and one that brought nothing after growing pauses', async () => {
  await begin();
  const renewals: number[] = [];
  for (let commit = 1; commit <= 20; commit++) {
    server.current.send('group-a/1', commit);
    await until(() => server.seen.length === commit);
    const broke = performance.now();
    tooSlow();
    await until(() => server.subscriptions.length === commit + 1);
    renewals.push(performance.now() - broke);
  }
  expect(renewals.sort((a, b) => a - b)[10]).toBeLessThan(5);
  const { length } = server.subscriptions;
  const began = performance.now();
  for (let attempt = 1; attempt <= 5; attempt++) {
    tooSlow();
    await until(() => server.subscriptions.length === length + attempt);
  }
  // At least half of 10, 20, 40, 80 and 160 ms.
  expect(performance.now() - began).toBeGreaterThan(100);
  expect(server.drops).toHaveLength(25);
});

test('the time from the first of several breaks to the end of the log is measured once', async () => {
  await begin();
  server.current.emit('caughtUp');
  await sleep(1);
  expect(server.levels).toEqual([]);
  tooSlow();
  await until(() => server.subscriptions.length === 2);
  tooSlow();
  await until(() => server.subscriptions.length === 3);
  server.current.emit('caughtUp');
  await until(() => server.levels.length > 0);
  expect(server.levels).toHaveLength(1);
  expect(server.levels[0]).toBeGreaterThan(10);
});

describe('a subscription on which nothing arrives any more', () => {
  test('is renewed and counted as broken, if the log has events that it did not send', async () => {
    await begin({}, 20);
    server.current.send('group-a/1', 5);
    await until(() => server.seen.length === 1);
    server.newest = { position: '9', isSelected: true };
    await until(() => server.subscriptions.length === 2);
    expect(server.drops).toEqual(['the subscription was silent, although the log has events after position 5']);
    expect(server.current.from).toEqual({ commit: 5n, prepare: 5n });
  });

  test('is left alone while the log has no event after it', async () => {
    await begin({}, 5);
    server.current.send('group-a/1', 5);
    server.newest = { position: '5', isSelected: true };
    await sleep(100);
    expect(server.subscriptions).toHaveLength(1);
  });

  test('is renewed after some time, without being counted, if the log ends with events of others', async () => {
    await begin({}, 5);
    server.newest = { position: '9', isSelected: false };
    await until(() => server.subscriptions.length === 2);
    expect(server.drops).toEqual([]);
  });
});
