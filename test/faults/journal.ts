import type { ErrorCode, GroupCommandAnswer, SyncedGroup } from '@cohort/contracts';
import type { HttpStep, PlannedCommand } from './plan';

/** An answer that a command was given. */
export interface Acknowledged {
  readonly command: PlannedCommand;
  readonly answer: GroupCommandAnswer;
}

/** Without a kill, something is acknowledged in this time. */
const SILENCE_MS = 200;
/** Something is acknowledged again in this time, whoever was killed, not counting the time of starting it again. */
const LONGEST_OUTAGE_MS = 30_000;

/** All that callers were told, to be held against what is there in the end. */
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
  /** Of the silence so far, milliseconds in which somebody was being started. */
  private startingMs = 0;

  /** From now on, silence is put down to these; one that lasts already, to those before them too. */
  killed(parts: readonly string[]): void {
    const isSilent = performance.now() - this.lastAcknowledgedAt > SILENCE_MS;
    this.suspects = isSilent ? [...this.suspects, ...parts] : parts;
  }

  /** Starts somebody again: how long a process takes to start says how busy the machine is, and nothing of the service. */
  async starting(start: Promise<void>): Promise<void> {
    const begun = performance.now();
    await start;
    this.startingMs += performance.now() - Math.max(begun, this.lastAcknowledgedAt);
  }

  /** The load begins, or goes on after a rest: the rest was no outage. */
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
