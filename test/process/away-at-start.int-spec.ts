import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, FIRST_START_MS } from '../support/built';
import { startEventStore } from '../support/event-store';
import { freePort } from '../support/free-port';
import { startNats } from '../support/nats-server';
import { requires } from '../support/servers';
import { startPart, type Part, type PartName } from '../support/stack';
import { waitFor } from '../support/wait-for';

requires('own nats-server', 'own event store');

const NAMES: readonly PartName[] = ['command', 'query', 'worker', 'gateway'];

beforeAll(() => ensureBuilt(), FIRST_START_MS);

test('processes that are started before the event store and NATS wait for them, live and not ready, and none ends', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'cohort-away-'));
  const ports = { nats: await freePort(), store: await freePort() };
  const health = new Map<PartName, string>();
  const starting: Promise<Part>[] = [];
  for (const name of NAMES) {
    const port = String(await freePort());
    health.set(name, `http://127.0.0.1:${port}`);
    const own: Record<string, string> = name === 'gateway' ? { GATEWAY_PORT: port } : { HEALTH_PORT: port };
    const env = {
      NATS_URL: `nats://127.0.0.1:${ports.nats}`,
      EVENTSTORE_URL: `esdb://127.0.0.1:${ports.store}?tls=false`,
      DATA_DIR: directory,
    };
    starting.push(startPart(name, { ...env, ...own }));
  }
  const all = Promise.all(starting);
  all.catch(() => undefined);
  const ask = (name: PartName, path: string) => fetch(`${health.get(name)}${path}`).catch(() => undefined);
  const waitsFor = async (name: PartName, check: string): Promise<boolean> => {
    const ready = await ask(name, '/health/ready');
    const body = (await ready?.json()) as { error: Record<string, { message: string }> } | undefined;
    const live = await ask(name, '/health/live');
    return (
      ready?.status === 503 && live?.status === 200 && body?.error[check]?.message.startsWith('waiting: ') === true
    );
  };
  let nats: Awaited<ReturnType<typeof startNats>> | undefined;
  let store: Awaited<ReturnType<typeof startEventStore>> | undefined;
  try {
    // The worker connects to the event store first, the others to NATS.
    for (const name of NAMES) {
      await waitFor(() => waitsFor(name, name === 'worker' ? 'event store' : 'nats'), { withinMs: 60_000 });
    }
    nats = await startNats({ port: ports.nats });
    for (const name of ['command', 'query', 'worker'] as const) {
      await waitFor(() => waitsFor(name, 'event store'), { withinMs: 60_000 });
    }
    store = await startEventStore({ port: ports.store });
    const parts = await all;
    for (const part of parts) {
      await waitFor(async () => (await fetch(`${part.healthUrl}/health/ready`)).status === 200, { withinMs: 60_000 });
      expect(part.output()).not.toMatch(/unexpected error/);
    }
  } finally {
    for (const part of await Promise.allSettled(starting)) if (part.status === 'fulfilled') await part.value.stop();
    await store?.stop();
    await nats?.stop();
    await rm(directory, { recursive: true, force: true });
  }
});
