/**
 * What an event store can do, seen from one client process: `node -r ./test/support/ts-register.cjs
 * test/bench/event-store.ts`. It measures the embedded event store, or the one that the settings in docs/testing.md name.
 * NODE_OPTIONS_STORE gives the embedded store's process options of its own (`--cpu-prof`).
 */
import { randomUUID } from 'node:crypto';
import {
  EventStoreDBClient,
  NO_STREAM,
  jsonEvent,
  streamNameFilter,
  type AllStreamSubscription,
  type ResolvedEvent,
  type StreamingRead,
} from '@eventstore/db-client';
import { useEventStore } from '../support/event-store';

/** Different in each run, whose events may stay in the store. */
const RUN = randomUUID().slice(0, 8);
const STREAMS = `bench-${RUN}-`;

const DATA = { text: 'x'.repeat(200), number: 1 };
const event = () => jsonEvent({ type: 'memberJoined', data: DATA, metadata: { app: 'demo', commandId: 'c-1' } });

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e9;
};

const report = (what: string, count: number, took: number, latencies: number[] = []): void => {
  const sorted = latencies.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)]?.toFixed(2);
  const spread = sorted.length > 0 ? `  p50 ${at(0.5)} ms  p99 ${at(0.99)} ms` : '';
  console.log(
    `${what.padEnd(44)} ${Math.round(count / took)
      .toLocaleString('en')
      .padStart(9)}/s${spread}`,
  );
};

const appends = async (client: EventStoreDBClient, run: string, count: number, inFlight: number, size: number) => {
  const latencies: number[] = [];
  let next = 0;
  const one = async () => {
    while (next < count) {
      const stream = `${STREAMS}${run}-${next++}`;
      const start = performance.now();
      await client.appendToStream(stream, Array.from({ length: size }, event), { expectedRevision: NO_STREAM });
      latencies.push(performance.now() - start);
    }
  };
  const took = await seconds(() => Promise.all(Array.from({ length: inFlight }, one)));
  report(`append of ${size}, ${inFlight} in flight`, count * size, took, latencies);
};

/** Continues to read to the end: the client can't be disposed of while a stream of its own is left unread. */
const drain = (source: StreamingRead<ResolvedEvent> | AllStreamSubscription, count: number): Promise<void> =>
  new Promise((resolve, reject) => {
    let seen = 0;
    source.on('error', reject).on('data', () => {
      if (++seen === count) resolve('unsubscribe' in source ? source.unsubscribe() : undefined);
    });
  });

const main = async (): Promise<void> => {
  const store = await useEventStore({ nodeArgs: process.env.NODE_OPTIONS_STORE?.split(' ') ?? [] });
  const client = EventStoreDBClient.connectionString(store.url);
  try {
    await client.appendToStream(`warm-up-${RUN}`, event());
    await appends(client, 'w', 2000, 64, 1);
    for (const [inFlight, count] of [
      [1, 2000],
      [16, 10_000],
      [64, 20_000],
      [256, 40_000],
    ] as const)
      await appends(client, String(inFlight), count, inFlight, 1);
    await appends(client, 'many', 400, 16, 100);
    await client.appendToStream(`long-${RUN}`, Array.from({ length: 1000 }, event));
    report(
      'read of a stream of 1,000, 20 times',
      20_000,
      await seconds(async () => {
        for (let i = 0; i < 20; i++) await drain(client.readStream(`long-${RUN}`), 1000);
      }),
    );
    const all = 70_000;
    report(
      'catch-up on $all, every event matches',
      all,
      await seconds(() => drain(client.subscribeToAll({ filter: streamNameFilter({ prefixes: [STREAMS] }) }), all)),
    );
    report('catch-up on $all, no filter', all, await seconds(() => drain(client.subscribeToAll(), all)));
    report(
      'catch-up on $all, none but the last matches',
      115_000,
      await seconds(async () => {
        await client.appendToStream(`last-${RUN}`, event());
        await drain(client.subscribeToAll({ filter: streamNameFilter({ prefixes: [`last-${RUN}`] }) }), 1);
      }),
    );
  } finally {
    await client.dispose();
    await store.stop();
  }
};

void main();
