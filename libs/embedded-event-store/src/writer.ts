import type { EventLog } from './log';
import type { Outcome, Write } from './model';
import type { Signals } from './signals';

/** The signal that anything was written; no stream can have this name, as names aren't empty. */
export const WHOLE_LOG = '';

/** A group is closed at so many bytes, so that one flush doesn't take long. */
const GROUP_BYTES = 8 << 20;

interface Pending {
  write: Write;
  answer: (outcome: Outcome) => void;
  fail: (error: unknown) => void;
}

/**
 * Group commit: whatever arrives while the previous group is being flushed forms the next one, so that the disk is
 * asked once for many appends. Nothing is answered before its group is on disk.
 */
export class Writer {
  private pending: Pending[] = [];
  private scheduled = false;

  constructor(
    private readonly log: EventLog,
    private readonly signals: Signals,
  ) {}

  submit(write: Write): Promise<Outcome> {
    return new Promise((answer, fail) => {
      this.pending.push({ write, answer, fail });
      if (this.scheduled) return;
      this.scheduled = true;
      // After all input that is ready now was read.
      setImmediate(() => this.flush());
    });
  }

  /** Writes what is pending; to be called before the log is closed. */
  flush(): void {
    this.scheduled = false;
    while (this.pending.length > 0) {
      const group = this.nextGroup();
      try {
        const { outcomes, touched } = this.log.write(group.map(({ write }) => write));
        group.forEach(({ answer, fail }, index) => {
          const outcome = outcomes[index];
          if (outcome) answer(outcome);
          else fail(new Error('A write was left without an outcome.'));
        });
        if (touched.size > 0) this.signals.raise(WHOLE_LOG);
        touched.forEach((stream) => this.signals.raise(stream));
      } catch (error) {
        group.forEach(({ fail }) => fail(error));
      }
    }
  }

  private nextGroup(): Pending[] {
    let bytes = 0;
    const over = this.pending.findIndex(({ write }) => (bytes += sizeOf(write)) > GROUP_BYTES);
    return this.pending.splice(0, over === -1 ? this.pending.length : Math.max(1, over));
  }
}

const sizeOf = (write: Write): number =>
  write.kind === 'append'
    ? write.events.reduce((sum, { data, metadata }) => sum + data.length + metadata.length, 0)
    : 0;
