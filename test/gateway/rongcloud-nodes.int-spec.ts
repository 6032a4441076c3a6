import { CohortClient, CohortError } from '@cohort/client';
import { comparePositions, type Position } from '@cohort/contracts';
import { requires } from '../support/servers';
import { FIRST_START_MS, startStack, type Stack } from '../support/stack';
import { waitFor } from '../support/wait-for';
import type { Answer } from './http';
import { expectDone, expectError, RongCloudCaller } from './rongcloud-caller';

requires('own event store', 'own nats-server');

const asService = { app: 'demo', actor: { type: 'service' } } as const;
/** The gateway waits at least this long for a node: its limit, which is shorter than a lease. */
const WAITS_FOR_MS = 1_990;

/** RongCloud's dialect while nodes behind the gateway are slow or gone. */
describe('RongCloud', () => {
  let stack: Stack;
  let caller: RongCloudCaller;
  let nats: CohortClient;

  beforeAll(async () => {
    stack = await startStack({ queryNodes: 2 });
    caller = new RongCloudCaller(stack.gateway.url, { appKey: 'demo', appSecret: 'demo-secret' });
    nats = await CohortClient.connect({ servers: stack.nats.url });
  }, FIRST_START_MS);
  afterAll(async () => {
    await nats?.close();
    await stack?.stop();
  });

  const post: RongCloudCaller['post'] = (path, fields) => caller.post(path, fields);
  const membersOf = (groupId: string) => caller.membersOf(groupId);
  let made = 0;
  /** A group id that no other test has. */
  const fresh = () => `g-${++made}`;

  test('a write is not answered before a slow node has it', async () => {
    const groupId = fresh();
    const announced = new Map<string, Position>();
    const unsubscribe = nats.onQueryNodeApplied(({ node, position }) => void announced.set(node, position));
    const began = performance.now();
    const { revision, position } = await nats.command('create', { ...asService, groupId, name: 'n', owner: 'u0' });
    // From then on both have a new lease.
    await waitFor(() => [...announced.values()].filter((at) => comparePositions(at, position) >= 0).length === 2);
    unsubscribe();
    const slow = stack.queries[0]!;
    process.kill(slow.pid, 'SIGSTOP');
    let write: Promise<Answer>;
    let answeredAfterMs = Infinity;
    try {
      write = post('/group/join.json', { userId: 'u1', groupId }).finally(
        () => (answeredAfterMs = performance.now() - began),
      );
      // A query may reach the stopped node, so this asks the write side: once the group is past `revision`, the join is done.
      const joined = () =>
        nats
          .command('changeInfo', { ...asService, groupId, name: 'n', expectedRevision: revision })
          .then(() => false)
          .catch((error: unknown) => error instanceof CohortError && error.code === 'CONCURRENCY_CONFLICT');
      while (!(await joined()));
      // Long enough for an answer that waits for no node.
      for (let i = 0; i < 20; i++) await joined();
      expect(answeredAfterMs).toBeGreaterThan(WAITS_FOR_MS);
    } finally {
      process.kill(slow.pid, 'SIGCONT');
    }
    expectDone(await write);
    // If all this took longer than the gateway waits, the answer proves nothing about the node.
    if (answeredAfterMs > WAITS_FOR_MS) return;
    const reads = await Promise.all(Array.from({ length: 8 }, () => membersOf(groupId)));
    for (const members of reads) expect(members).toEqual(['u0', 'u1']);
  });

  test('a node that was killed delays writes until its lease ends at most', async () => {
    const groupId = fresh();
    await stack.queries[1]!.kill();
    const began = performance.now();
    expectDone(await post('/group/create.json', { userId: 'u0', groupId, groupName: 'n' }));
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(await membersOf(groupId)).toEqual(['u0']);
    await stack.start('query');
    expectDone(await post('/group/join.json', { userId: 'u1', groupId }));
    const reads = await Promise.all(Array.from({ length: 8 }, () => membersOf(groupId)));
    for (const members of reads) expect(members).toEqual(['u0', 'u1']);
  });

  test('the gateway answers code 1050 without a command node, and writes again when one is back', async () => {
    const groupId = fresh();
    await stack.commands[0]!.kill();
    // Until nats-server notices, it sends requests to the dead node, and their outcome is unknown.
    await waitFor(() =>
      nats
        .command('dismiss', { app: 'demo', actor: { type: 'service' }, groupId }, { timeoutMs: 250 })
        .then(() => false)
        .catch((error: unknown) => error instanceof CohortError && error.code === 'UNAVAILABLE'),
    );
    expectError(
      await post('/group/create.json', { userId: 'u1', groupId, groupName: 'n' }),
      504,
      1050,
      'No node of the service answered, or NATS is disconnected; nothing was done. Check the connection and that the service runs.',
    );
    await stack.start('command');
    expectDone(await post('/group/create.json', { userId: 'u1', groupId, groupName: 'n' }));
    expect(await membersOf(groupId)).toEqual(['u1']);
  });
});
