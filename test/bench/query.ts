/**
 * What the read side can do, on this machine: `node -r ./test/support/ts-register.cjs test/bench/query.ts [events]`.
 * Compares a rebuild with merely reading the log, and `isMember` over NATS with a bare echo over NATS. Server, broker,
 * node and caller share the machine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventId, groupStream, START, type GroupEvent } from '@cohort/contracts';
import { connectEventStore, type EventStore, type NewEvent } from '@cohort/event-store';
import { createLogger } from '@cohort/process';
import { ReadModel } from '@cohort/read-model';
import { connect, type NatsConnection } from 'nats';
import { Projector } from '../../apps/query/src/projector';
import { startNats } from '../support/nats-server';
import { startPart } from '../support/stack';

const EVENTS = Number(process.argv[2] ?? 100_000);
const GROUPS = 1_000;

const report = (what: string, count: number, ms: number, latencies: number[] = []): void => {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)]?.toFixed(3);
  const spread = sorted.length > 0 ? `  p50 ${at(0.5)} ms  p99 ${at(0.99)} ms` : '';
  const rate = Math.round((count / ms) * 1_000).toLocaleString('en');
  console.log(`${what.padEnd(52)} ${rate.padStart(9)}/s${spread}`);
};

async function write(store: EventStore): Promise<void> {
  const perGroup = Math.ceil(EVENTS / GROUPS);
  const one = async (g: number) => {
    const stream = groupStream('demo', `g${g}`);
    const numericId = String(2 ** 52 + g);
    const events: GroupEvent[] = [
      { type: 'created', data: { name: `Group ${g}`, owner: 'owner', numericId, capacity: 1_000_000, memberCount: 1 } },
    ];
    for (let i = 1; i < perGroup; i++) {
      const members = [{ userId: `user-${(g * 7919 + i * 104_729) % 50_000}` }];
      events.push({ type: 'memberJoined', data: { members, via: 'join', memberCount: i + 1 } });
    }
    let revision: number | 'none' = 'none';
    for (let i = 0; i < events.length; i += 10) {
      const part = events.slice(i, i + 10).map(({ type, data }, index): NewEvent => ({
        id: eventId(stream, `command ${i}`, index),
        type,
        data,
        metadata: {
          $correlationId: 'c',
          $causationId: 'c',
          app: 'demo',
          actor: { type: 'service' },
          commandId: `command ${i}`,
          commandHash: '0123456789abcdef',
          at: new Date(1.7e12 + i).toISOString(),
          schemaVersion: 1,
          batch: { index, size: Math.min(10, events.length - i) },
        },
      }));
      ({ revision } = await store.append(stream, part, revision));
    }
  };
  for (let g = 0; g < GROUPS; g += 50) await Promise.all(Array.from({ length: 50 }, (_, k) => one(g + k)));
}

/** Follows the log to its end; how many events, in how many milliseconds. */
async function followAll(store: EventStore) {
  const stop = new AbortController();
  const began = performance.now();
  let count = 0;
  await store.follow({
    from: START,
    prefixes: ['group-', 'user-'],
    onBatch: (events) => {
      count += events.length;
      return Promise.resolve();
    },
    onCaughtUp: () => stop.abort(),
    signal: stop.signal,
  });
  return { count, ms: performance.now() - began };
}

async function requests(client: NatsConnection, subject: string, body: (i: number) => string, inFlight: number) {
  const latencies: number[] = [];
  const until = performance.now() + 4_000;
  let next = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (performance.now() < until) {
        const start = performance.now();
        await client.request(subject, body(next++), { timeout: 10_000 });
        latencies.push(performance.now() - start);
      }
    }),
  );
  return { count: latencies.length, ms: performance.now() - began, latencies };
}

const ECHO = `
  const { connect } = require('nats');
  connect({ servers: process.argv[1] }).then(async (nats) => {
    nats.subscribe('echo', { callback: (_error, message) => message.respond(message.data) });
    await nats.flush();
    console.log('ready');
  });
`;

function measurePages(model: ReadModel): void {
  const ids = { small: 1_000, large: 100_000 } as const;
  for (const [groupId, size] of Object.entries(ids)) {
    const latencies: number[] = [];
    let cursor: string | undefined;
    for (let i = 0; i < 2_000; i++) {
      const start = performance.now();
      const page = model.queries.members({ app: 'demo', groupId, limit: 100, ...(cursor ? { cursor } : {}) });
      latencies.push(performance.now() - start);
      cursor = page.cursor;
    }
    const total = latencies.reduce((sum, each) => sum + each, 0);
    report(`page of 100 of ${size.toLocaleString('en')} members`, latencies.length, total, latencies);
  }
}

async function fill(model: ReadModel, groupId: string, size: number, position: number): Promise<number> {
  const stream = groupStream('demo', groupId);
  const event = (revision: number, type: string, data: object) => ({
    stream,
    revision,
    position: String(position + revision),
    id: eventId(stream, 'fill', revision),
    type,
    data,
    metadata: { at: new Date(1.7e12 + revision).toISOString(), schemaVersion: 1 },
  });
  const events = [
    event(0, 'created', { name: groupId, owner: 'o', numericId: '1', capacity: 1_000_000, memberCount: 1 }),
  ];
  for (let count = 1; count < size;) {
    const joining = Math.min(500, size - count);
    const members = Array.from({ length: joining }, (_, i) => ({ userId: `user-${count + i}` }));
    count += joining;
    events.push(event(events.length, 'memberJoined', { members, via: 'add', memberCount: count }));
  }
  await model.applyBatch(events, events.at(-1)!.position);
  return position + events.length;
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'cohort-bench-'));
  const eventStore = await startPart('event-store', { EVENTSTORE_PORT: '0', DATA_DIR: directory });
  const nats = await startNats();
  const store = await connectEventStore({ url: eventStore.url });
  try {
    await write(store);

    const bare = await followAll(store);
    report('reading the log, nothing else', bare.count, bare.ms);
    const model = ReadModel.open({ file: join(directory, 'rebuilt.db'), store: store.storeId });
    const rebuilt = performance.now();
    const projector = new Projector(model, store, createLogger('bench', 'warn', 'json'));
    await projector.start();
    report('rebuilding the read model', bare.count, performance.now() - rebuilt);
    await projector.stop();

    const position = await fill(model, 'small', 1_000, 1e15);
    await fill(model, 'large', 100_000, position + 1_000);
    measurePages(model);
    model.close();

    const env = { NATS_URL: nats.url, EVENTSTORE_URL: eventStore.url, DATA_DIR: directory };
    const began = performance.now();
    const node = await startPart('query', env);
    report('a node from start to ready, no file', EVENTS, performance.now() - began);
    const echo = spawn(process.execPath, ['-e', ECHO, nats.url], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(createInterface(echo.stdout), 'line');
    const client = await connect({ servers: nats.url });
    const body = (i: number) =>
      JSON.stringify({ app: 'demo', groupId: `g${i % 100}`, userId: `user-${(i * 7) % 5_000}` });
    for (const inFlight of [1, 64]) {
      const raw = await requests(client, 'echo', body, inFlight);
      report(`bare echo over NATS, ${inFlight} in flight`, raw.count, raw.ms, raw.latencies);
      const hot = await requests(client, 'group.v1.query.isMember', body, inFlight);
      report(`isMember over NATS, ${inFlight} in flight`, hot.count, hot.ms, hot.latencies);
      const page = await requests(
        client,
        'group.v1.query.members',
        (i) => JSON.stringify({ app: 'demo', groupId: `g${i % 100}`, limit: 100 }),
        inFlight,
      );
      report(`members (100) over NATS, ${inFlight} in flight`, page.count, page.ms, page.latencies);
    }
    await client.close();
    echo.kill();
    await node.stop();
  } finally {
    await store.close();
    await eventStore.stop();
    await nats.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
