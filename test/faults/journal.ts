import type { ErrorCode, GroupCommandAnswer, GroupCommandName, SyncedGroup } from '@cohort/contracts';
import type { HttpStep, PlannedCommand } from './plan';

/** An answer that a command was given. */
export interface Acknowledged {
  readonly command: PlannedCommand;
  readonly answer: GroupCommandAnswer;
}

/** A refusal that a command was given. */
export interface Refused {
  readonly name: GroupCommandName;
  readonly code: ErrorCode;
  /** An attempt before the refused one got no answer: it may have been carried out after that refusal. */
  readonly inDoubt: boolean;
}

/** Without a kill, something is acknowledged within this time. */
const SILENCE_MS = 200;
/** After any kill, something is acknowledged again within this time, not counting the time of the restart. */
const LONGEST_OUTAGE_MS = 30_000;

/** All answers that callers got, to be compared with the log and the read models. */
export class Journal {
  readonly acknowledged: Acknowledged[] = [];
  /** Commands that were refused for what they ask, by `keyOf`. */
  readonly refused = new Map<string, Refused>();
  /** The last call that was answered, of each group of an HTTP caller. */
  readonly http = new Map<string, HttpStep>();
  /** The last list that was accepted, of each synced user; over NATS with its number. */
  readonly synced = new Map<string, { readonly groups: readonly SyncedGroup[]; readonly sync?: number }>();
  /** The last ban or unban in all groups that was accepted, of each user. */
  readonly banned = new Map<string, { readonly kind: 'ban' | 'unban'; readonly request: number }>();
  /** The numbers of accepted erasures, by user. */
  readonly erased = new Map<string, number>();
  readonly violations: string[] = [];
  readonly counts = {
    commands: 0,
    repeats: 0,
    http: 0,
    syncs: 0,
    bans: 0,
    erasures: 0,
    reads: 0,
    refused: 0,
    failedAttempts: 0,
    probes: 0,
  };
  /** Of one attempt, by what was called, milliseconds. */
  readonly longest = new Map<string, number>();
  private readonly outages = new Map<string, number>();
  private suspects: readonly string[] = ['nobody'];
  private lastAcknowledgedAt: number;
  /** Processes that are being started at this moment. */
  private starts = 0;
  /** Since when at least one process is being started. */
  private startingSince = 0;
  /** Milliseconds of the current outage during which a process was being started, by starts that have ended. */
  private startedMs = 0;

  /** @param now milliseconds of a clock that only grows */
  constructor(private readonly now: () => number = () => performance.now()) {
    this.lastAcknowledgedAt = now();
  }

  /**
   * Attributes outages from now on to these parts; an outage that lasts already is also attributed to the parts killed
   * before.
   */
  killed(parts: readonly string[]): void {
    const isSilent = this.now() - this.lastAcknowledgedAt > SILENCE_MS;
    this.suspects = isSilent ? [...this.suspects, ...parts] : parts;
  }

  /**
   * Restarts a process. Its start time is not counted, because it depends on the server and on the load of the machine.
   * Starts at the same time count once, and a start that still runs counts up to now.
   */
  async starting(start: Promise<void>): Promise<void> {
    if (this.starts === 0) this.startingSince = this.now();
    this.starts += 1;
    try {
      await start;
    } finally {
      this.starts -= 1;
      if (this.starts === 0) this.startedMs += this.now() - Math.max(this.startingSince, this.lastAcknowledgedAt);
    }
  }

  /** Milliseconds of the current outage during which a process was being started. */
  private get startingMs(): number {
    const running = this.starts > 0 ? this.now() - Math.max(this.startingSince, this.lastAcknowledgedAt) : 0;
    return this.startedMs + running;
  }

  /** The load begins, or continues after a pause, which was no outage. */
  resumed(): void {
    this.lastAcknowledgedAt = this.now();
    this.startedMs = 0;
  }

  /** Something was acknowledged: an outage, if it was one, is over. */
  alive(): void {
    const now = this.now();
    const silentMs = Math.round(now - this.lastAcknowledgedAt);
    if (silentMs - this.startingMs > LONGEST_OUTAGE_MS) {
      this.violation(`nothing was acknowledged for ${silentMs} ms after ${this.suspects.join(', ')} had been killed`);
    }
    for (const part of this.suspects) this.outages.set(part, Math.max(silentMs, this.outages.get(part) ?? 0));
    this.lastAcknowledgedAt = now;
    this.startedMs = 0;
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
    const start = this.now();
    let timer: NodeJS.Timeout | undefined;
    const never = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what} took longer than ${boundMs} ms`)), boundMs);
    });
    try {
      return await Promise.race([attempt, never]);
    } finally {
      clearTimeout(timer);
      const ms = Math.round(this.now() - start);
      this.longest.set(what, Math.max(ms, this.longest.get(what) ?? 0));
      if (ms >= boundMs) this.violation(`${what} took ${ms} ms; its bound is ${boundMs} ms`);
    }
  }
}
