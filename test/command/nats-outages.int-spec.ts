import { CohortClient } from '@cohort/client';
import { CohortError } from '@cohort/contracts';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';
import { startPart, type Part } from '../support/stack';
import { waitFor } from '../support/wait-for';

requires('own event store', 'own nats-server');

const SERVICE = { app: 'demo', actor: { type: 'service' } } as const;

let nats: TestNats;
let eventStore: TestEventStore;
let command: Part;
let client: CohortClient;

beforeEach(async () => {
  nats = await startNats();
  eventStore = await startEventStore();
  command = await startPart('command', { NATS_URL: nats.url, EVENTSTORE_URL: eventStore.url });
  client = await CohortClient.connect({ servers: nats.url, reconnectTimeWait: 50 });
});

afterEach(async () => {
  await client?.close();
  await command?.stop();
  await eventStore?.stop();
  await nats?.stop();
});

const ready = async () => (await fetch(`${command.healthUrl}/health/ready`)).status === 200;

/** Joins users until `stop`, eight at a time, and returns the acknowledged ones. */
function joinUsers(groupId: string) {
  const acknowledged = new Set<string>();
  let stopped = false;
  let next = 0;
  const worker = async () => {
    while (!stopped) {
      const userId = `u${next++}`;
      await client.command('join', { ...SERVICE, groupId, userId }, { timeoutMs: 2_000 }).then(
        () => acknowledged.add(userId),
        (error: unknown) => {
          expect(error).toBeInstanceOf(CohortError);
          expect(['OUTCOME_UNKNOWN', 'UNAVAILABLE']).toContain((error as CohortError).code);
        },
      );
    }
  };
  const done = Promise.all(Array.from({ length: 8 }, worker));
  // `stop` reports a failure.
  done.catch(() => undefined);
  return {
    acknowledged,
    stop: async () => {
      stopped = true;
      await done;
    },
  };
}

/** Every acknowledged user is a member: adding them again changes nothing, so the revision stays. */
async function expectMembers(groupId: string, users: ReadonlySet<string>): Promise<void> {
  const { revision } = await client.command('changeInfo', { ...SERVICE, groupId, ext: 'after the outage' });
  const all = [...users];
  for (let from = 0; from < all.length; from += 1_000) {
    const userIds = all.slice(from, from + 1_000);
    expect((await client.command('addMembers', { ...SERVICE, groupId, userIds })).revision).toBe(revision);
  }
}

it.each(['NATS', 'the event store'] as const)(
  'the command app lives through the loss of %s under load, and loses nothing it acknowledged',
  async (which) => {
    const { groupId } = await client.command('create', { ...SERVICE, name: 'n', owner: 'o' });
    const load = joinUsers(groupId);
    await waitFor(() => load.acknowledged.size > 100);

    if (which === 'NATS') {
      await nats.kill();
      await waitFor(async () => !(await ready()));
      await nats.restart({ wiped: true });
    } else {
      await eventStore.kill();
      await waitFor(async () => !(await ready()));
      await eventStore.restart();
    }
    await waitFor(ready);
    const before = load.acknowledged.size;
    await waitFor(() => load.acknowledged.size > before + 100);
    await load.stop();

    expect((await fetch(`${command.healthUrl}/health/live`)).status).toBe(200);
    await expectMembers(groupId, load.acknowledged);
  },
);
