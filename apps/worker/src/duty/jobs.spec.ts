import type { Owned } from '@cohort/contracts';
import { Jobs, mergedWork, type Work } from './jobs';

interface Call {
  readonly user: Owned;
  readonly work: Work;
  readonly newest: () => number | undefined;
  readonly finish: () => void;
  readonly fail: (error: Error) => void;
}

/** Jobs whose runs are ended by the test. */
function jobs(concurrency = 2) {
  const calls: Call[] = [];
  const failures: unknown[] = [];
  const controller = new AbortController();
  const queue = new Jobs(
    (user, work, newest) =>
      new Promise((finish, fail) => {
        calls.push({ user, work, newest, finish, fail });
      }),
    { merged: mergedWork, concurrency, signal: controller.signal, onFailure: (_user, error) => failures.push(error) },
  );
  return { queue, calls, failures, controller };
}

const user = (id: string): Owned => ({ app: 'demo', id });
const work = (position: number, requested?: number): Work => ({
  position: String(position),
  since: String(position - 1),
  ...(requested === undefined ? {} : { requested }),
});
/** Resolves after everything that is due without time passing. */
const settled = () => new Promise(setImmediate);

test('work of several users runs side by side, up to the concurrency', async () => {
  const { queue, calls } = jobs(2);
  for (const id of ['a', 'b', 'c']) queue.add(user(id), work(10));
  expect(calls.map((call) => call.user.id)).toEqual(['a', 'b']);
  calls[0]!.finish();
  await settled();
  expect(calls.map((call) => call.user.id)).toEqual(['a', 'b', 'c']);
  expect(queue.size).toBe(2);
});

test('work of one user runs once at a time, and work that arrives meanwhile is gathered for the next run', async () => {
  const { queue, calls } = jobs();
  queue.add(user('a'), work(10, 0));
  queue.add(user('a'), work(20, 1));
  queue.add(user('a'), work(30));
  expect(calls).toHaveLength(1);
  expect(calls[0]!.newest()).toBe(1);
  calls[0]!.finish();
  await settled();
  expect(calls).toHaveLength(2);
  expect(calls[1]!.work).toEqual({ position: '30', since: '19', requested: 1 });
  calls[1]!.finish();
  await settled();
  expect(queue.size).toBe(0);
});

test('the checkpoint may go as far as the earliest unfinished work', async () => {
  const { queue, calls } = jobs(1);
  expect(queue.since).toBeUndefined();
  queue.add(user('a'), work(10));
  queue.add(user('b'), work(20));
  queue.add(user('a'), work(30));
  expect(queue.since).toBe('9');
  calls[0]!.finish();
  await settled();
  expect(queue.since).toBe('19');
  calls[1]!.finish();
  await settled();
  expect(queue.since).toBe('29');
  calls[2]!.finish();
  await settled();
  expect(queue.since).toBeUndefined();
});

test('failed work is retried together with work that arrived meanwhile, and holds the checkpoint', async () => {
  const { queue, calls, failures, controller } = jobs();
  queue.add(user('a'), work(10, 0));
  queue.add(user('a'), work(20, 1));
  calls[0]!.fail(new Error('away'));
  await settled();
  expect(failures).toHaveLength(1);
  expect([queue.failing, queue.since]).toEqual([1, '9']);
  while (calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(calls[1]!.work).toEqual({ position: '20', since: '9', requested: 1 });
  calls[1]!.finish();
  await settled();
  expect([queue.size, queue.failing]).toEqual([0, 0]);
  controller.abort();
});

test('below resolves once fewer users have unfinished work', async () => {
  const { queue, calls } = jobs();
  queue.add(user('a'), work(10));
  queue.add(user('b'), work(10));
  let passed = false;
  const below = queue.below(2).then(() => (passed = true));
  await settled();
  expect(passed).toBe(false);
  calls[0]!.finish();
  await below;
  expect(queue.size).toBe(1);
});

test('after an abort no work is begun, and unfinished work holds the checkpoint', async () => {
  const { queue, calls, failures, controller } = jobs(1);
  queue.add(user('a'), work(10));
  queue.add(user('b'), work(20));
  const below = queue.below(1);
  controller.abort();
  await below;
  calls[0]!.fail(new Error('aborted'));
  await queue.stopped();
  expect(calls).toHaveLength(1);
  expect(failures).toEqual([]);
  expect(queue.since).toBe('9');
});
