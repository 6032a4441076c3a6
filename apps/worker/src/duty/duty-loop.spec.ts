import { setTimeout as sleep } from 'node:timers/promises';
import { StoreRefused } from '@cohort/event-store';
import { DutyLoop, type LoopOptions } from './duty-loop';

const until = async (condition: () => boolean) => {
  while (!condition()) await sleep(1);
};

/** A duty whose runs are ended by the test. */
class Scripted extends DutyLoop {
  readonly logged: { why?: string; err?: Error }[];
  readonly runs: { fail(error: Error): void; end(): void; begun(): void }[] = [];
  readonly saves: string[] = [];
  storing: () => Promise<void> = () => Promise.resolve();
  /** Failures with this text are part of the work. */
  expected: string | undefined;

  constructor(over: Partial<LoopOptions> = {}) {
    const logged: Scripted['logged'] = [];
    const log = { info: () => undefined, warn: (details: object) => void logged.push(details) };
    super({ duty: 'test', log, pauses: { first: 2, longest: 8, jitter: 0 }, stopWithinMs: 50, ...over });
    this.logged = logged;
  }

  protected override run(): Promise<void> {
    const aborted = this.signal;
    return new Promise((end, fail) => {
      this.runs.push({ fail, end, begun: () => this.goesOn() });
      aborted.addEventListener('abort', () => end());
    });
  }

  protected override save(): Promise<void> {
    this.saves.push(this.signal.aborted ? 'last' : 'timed');
    return this.storing();
  }

  protected override recovers(error: unknown): Promise<boolean> {
    return Promise.resolve((error as Error).message === this.expected);
  }

  /** Lets the newest run fail, and waits for the next one. */
  async fails(why: string): Promise<void> {
    const { length } = this.runs;
    this.runs[length - 1]!.fail(new Error(why));
    await until(() => this.runs.length > length);
  }
}

let duty: Scripted;
const start = (over?: Partial<LoopOptions>) => {
  duty = new Scripted(over);
  duty.start();
};
afterEach(() => duty.stop());

test('a duty has a reason why it does not work until its run says that it does', () => {
  start();
  expect(duty.why).toBe('starting');
  duty.runs[0]!.begun();
  expect(duty.why).toBeUndefined();
});

test('a failed run is retried, and its reason is shown until the work is under way again', async () => {
  start();
  await duty.fails('away');
  expect(duty.why).toBe('away');
  duty.runs[1]!.begun();
  expect(duty.why).toBeUndefined();
});

test('a run that ends by itself counts as failed', async () => {
  start();
  duty.runs[0]!.end();
  await until(() => duty.runs.length === 2);
  expect(duty.why).toBe('the duty ended unexpectedly');
});

test('a reason is logged once, and again when it comes back after work', async () => {
  start();
  for (const why of ['away', 'away', 'full', 'full']) await duty.fails(why);
  expect(duty.logged.map(({ why }) => why)).toEqual(['away', 'full']);
  duty.runs.at(-1)!.begun();
  await duty.fails('full');
  expect(duty.logged.map(({ why }) => why)).toEqual(['away', 'full', 'full']);
});

test('pauses grow with failures in a row, and work in between makes them short again', async () => {
  start({ pauses: { first: 20, longest: 1_000, jitter: 0 } });
  const pauseAfter = async (): Promise<number> => {
    const began = performance.now();
    await duty.fails('away');
    return performance.now() - began;
  };
  await pauseAfter();
  await pauseAfter();
  expect(await pauseAfter()).toBeGreaterThan(75);
  duty.runs.at(-1)!.begun();
  expect(await pauseAfter()).toBeLessThan(75);
});

test('a failure that the duty recovers from is neither logged nor reported', async () => {
  start();
  duty.expected = 'overtaken';
  duty.runs[0]!.begun();
  await duty.fails('overtaken');
  expect(duty.why).toBeUndefined();
  expect(duty.logged).toEqual([]);
});

test('progress is saved from time to time, one save after the other, and once more at the stop', async () => {
  start({ saveEveryMs: 2 });
  let end = (): void => undefined;
  duty.storing = () => new Promise((resolve) => (end = resolve));
  await until(() => duty.saves.length === 1);
  await sleep(10);
  expect(duty.saves).toEqual(['timed']);
  const stopped = duty.stop();
  duty.storing = () => Promise.resolve();
  end();
  await stopped;
  expect(duty.saves).toEqual(['timed', 'last']);
});

test('a save that fails is logged, and the next one is made all the same', async () => {
  start({ saveEveryMs: 2 });
  duty.storing = () => Promise.reject(new Error('store away'));
  await until(() => duty.saves.length === 2);
  expect(duty.logged[0]).toMatchObject({ duty: 'test', err: new Error('store away') });
  await expect(duty.stop()).resolves.toBeUndefined();
});

test('a save that an outage of the event store prevents is logged once for each outage, without a stack trace', async () => {
  start({ saveEveryMs: 2 });
  const full = new StoreRefused('full', 'the disk is full');
  const outcomes = [full, full, undefined, full, full];
  duty.storing = () => {
    const outcome = outcomes.shift();
    return outcome ? Promise.reject(outcome) : Promise.resolve();
  };
  await until(() => outcomes.length === 0);
  expect(duty.logged).toEqual(Array(2).fill({ duty: 'test', why: 'the disk is full' }));
});

test('a stop ends a pause, and nothing runs after it', async () => {
  start({ pauses: { first: 60_000, longest: 60_000 } });
  duty.runs[0]!.fail(new Error('away'));
  await until(() => duty.why === 'away');
  await duty.stop();
  expect(duty.runs).toHaveLength(1);
});

test('a stop waits for the work in progress, but not longer than its bound', async () => {
  class Hanging extends Scripted {
    protected override run = () => new Promise<void>(() => undefined);
  }
  const hanging = new Hanging({ stopWithinMs: 30 });
  hanging.start();
  await hanging.stop();
  expect(hanging.saves).toEqual(['last']);
});
