import { randomUUID } from 'node:crypto';
import { comparePositions, START, type Position } from '@cohort/contracts';
import { connectEventStore, type EventStore, type FollowOptions, type StoredEvent } from '@cohort/event-store';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { requires } from '../support/servers';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy';
import { waitFor } from '../support/wait-for';

requires('own event store');

let server: TestEventStore;
let proxy: TcpProxy;
let store: EventStore;

beforeEach(async () => {
  server = await startEventStore();
  proxy = await startTcpProxy(server.port);
  store = await connectEventStore({ url: `esdb://127.0.0.1:${proxy.port}?tls=false`, appendTimeoutMs: 1_000 });
});
afterEach(async () => {
  await store.close();
  await proxy.close();
  await server.stop();
});

const events = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: randomUUID(), type: 'noted', data: { n }, metadata: {} }));

/** A follower that keeps its events. */
function follower(options: Partial<FollowOptions> = {}) {
  const stop = new AbortController();
  const seen: StoredEvent[] = [];
  const upTos: Position[] = [];
  const drops: Error[] = [];
  let caughtUp = 0;
  const over = store.follow({
    from: START,
    prefixes: ['group-'],
    signal: stop.signal,
    onBatch: (batch, upTo) => {
      seen.push(...batch);
      upTos.push(upTo);
      return Promise.resolve();
    },
    onCaughtUp: () => void (caughtUp += 1),
    onDropped: (error) => drops.push(error),
    ...options,
  });
  return { stop: () => stop.abort(), over, seen, upTos, drops, caughtUp: () => caughtUp };
}

test('a follower gets the existing events of the selected streams, then the new ones, in order', async () => {
  await store.append('group-a/1', events(3), 'none');
  await store.append('user-a/1', events(2), 'none');
  const { seen, caughtUp, upTos, stop, over } = follower();
  await waitFor(() => caughtUp() === 1);
  expect(seen.map(({ stream, revision }) => `${stream} ${revision}`)).toEqual([
    'group-a/1 0',
    'group-a/1 1',
    'group-a/1 2',
  ]);

  await store.append('groupSnapshot-a/1', events(1), 'none');
  await store.append('group-a/2', events(2), 'none');
  await waitFor(() => seen.length === 5);
  expect(seen.slice(3).map(({ stream }) => stream)).toEqual(['group-a/2', 'group-a/2']);
  expect(upTos).toEqual([...upTos].sort(comparePositions));
  expect(comparePositions(upTos.at(-1)!, seen.at(-1)!.position)).toBeGreaterThanOrEqual(0);
  stop();
  await over;
});

test('a follower of some types gets the events of these types in the selected streams, and is told the end of the log', async () => {
  const typed = (...types: string[]) => types.map((type) => ({ id: randomUUID(), type, data: {}, metadata: {} }));
  await store.append('group-a/1', typed('created', 'banned', 'joined'), 'none');
  await store.append('user-a/1', typed('banned'), 'none');
  const { seen, caughtUp, upTos, stop, over } = follower({ types: ['banned', 'left'] });
  await waitFor(() => caughtUp() === 1);
  await store.append('group-a/2', typed('created', 'bannedForEver', 'left'), 'none');
  await waitFor(() => seen.length === 2);
  expect(seen.map(({ stream, type }) => `${stream} ${type}`)).toEqual(['group-a/1 banned', 'group-a/2 left']);

  await store.append('group-a/2', typed('joined'), 2);
  await store.append('other', typed('joined'), 'none');
  const head = await store.head(['nowhere-']);
  await waitFor(() => comparePositions(upTos.at(-1)!, head) >= 0);
  expect(seen).toHaveLength(2);
  stop();
  await over;
});

test('a follower that begins at a position gets the events after it, without the event at it', async () => {
  const { position } = await store.append('group-a/1', events(2), 'none');
  await store.append('group-a/2', events(2), 'none');
  const { seen, stop, over } = follower({ from: position });
  await waitFor(() => seen.length === 2);
  expect(seen.every(({ stream }) => stream === 'group-a/2')).toBe(true);
  stop();
  await over;
});

test('the position advances over events that do not match, and a follower that begins there misses nothing', async () => {
  const { position } = await store.append('group-a/1', events(1), 'none');
  for (let i = 0; i < 4; i++) await store.append(`other-${i}`, events(1_000), 'none');
  const first = follower({ from: position });
  await waitFor(() => first.upTos.length > 0);
  first.stop();
  await first.over;
  expect(first.seen).toEqual([]);
  await store.append('group-a/2', events(1), 'none');
  const second = follower({ from: first.upTos.at(-1)! });
  await waitFor(() => second.seen.length === 1);
  second.stop();
  await second.over;
});

test('a slow follower delays no other follower, and gets every event', async () => {
  let running = 0;
  const seen: number[] = [];
  const { stop, over } = follower({
    onBatch: async (batch) => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push(...batch.map(({ data }) => (data as { n: number }).n));
      running -= 1;
    },
  });
  for (let i = 0; i < 30; i++) await store.append(`group-a/${i}`, events(100), 'none');
  await waitFor(() => seen.length === 3_000);
  expect(seen).toEqual(Array.from({ length: 3_000 }, (_, i) => i % 100));
  stop();
  await over;
});

test('a broken subscription is renewed without a lost event or a duplicate', async () => {
  const { seen, drops, stop, over } = follower();
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 20; i++) {
      await store.append(`group-${round}/${i}`, events(5), 'none').catch(() => undefined);
      if (i === 10) proxy.cut();
    }
  }
  const direct: string[] = [];
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 20; i++) {
      await waitFor(() =>
        store.ping().then(
          () => true,
          () => false,
        ),
      );
      for await (const { id } of store.read(`group-${round}/${i}`)) direct.push(id);
    }
  }
  await waitFor(() => seen.length >= direct.length);
  expect(seen.map(({ id }) => id).sort()).toEqual(direct.sort());
  expect(drops.length).toBeGreaterThan(0);
  stop();
  await over;
});

test('a follower continues after the server restarted on the same port', async () => {
  const { seen, stop, over } = follower();
  await store.append('group-a/1', events(1), 'none');
  await waitFor(() => seen.length === 1);
  proxy.set('refuse');
  await waitFor(() =>
    store.ping().then(
      () => false,
      () => true,
    ),
  );
  proxy.set('pass');
  await waitFor(() =>
    store.append('group-a/2', events(1), 'none').then(
      () => true,
      () => false,
    ),
  );
  await waitFor(() => seen.length === 2);
  stop();
  await over;
});

test('a handler that rejects ends the follower with the same error', async () => {
  await store.append('group-a/1', events(1), 'none');
  const full = new Error('disk full');
  await expect(follower({ onBatch: () => Promise.reject(full) }).over).rejects.toBe(full);
  const thrown = follower({
    onBatch: () => {
      throw full;
    },
  });
  await expect(thrown.over).rejects.toBe(full);
  await expect(follower({ onCaughtUp: () => Promise.reject(full) }).over).rejects.toBe(full);
});

test('a follower ends when its signal is aborted, also while it waits, and when the store is closed', async () => {
  const waiting = follower();
  await waitFor(() => waiting.caughtUp() === 1);
  waiting.stop();
  await waiting.over;

  const another = follower();
  await store.close();
  await another.over;
});
