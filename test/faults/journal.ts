import type { ErrorCode, GroupCommandAnswer, SyncedGroup } from '@cohort/contracts';
import type { HttpStep, PlannedCommand } from './plan';

/** An answer that a command was given. */
export interface Acknowledged {
  readonly command: PlannedCommand;
  readonly answer: GroupCommandAnswer;
}

/** Without a kill, something is acknowledged within this time. */
const SILENCE_MS = 200;
/** After any kill, something is acknowledged again within this time, not counting the time of the restart. */
const LONGEST_OUTAGE_MS = 30_000;

/** All answers that callers got, to be compared with the log and the read models. */
export class Journal {
  readonly acknowledged: Acknowledged[] = [];
  /** Commands that were refused for what they ask, by `keyOf`. */
  readonly refused = new Map<string, ErrorCode>();
  /** The last call that was answered, of each group of an HTTP caller. */
  readonly http = new Map<string, HttpStep>();
  /** The last list that was accepted, of each synced user; over NATS with its number. */
  readonly synced = new Map<string, { readonly groups: readonly SyncedGroup[]; readonly sync?: number }>();
  readonly violations: string[] = [];
  readonly counts = { commands: 0, repeats: 0, http: 0, syncs: 0, reads: 0, refused: 0, failedAttempts: 0, probes: 0 };
  /** Of one attempt, by what was called, milliseconds. */
  readonly longest = new Map<string, number>();
  private lastAcknowledgedAt = performance.now();
  private readonly outages = new Map<string, number>();
  private suspects: readonly string[] = ['nobody'];
  /** Milliseconds of the current outage during which a process was being started. */
  private startingMs = 0;

  /**
   * Attributes outages from now on to these parts; an outage that lasts already is also attributed to the parts killed
   * before.
   */
  killed(parts: readonly string[]): void {
    const isSilent = performance.now() - this.lastAcknowledgedAt > SILENCE_MS;
    this.suspects = isSilent ? [...this.suspects, ...parts] : parts;
  }

  /** Restarts a process. Its start time is not counted, because it depends on the load of the machine. */
  async starting(start: Promise<void>): Promise<void> {
    const begun = performance.now();
    await start;
    this.startingMs += performance.now() - Math.max(begun, this.lastAcknowledgedAt);
  }

  /** The load begins, or continues after a pause, which was no outage. */
  resumed(): void {
    this.lastAcknowledgedAt = performance.now();
    this.startingMs = 0;
  }

  /** Something was acknowledged: an outage, if it was one, is over. */
  alive(): void {
    const now = performance.now();
    const silentMs = Math.round(now - this.lastAcknowledgedAt);
    if (silentMs - this.startingMs > LONGEST_OUTAGE_MS) {
      this.violation(`nothing was acknowledged for ${silentMs} ms after ${this.suspects.join(', ')} had been killed`);
    }
    for (const part of this.suspects) this.outages.set(part, Math.max(silentMs, this.outages.get(part) ?? 0));
    this.lastAcknowledgedAt = now;
    this.startingMs = 0;
  }

  /** The longest time in which nothing was acknowledged, by what had been killed last, milliseconds. */
  get longestOutages(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.outages);
  }

  violation(text: string): void {
    this.violations.push(text);
  }

  /** Measures one attempt; longer than its bound, or never, is a violation. */
  async timed<T>(what: string, boundMs: number, attempt: Promise<T>): Promise<T> {
    const start = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const never = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what} took longer than ${boundMs} ms`)), boundMs);
    });
    try {
      return await Promise.race([attempt, never]);
    } finally {
      clearTimeout(timer);
      const ms = Math.round(performance.now() - start);
      this.longest.set(what, Math.max(ms, this.longest.get(what) ?? 0));
      if (ms >= boundMs) this.violation(`${what} took ${ms} ms; its bound is ${boundMs} ms`);
    }
  }
}
