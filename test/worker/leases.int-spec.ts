import { CohortClient } from '@cohort/client';
import { StorageType } from 'nats';
import { created } from '@cohort/contracts/testing';
import { Surroundings } from '../feed/support';
import { allowLeases, refuseLeases } from '../support/leases';
import { metric } from '../support/metrics';
import { becomesReady } from '../support/ready';
import type { Part } from '../support/stack';
import { waitFor } from '../support/wait-for';

const DUTIES = ['relay', 'userSync', 'userNumbers', 'banEverywhere'] as const;
const BUCKET = 'COHORT_LEASES';

let s: Surroundings;
beforeEach(async () => {
  s = await Surroundings.start();
});
afterEach(async () => {
  await s?.stop();
});

const held = (worker: Part, duty: string) => metric(worker, `cohort_lease_held{duty="${duty}"}`);
const holdsAll = async (worker: Part): Promise<boolean> =>
  (await Promise.all(DUTIES.map((duty) => held(worker, duty)))).every((value) => value === 1);
/** Whether each lease is held by exactly one of these workers, the one that the bucket names. */
async function oneHolds(workers: readonly Part[]): Promise<boolean> {
  const leases = await s.client.jetstream().views.kv(BUCKET, { bindOnly: true });
  for (const duty of DUTIES) {
    const entry = await leases.get(duty);
    const named = entry?.operation === 'PUT' ? entry.json<{ node: string }>().node : '';
    const isNamed = ({ pid }: Part) => named.endsWith(`/${pid}`);
    if (!workers.some(isNamed)) return false;
    for (const worker of workers) if ((await held(worker, duty)) !== (isNamed(worker) ? 1 : 0)) return false;
  }
  return true;
}

type Details = Record<string, { status: string; says?: string; degraded?: string }>;
async function health({ healthUrl }: Part): Promise<{ ready: boolean; details: Details }> {
  const response = await fetch(`${healthUrl}/health/ready`);
  const { details } = (await response.json()) as { details: Details };
  return { ready: response.ok, details };
}
async function standsBy(worker: Part, holder: Part): Promise<boolean> {
  const { ready, details } = await health(worker);
  const says = DUTIES.map((duty) => details[`lease ${duty}`]?.says ?? '');
  return ready && says.every((one) => one.startsWith('stands by for ') && one.endsWith(`/${holder.pid}`));
}

/** Starts two workers, of which the first holds the leases. */
async function two(): Promise<[holder: Part, other: Part]> {
  const holder = await s.worker();
  await waitFor(() => holdsAll(holder));
  const other = await s.worker();
  await waitFor(() => standsBy(other, holder));
  return [holder, other];
}

let groups = 0;
/** Expects that this worker publishes the next event. */
async function relays(worker: Part): Promise<void> {
  const before = await metric(worker, 'cohort_feed_published_total');
  await s.write(`g${++groups}`, [created('ann')]);
  await s.upToDate();
  await waitFor(async () => (await metric(worker, 'cohort_feed_published_total')) === before + 1);
}

test('one of two workers does the work; the other is ready, and reports for which one it stands by', async () => {
  const [holder, other] = await two();
  await relays(holder);
  expect(await metric(other, 'cohort_feed_published_total')).toBe(0);
  expect(await metric(other, 'cohort_feed_lag_seconds')).toBe(0);
  expect((await health(holder)).details).toMatchObject({
    'lease relay': { status: 'up', says: 'holds the lease' },
    'lease userSync': { status: 'up', says: 'holds the lease' },
  });
  expect(other.output()).toContain('stands by');
});

test('a worker takes over within seconds from one that is killed', async () => {
  const [holder, other] = await two();
  await holder.kill();
  await waitFor(() => holdsAll(other), { withinMs: 10_000 });
  await relays(other);
  await becomesReady(other.healthUrl);
});

test('a worker that stops returns its leases before it ends, and another one takes over', async () => {
  const [holder, other] = await two();
  const leases = await s.client.jetstream().views.kv(BUCKET);
  const of = async (duty: string) => {
    const entry = await leases.get(duty);
    return entry?.operation === 'PUT' ? entry.json<{ node: string }>().node : undefined;
  };
  expect(await of('relay')).toMatch(new RegExp(`/${holder.pid}$`));
  expect(await holder.stop()).toBe(0);
  for (const duty of DUTIES) expect((await of(duty)) ?? '').not.toMatch(new RegExp(`/${holder.pid}$`));
  await waitFor(() => holdsAll(other));
  await relays(other);
});

test('a worker stops gracefully while NATS is down', async () => {
  const worker = await s.worker();
  await waitFor(() => holdsAll(worker));
  await s.nats.kill();
  await waitFor(async () => !(await health(worker)).ready);
  expect(await worker.stop()).toBe(0);
  await s.nats.restart();
});

test('a worker that hung stands by once another one has taken over', async () => {
  const [holder, other] = await two();
  process.kill(holder.pid, 'SIGSTOP');
  try {
    await waitFor(() => holdsAll(other));
    await relays(other);
  } finally {
    process.kill(holder.pid, 'SIGCONT');
  }
  await waitFor(() => standsBy(holder, other));
  await relays(other);
  expect(await s.fed()).toEqual(await s.logged());
});

test('after the bucket was deleted, one worker holds the leases again', async () => {
  const workers = await two();
  for (let i = 0; i < 2; i++) {
    await s.manager.streams.delete(`KV_${BUCKET}`);
    await waitFor(() => oneHolds(workers));
  }
  await s.writeMany(50);
  await s.upToDate();
  expect(await s.fed()).toEqual(await s.logged());
});

test('after nats-server restarted without the bucket, which was in its memory, one worker holds the leases again', async () => {
  const workers = await two();
  const reconnected = s.reconnected();
  await s.nats.kill();
  await s.writeMany(50);
  await s.nats.restart();
  await reconnected;
  await waitFor(() => oneHolds(workers));
  await s.upToDate();
  expect(await s.fed()).toEqual(await s.logged());
  for (const worker of workers) await becomesReady(worker.healthUrl);
});

test('a bucket without a limit of age is given one, so that the lease of a dead process ends', async () => {
  const leases = await s.client.jetstream().views.kv(BUCKET, { storage: StorageType.Memory, history: 5 });
  for (const duty of DUTIES) await leases.create(duty, JSON.stringify({ node: 'dead/1', token: 'x' }));
  const worker = await s.worker();
  await waitFor(() => holdsAll(worker));
  await relays(worker);
});

test('while leases are unavailable all workers work, and the feed is right', async () => {
  await refuseLeases(s.manager);
  const workers = await Promise.all([s.worker(), s.worker()]);
  for (const worker of workers) {
    // Each duty detects it by itself.
    await waitFor(async () => {
      const { ready, details } = await health(worker);
      const why = DUTIES.map((duty) => details[`lease ${duty}`]?.degraded ?? '');
      return ready && why.every((one) => /^works without a lease: ./.test(one));
    });
    for (const duty of DUTIES) expect(await held(worker, duty)).toBe(0);
  }
  await s.writeMany(500);
  await s.upToDate();
  expect(await s.fed()).toEqual(await s.logged());
  // The bucket can be created again: one worker continues, the other stands by.
  await allowLeases(s.manager);
  await waitFor(() => oneHolds(workers));
  await s.writeMany(50);
  await s.upToDate();
  expect(await s.fed()).toEqual(await s.logged());
});

test('without JetStream user syncs continue, also when one of the workers is killed', async () => {
  await s.stop();
  s = await Surroundings.start({ jetStream: false });
  await s.part('command');
  await s.part('query');
  const [first, second] = [await s.worker(), await s.worker()];
  for (const worker of [first, second]) {
    // A slow check reports its timeout first.
    await waitFor(async () => {
      const { ready, details } = await health(worker);
      const why = details['lease userSync']?.degraded ?? '';
      return ready && why.startsWith('works without a lease: nothing answers for JetStream:');
    });
  }
  const client = await CohortClient.connect({ servers: s.nats.url });
  try {
    const sync = async (userId: string) => {
      const asked = { app: 'demo', actor: { type: 'service' as const }, userId };
      const answer = await client.command('syncUser', { ...asked, groups: [{ groupId: `of-${userId}`, name: 'n' }] });
      const done = () => client.query('userSync', { app: 'demo', userId, sync: answer.sync, after: answer.position });
      await waitFor(async () => (await done()).completed);
    };
    await sync('u1');
    await first.kill();
    await sync('u2');
    // The query process may show the completion before the worker gets the answer to its append.
    await waitFor(async () => (await metric(second, 'cohort_user_syncs_completed_total')) >= 1);
  } finally {
    await client.close();
  }
});
