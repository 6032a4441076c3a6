/**
 * What the embedded event store can do, seen from one client process: `node -r ./test/support/ts-register.cjs
 * test/bench/embedded-event-store.ts`. Set EVENTSTORE_URL to measure another server in the same way, and
 * NODE_OPTIONS_STORE to give the store's process options of its own (`--cpu-prof`).
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EventStoreDBClient,
  NO_STREAM,
  jsonEvent,
  streamNameFilter,
  type AllStreamSubscription,
  type ResolvedEvent,
  type StreamingRead,
} from '@eventstore/db-client';

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
      const stream = `bench${run}-${next++}`;
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
  const directory = mkdtempSync(join(tmpdir(), 'event-store-bench-'));
  const child = process.env.EVENTSTORE_URL
    ? undefined
    : fork(join(__dirname, '../../libs/embedded-event-store/src/main.ts'), {
        execArgv: [
          '-r',
          join(__dirname, '../support/ts-register.cjs'),
          ...(process.env.NODE_OPTIONS_STORE?.split(' ') ?? []),
        ],
        env: { ...process.env, DATA_DIR: directory, EVENTSTORE_PORT: '0' },
      });
  const ready = child && ((await once(child, 'message')) as [{ url: string }]);
  const client = EventStoreDBClient.connectionString(process.env.EVENTSTORE_URL ?? ready?.[0].url ?? '');
  try {
    await client.appendToStream('warm-up', event());
    await appends(client, 'w', 2000, 64, 1);
    for (const [inFlight, count] of [
      [1, 2000],
      [16, 10_000],
      [64, 20_000],
      [256, 40_000],
    ] as const)
      await appends(client, String(inFlight), count, inFlight, 1);
    await appends(client, 'many', 400, 16, 100);
    await client.appendToStream('long', Array.from({ length: 1000 }, event));
    report(
      'read of a stream of 1,000, 20 times',
      20_000,
      await seconds(async () => {
        for (let i = 0; i < 20; i++) await drain(client.readStream('long'), 1000);
      }),
    );
    const all = 70_000;
    report(
      'catch-up on $all, every event matches',
      all,
      await seconds(() => drain(client.subscribeToAll({ filter: streamNameFilter({ prefixes: ['bench'] }) }), all)),
    );
    report('catch-up on $all, no filter', all, await seconds(() => drain(client.subscribeToAll(), all)));
    report(
      'catch-up on $all, none but the last matches',
      115_000,
      await seconds(async () => {
        await client.appendToStream('last', event());
        await drain(client.subscribeToAll({ filter: streamNameFilter({ prefixes: ['last'] }) }), 1);
      }),
    );
  } finally {
    await client.dispose();
    if (child) {
      child.disconnect();
      await once(child, 'exit');
    }
    rmSync(directory, { recursive: true });
  }
};

void main();
