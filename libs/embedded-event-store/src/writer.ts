import type { EventLog } from './log';
import type { Outcome, Write } from './model';
import type { Signals } from './signals';

/** The key of the signal for any write. No stream has this name, because names aren't empty. */
export const WHOLE_LOG = '';

/** Limit of a group in bytes, so that one flush doesn't take long. */
const GROUP_BYTES = 8 << 20;

interface Pending {
  write: Write;
  answer: (outcome: Outcome) => void;
  fail: (error: unknown) => void;
}

/**
 * Group commit. Writes that arrive during a flush form the next group, so that one flush serves many appends. A write is
 * answered after its group is on disk.
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
      // The flush runs after all available input was read.
      setImmediate(() => this.flush());
    });
  }

  /** Writes all pending groups. It must be called before the log is closed. */
  flush(): void {
    this.scheduled = false;
    while (this.pending.length > 0) {
      const group = this.nextGroup();
      try {
        const { outcomes, touched } = this.log.write(group.map(({ write }) => write));
        group.forEach(({ answer, fail }, index) => {
          const outcome = outcomes[index];
          if (outcome) answer(outcome);
          else fail(new Error('The log returned no outcome for a write.'));
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
