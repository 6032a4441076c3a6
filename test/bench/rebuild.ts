/**
 * A Node process that reads the log, and then builds a read model from it: `rebuild.ts <event store> <file>`. Tells its
 * parent both rates.
 */
import { EventStoreDBClient, START as BEGINNING, streamNameFilter } from '@eventstore/db-client';
import { START, type GroupEventData } from '@cohort/contracts';
import { connectEventStore, type EventStore } from '@cohort/event-store';
import { createLogger } from '@cohort/process';
import { ReadModel } from '@cohort/read-model';
import { Projector } from '../../apps/query/src/projector';

const PREFIXES = ['group-', 'user-'];

export interface Rebuilt {
  readonly events: number;
  /** Members that joined by these events: a row each. */
  readonly members: number;
  /** Milliseconds to read them all with a bare client, doing nothing. */
  readonly readMs: number;
  /** Milliseconds from an empty read model to one that has them all. */
  readonly rebuiltMs: number;
}

async function count(store: EventStore): Promise<Pick<Rebuilt, 'events' | 'members'>> {
  const stop = new AbortController();
  let [events, members] = [0, 0];
  await store.follow({
    from: START,
    prefixes: PREFIXES,
    onDropped: () => undefined,
    onBatch: (batch) => {
      events += batch.length;
      for (const { type, data } of batch) {
        if (type === 'created') members += 1;
        if (type === 'memberJoined') members += (data as GroupEventData['memberJoined']).members.length;
      }
      return Promise.resolve();
    },
    onCaughtUp: () => stop.abort(),
    signal: stop.signal,
  });
  return { events, members };
}

async function readBare(url: string, events: number): Promise<number> {
  const client = EventStoreDBClient.connectionString(url);
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    let seen = 0;
    const subscription = client
      .subscribeToAll({ fromPosition: BEGINNING, filter: streamNameFilter({ prefixes: PREFIXES }) })
      .on('error', reject)
      .on('data', () => {
        if (++seen === events) resolve(subscription.unsubscribe());
      });
  });
  const took = performance.now() - start;
  await client.dispose();
  return took;
}

async function main(url: string, file: string): Promise<Rebuilt> {
  const store = await connectEventStore({ url });
  const { events, members } = await count(store);
  const readMs = await readBare(url, events);
  const model = ReadModel.open({ file, store: store.storeId });
  const start = performance.now();
  const projector = new Projector(model, store, createLogger('bench', 'warn', 'json'));
  await projector.start();
  const rebuiltMs = performance.now() - start;
  await projector.stop();
  model.close();
  await store.close();
  return { events, members, readMs, rebuiltMs };
}

void main(process.argv[2] ?? '', process.argv[3] ?? '').then((rebuilt) =>
  process.send?.(rebuilt, () => process.exit()),
);
