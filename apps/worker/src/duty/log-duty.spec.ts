import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Position } from '@cohort/contracts';
import type { FollowOptions, NewEvent, StoredEvent } from '@cohort/event-store';
import { LogDuty, type LogDutyOptions } from './log-duty';

const until = async (condition: () => boolean) => {
  while (!condition()) await sleep(1);
};
const event = (position: number, data: object = {}): StoredEvent => ({
  stream: 'group-demo/g',
  revision: position,
  position: String(position),
  id: `e${position}`,
  type: 'memberJoined',
  data,
  metadata: {},
  created: new Date(0),
});

/** A log that the test hands on batch by batch; test/worker has a real one. */
class Log implements Pick<LogDutyOptions, 'store'> {
  readonly checkpoints: unknown[] = [];
  follower: FollowOptions | undefined;
  unreadable = 0;
  end: Position = '1000';

  readonly store: LogDutyOptions['store'] = {
    read: () => {
      if (this.unreadable-- > 0) throw new Error('store away');
      return Readable.from(this.checkpoints.slice(-1).map((data) => event(1_000, data as object)));
    },
    append: (_stream, events: readonly NewEvent[]) => {
      this.checkpoints.push(...events.map(({ data }) => data));
      return Promise.resolve({ revision: this.checkpoints.length - 1, position: '1' });
    },
    setMaxCount: () => Promise.resolve(),
    head: () => Promise.resolve(this.end),
    follow: (options) => {
      this.follower = options;
      return Promise.race([
        this.failed,
        new Promise<void>((resolve) => options.signal.addEventListener('abort', () => resolve())),
      ]);
    },
  };

  /** Hands events on, as the event store does: an error of the handler ends the subscription. */
  async bring(...positions: number[]): Promise<void> {
    await until(() => this.follower !== undefined);
    const events = positions.map((position) => event(position));
    await Promise.resolve(this.follower!.onBatch(events, events.at(-1)!.position)).catch(this.fail);
  }

  private fail!: (error: unknown) => void;
  private readonly failed = new Promise<void>((_, reject) => (this.fail = reject));
}

class Counting extends LogDuty {
  readonly handled: string[] = [];
  unfinished: Position | undefined;

  protected override handle({ position }: StoredEvent, since: Position): void {
    if (position === '666') throw new Error('a fault');
    this.handled.push(`${position} since ${since}`);
  }
  protected override room(): Promise<void> {
    return Promise.resolve();
  }
  protected override get unfinishedSince(): Position | undefined {
    return this.unfinished;
  }
}

const faults: unknown[] = [];
const start = (log: Log) => {
  const options = {
    subscription: { onDropped: () => undefined, onLevelAgain: () => undefined },
    store: log.store,
    log: { info: () => undefined, warn: () => undefined },
    onFault: (error: unknown): never => {
      faults.push(error);
      throw error;
    },
  };
  const duty = new Counting(options, { duty: 'counting', prefixes: ['group-'], stopWithinMs: 100 });
  duty.start();
  return duty;
};

test('a duty continues where the last one stopped', async () => {
  const log = new Log();
  const first = start(log);
  await log.bring(10, 20);
  await log.bring(30);
  await first.stop();
  expect(first.handled).toEqual(['10 since 0', '20 since 0', '30 since 20']);

  log.follower = undefined;
  const second = start(log);
  await log.bring(40);
  expect(log.follower).toMatchObject({ from: '30', prefixes: ['group-'] });
  expect(second.handled).toEqual(['40 since 30']);
  await second.stop();
});

test('the checkpoint does not pass unfinished work, and passes it once it is finished', async () => {
  const log = new Log();
  const duty = start(log);
  duty.unfinished = '15';
  await log.bring(10, 20);
  await duty.stop();
  expect(log.checkpoints).toEqual([{ position: '15' }]);
  duty.unfinished = undefined;
  await duty.stop();
  expect(log.checkpoints.at(-1)).toEqual({ position: '20' });
});

test('a stop writes no checkpoint when nothing happened', async () => {
  const log = new Log();
  const duty = start(log);
  await until(() => log.follower !== undefined);
  await duty.stop();
  expect(log.checkpoints).toEqual([]);
});

test.each([
  ['is no mark', 'x'],
  ['has no position', { position: -1 }],
  ['has a position that no log has', { position: '9'.repeat(30) }],
  ['is a position after its own event', { position: '1001' }],
])('a stored checkpoint that %s counts as none, and is replaced', async (_what, stored) => {
  const log = new Log();
  log.checkpoints.push(stored);
  const duty = start(log);
  await log.bring(10);
  expect(log.follower!.from).toBe('0');
  await duty.stop();
  expect(log.checkpoints.at(-1)).toEqual({ position: '10' });
});

test('a checkpoint that can not be read is tried again', async () => {
  const log = new Log();
  log.unreadable = 2;
  const duty = start(log);
  await until(() => duty.why === 'store away');
  await log.bring(10);
  expect(duty.why).toBeUndefined();
  expect(faults).toEqual([]);
  await duty.stop();
});

test.each([null, 'x', {}, { position: 7 }, { position: 'x' }, { position: '99999999999999' }])(
  'a duty whose checkpoint is %j begins with the log',
  async (mark) => {
    const log = new Log();
    log.checkpoints.push(mark);
    const duty = start(log);
    await log.bring(10);
    expect(log.follower).toMatchObject({ from: '0' });
    expect(duty.handled).toEqual(['10 since 0']);
    await duty.stop();
    expect(faults).toEqual([]);
  },
);

test('a fault in handling an event is passed to onFault, and no checkpoint passes the event', async () => {
  const log = new Log();
  const duty = start(log);
  await log.bring(10);
  await log.bring(666);
  await until(() => faults.length > 0);
  expect(faults[0]).toEqual(new Error('a fault'));
  await duty.stop();
  expect(log.checkpoints).toEqual([{ position: '10' }]);
});
