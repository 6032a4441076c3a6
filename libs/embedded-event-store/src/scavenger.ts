import type { EventLog } from './log';

const AGING_INTERVAL_MS = 60_000;
const METASTREAMS_AT_ONCE = 500;

/**
 * Erases hidden events (truncated, beyond the count, too old, deleted) in the background, in small steps. Then it compacts
 * the log, so that their bytes leave the file.
 */
export class Scavenger {
  private timer: NodeJS.Timeout | undefined;
  private lastAging = 0;
  private lastInspected: string | undefined = '';
  private erased = false;
  private stopped = false;

  constructor(
    private readonly log: EventLog,
    private readonly reportFault: (error: unknown) => void,
  ) {}

  start(): void {
    this.schedule(0);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private schedule(delay: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => this.turn(), delay);
    this.timer.unref();
  }

  private turn(): void {
    try {
      this.schedule(this.step() ? BETWEEN_STEPS_MS : IDLE_MS);
    } catch (error) {
      // The step is retried later.
      this.reportFault(error);
      this.schedule(AGING_INTERVAL_MS);
    }
  }

  /** Performs one small step. Returns whether more are needed. */
  private step(): boolean {
    if (this.lastInspected !== undefined) {
      // After a start, all metastreams are inspected: events may be left from before, or have grown too old.
      const metastreams = this.log.metastreamsAfter(this.lastInspected, METASTREAMS_AT_ONCE);
      for (const metastream of metastreams) {
        this.log.inspect(metastream);
        this.log.inspect(metastream.slice(2));
      }
      this.lastInspected = metastreams.at(-1);
      return true;
    }
    if (Date.now() - this.lastAging > AGING_INTERVAL_MS) {
      this.lastAging = Date.now();
      this.log.aging.forEach((stream) => this.log.outdated.add(stream));
    }
    for (const stream of this.log.outdated) {
      const { erased, more } = this.log.erase(stream);
      this.erased ||= erased > 0;
      if (!more) this.log.outdated.delete(stream);
      if (erased > 0) return true;
    }
    if (!this.erased) return false;
    this.erased = this.log.compact();
    return this.erased;
  }
}

const BETWEEN_STEPS_MS = 5;
const IDLE_MS = 200;
