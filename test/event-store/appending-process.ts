/**
 * A process that keeps many appends in flight until it gets a stop message. Then it reports the acknowledged appends to the
 * test, which breaks its connection meanwhile. It also reports their number after each hundred. Argument: the event store's
 * URL.
 */
import { randomUUID } from 'node:crypto';
import { connectEventStore, OutcomeUnknown, StoreUnavailable } from '@cohort/event-store';

async function main(): Promise<void> {
  const store = await connectEventStore({ url: process.argv[2]!, appendTimeoutMs: 500 });
  const acknowledged: string[] = [];
  const failures = new Set<string>();
  let stopping = false;
  process.once('message', () => (stopping = true));

  const appendOn = async (): Promise<void> => {
    for (let n = 0; !stopping; n++) {
      const stream = `group-a/${randomUUID()}`;
      try {
        await store.append(stream, [{ id: randomUUID(), type: 'noted', data: { n }, metadata: {} }], 'none');
        if (acknowledged.push(stream) % 100 === 0) process.send!({ count: acknowledged.length });
      } catch (error) {
        if (!(error instanceof StoreUnavailable || error instanceof OutcomeUnknown)) failures.add(String(error));
      }
    }
  };
  const stop = new AbortController();
  const following = store.follow({
    from: '0',
    prefixes: ['group-'],
    onDropped: () => undefined,
    onBatch: () => Promise.resolve(),
    signal: stop.signal,
  });
  const readOn = async (): Promise<void> => {
    while (!stopping) await store.head().catch(() => undefined);
  };
  const working = Promise.all([...Array.from({ length: 100 }, appendOn), readOn()]);
  process.send!('working');
  await working;
  stop.abort();
  await following;
  await store.close();
  process.send!({ acknowledged, failures: [...failures] });
  process.disconnect();
}

void main();
