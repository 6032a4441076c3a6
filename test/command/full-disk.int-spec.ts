import { connectEventStore } from '@cohort/event-store';
import { connect, type NatsConnection } from 'nats';
import { FIRST_START_MS } from '../support/built';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';
import { startPart, type Part } from '../support/stack';
import { waitFor } from '../support/wait-for';

requires('own event store', 'own nats-server', 'embedded event store');

const SERVICE = { app: 'demo', actor: { type: 'service' } } as const;
/** The store's file may grow to this size. It fills with a few hundred commands. */
const MAX_FILE_KIB = 1_024;
/** Far below the 30 s for which an append with an unknown outcome is retried. */
const AT_ONCE_MS = 5_000;

let nats: TestNats;
let store: TestEventStore;
let command: Part;
let client: NatsConnection;

const ready = async () => {
  const response = await fetch(`${command.healthUrl}/health/ready`);
  return { status: response.status, body: (await response.json()) as { error: Record<string, unknown> } };
};

/** Sends a command once. A client of ours would repeat it for a while. Resolves with the error code, or `ok`. */
async function create(groupId: string): Promise<string> {
  const message = { ...SERVICE, commandId: `make-${groupId}`, groupId, name: 'n'.repeat(60), owner: 'o' };
  const reply = await client.request('group.v1.command.create', JSON.stringify(message), { timeout: 60_000 });
  return reply.json<{ error?: { code: string } }>().error?.code ?? 'ok';
}

beforeAll(async () => {
  nats = await startNats();
  store = await startEventStore({ maxFileKiB: MAX_FILE_KIB });
  command = await startPart('command', { NATS_URL: nats.url, EVENTSTORE_URL: store.url, LOG_LEVEL: 'info' });
  client = await connect({ servers: nats.url });
}, FIRST_START_MS);

afterAll(async () => {
  await client?.close();
  await command?.stop();
  await store?.stop();
  await nats?.stop();
});

test('while the disk is full, each command is refused at once as not done, and nothing of it is written', async () => {
  const acknowledged: string[] = [];
  let refused = '';
  for (let n = 0; refused === ''; n++) {
    const groupId = `g${n}`;
    const begun = performance.now();
    const code = await create(groupId);
    if (code === 'ok') acknowledged.push(groupId);
    else {
      expect(code).toBe('UNAVAILABLE');
      expect(performance.now() - begun).toBeLessThan(AT_ONCE_MS);
      refused = groupId;
    }
  }
  expect(acknowledged.length).toBeGreaterThan(50);

  const begun = performance.now();
  const codes = await Promise.all(Array.from({ length: 3_000 }, (_, n) => create(`more-${n}`)));
  expect(performance.now() - begun).toBeLessThan(2 * AT_ONCE_MS);
  // An append without a group of others may still fit in the last page.
  expect([...new Set(codes)].sort().at(-1)).toBe('UNAVAILABLE');
  expect(codes).not.toContain('OUTCOME_UNKNOWN');
  acknowledged.push(...codes.flatMap((code, n) => (code === 'ok' ? [`more-${n}`] : [])));

  const { status, body } = await ready();
  expect(status).toBe(503);
  expect(body.error['event store']).toMatchObject({
    message: expect.stringContaining('nothing was written') as unknown,
  });
  expect((await fetch(`${command.healthUrl}/health/live`)).status).toBe(200);
  // Each of the thousands of refusals is a failure in both processes.
  expect(command.output().split('\n').length).toBeLessThan(100);
  expect(store.output().split('\n').length).toBeLessThan(50);

  await store.restart({ maxFileKiB: undefined });
  // No command is sent: the process finds out by itself.
  await waitFor(async () => (await ready()).status === 200, { withinMs: 30_000 });
  expect(command.output()).toContain('the event store writes again');
  expect(await create(refused)).toBe('ok');
  const events = await connectEventStore({ url: store.url });
  try {
    const written: string[] = [];
    const end = new AbortController();
    await events.follow({
      from: '0',
      prefixes: ['group-'],
      onDropped: () => undefined,
      onBatch: (batch) => {
        written.push(...batch.map(({ stream }) => stream.replace('group-demo/', '')));
        return Promise.resolve();
      },
      onCaughtUp: () => end.abort(),
      signal: end.signal,
    });
    expect([...new Set(written)].sort()).toEqual([...acknowledged, refused].sort());
  } finally {
    await events.close();
  }
});
