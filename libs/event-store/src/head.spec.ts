import { setImmediate as turn } from 'node:timers/promises';
import { HEAD_STREAM } from '@cohort/contracts';
import { OutcomeUnknown, StoreUnavailable } from './errors';
import { LogHead } from './head';
import type { Appended, StoredEvent } from './types';

/** A log that counts how often and how much of it is read. */
class Log {
  readonly events: StoredEvent[] = [];
  readonly counts: { stream: string; count: number }[] = [];
  reads = 0;
  read = 0;
  /** Awaited by each append. */
  appending: () => Promise<void> = () => Promise.resolve();

  readonly head = new LogHead(
    {
      append: async (stream): Promise<Appended> => {
        const position = this.write(stream);
        await this.appending();
        return { revision: 0, position };
      },
      setMaxCount: (stream, count) => Promise.resolve(void this.counts.push({ stream, count })),
    },
    (count) => this.last(count),
  );

  write(stream: string, times = 1): string {
    for (let i = 0; i < times; i++) {
      const position = String(10 * (this.events.length + 1));
      this.events.push({ stream, position } as StoredEvent);
    }
    return this.events.at(-1)!.position;
  }

  get marks(): string[] {
    return this.events.filter(({ stream }) => stream === HEAD_STREAM).map(({ position }) => position);
  }

  private async *last(count: number): AsyncGenerator<StoredEvent> {
    this.reads += 1;
    for (const event of this.events.slice(-count).reverse()) {
      await turn();
      this.read += 1;
      yield event;
    }
  }
}

let log: Log;
beforeEach(() => (log = new Log()));

test('the head of some streams is their newest event, if it is among the last few events of the log', async () => {
  const position = log.write('group-a/1');
  log.write('other-1', 15);
  expect(await log.head.reachable(['group-'])).toBe(position);
  expect(log.marks).toEqual([]);
});

test('the head is before every event, if no event of these streams is in a short log', async () => {
  log.write('other-1', 15);
  expect(await log.head.reachable(['group-'])).toBe('0');
  expect(await new Log().head.reachable([])).toBe('0');
});

test('the head of the whole log is its last event, whatever its stream', async () => {
  const position = log.write('$stats-127.0.0.1:2113');
  expect(await log.head.reachable([])).toBe(position);
  expect(log.read).toBe(1);
});

test('a hundred thousand events of others cost one read of sixteen events and one mark', async () => {
  log.write('group-a/1');
  const last = log.write('other-1', 100_000);
  const head = await log.head.reachable(['group-']);
  expect(log.marks).toEqual([head]);
  expect(Number(head)).toBeGreaterThan(Number(last));
  expect([log.reads, log.read]).toEqual([1, 16]);
  expect(await log.head.reachable(['group-'])).toBe(head);
  expect(log.marks).toHaveLength(1);
});

test('calls at the same time share marks, and each gets a mark from after its call', async () => {
  log.write('other-1', 100);
  let release = (): void => undefined;
  log.appending = () => new Promise((resolve) => (release = resolve));
  const first = log.head.reachable(['group-']);
  while (log.marks.length === 0) await turn();
  log.write('other-1', 20);
  const knownToTheLater = log.write('group-a/1');
  log.write('other-1', 20);
  const later = Array.from({ length: 10 }, () => log.head.reachable(['group-']));
  for (let i = 0; i < 200; i++) await turn();
  log.appending = () => Promise.resolve();
  release();
  const [mark, ...marks] = await Promise.all([first, ...later]);
  expect(log.marks).toHaveLength(2);
  expect(Number(mark)).toBeLessThan(Number(knownToTheLater));
  for (const one of marks) expect(Number(one)).toBeGreaterThan(Number(knownToTheLater));
});

test('only the newest mark is kept, and a mark that could not be written is no answer', async () => {
  log.write('other-1', 100);
  log.appending = () => Promise.reject(new OutcomeUnknown('no reply'));
  await expect(log.head.reachable(['group-'])).rejects.toBeInstanceOf(StoreUnavailable);
  log.appending = () => Promise.resolve();
  log.write('other-1', 100);
  expect(await log.head.reachable(['group-'])).toBe(log.marks.at(-1));
  expect(log.counts.at(-1)).toEqual({ stream: HEAD_STREAM, count: 1 });
});
