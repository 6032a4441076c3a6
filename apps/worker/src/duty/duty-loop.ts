import { setTimeout as sleep } from 'node:timers/promises';
import { backoff, type BackoffOptions } from '@cohort/contracts';
import { EVENT_STORE, StoreRefused, type EventStoreLog } from '@cohort/event-store';
import { messageOf } from '@cohort/surroundings';
import type { Turn } from './duty';

export interface LoopOptions {
  /** The duty's name in the log. */
  readonly duty: string;
  readonly log: EventStoreLog;
  /** Pauses between attempts that fail. */
  readonly pauses: BackoffOptions;
  /** Milliseconds that a stop waits for the work in progress. */
  readonly stopWithinMs: number;
  /** Milliseconds between two saves; absent for a duty that saves nothing. */
  readonly saveEveryMs?: number;
}

/**
 * The loop of every duty: run, retry what fails with growing pauses, save the progress from time to time, and stop within
 * a bound. A duty extends it with its `run`, and with `save` if it has a checkpoint.
 */
export abstract class DutyLoop implements Turn {
  private readonly stopping = new AbortController();
  private failures = 0;
  private trouble: string | undefined = 'starting';
  private running: Promise<void> = Promise.resolve();
  private saving: Promise<void> | undefined;
  /** Why the last save failed; undefined if it didn't. */
  private unsaved: string | undefined;

  constructor(private readonly loop: LoopOptions) {}

  /** Why the duty isn't performed now; undefined while it is. */
  get why(): string | undefined {
    return this.trouble;
  }

  /** Aborted at the stop. */
  protected get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /** Performs the duty until `signal` is aborted. After a rejection it is called again. */
  protected abstract run(): Promise<void>;

  /** Stores how far the work has come. A rejection is logged, and the next save tries again. */
  protected save(): Promise<void> {
    return Promise.resolve();
  }

  /** Handles an expected failure. Returns true if `run` may be called again immediately, without a pause and a log line. */
  protected recovers(_error: unknown): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** Whether a failure is logged: by default when its reason is new. */
  protected isWorthLogging(why: string, _failures: number): boolean {
    return why !== this.trouble;
  }

  /** To be called by `run` once it makes progress: the next failure begins with the first pause. */
  protected goesOn(): void {
    this.trouble = undefined;
    this.failures = 0;
  }

  /** Sleeps, but not beyond the stop. */
  protected async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.signal }).catch(() => undefined);
  }

  start(): void {
    const { saveEveryMs } = this.loop;
    if (saveEveryMs !== undefined) {
      const timer = setInterval(() => void this.saved(), saveEveryMs);
      this.signal.addEventListener('abort', () => clearInterval(timer));
    }
    this.running = this.retry();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.race([this.running, sleep(this.loop.stopWithinMs, undefined, { ref: false })]);
    // A save in progress may have begun before the work ended.
    await this.saving;
    await this.saved();
  }

  private async retry(): Promise<void> {
    const { duty, log, pauses } = this.loop;
    while (!this.signal.aborted) {
      try {
        await this.run();
        if (!this.signal.aborted) throw new Error('the duty ended unexpectedly');
      } catch (error) {
        if (this.signal.aborted) return;
        if (await this.recovers(error)) continue;
        const { message: why } = error as Error;
        this.failures += 1;
        if (this.isWorthLogging(why, this.failures)) log.warn({ duty, why }, 'the duty failed: retrying');
        this.trouble = why;
        await this.pause(backoff(this.failures, pauses));
      }
    }
  }

  /** Saves, unless a save is in progress. */
  private saved(): Promise<void> {
    this.saving ??= this.save()
      .then(
        () => (this.unsaved = undefined),
        (error: unknown) => this.notSaved(error),
      )
      .then(() => (this.saving = undefined));
    return this.saving;
  }

  /** Logs an outage of the event store once and without a stack trace, and every other failure each time with it. */
  private notSaved(error: unknown): void {
    const { duty, log } = this.loop;
    const why = messageOf(error);
    const isOutage = EVENT_STORE.isAway(error) || error instanceof StoreRefused;
    if (!isOutage || why !== this.unsaved) {
      log.warn(isOutage ? { duty, why } : { duty, err: error }, 'the checkpoint is not saved: retrying');
    }
    this.unsaved = why;
  }
}
