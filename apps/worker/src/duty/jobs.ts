import { setTimeout as sleep } from 'node:timers/promises';
import { backoff, comparePositions, userStream, type Owned, type Position } from '@cohort/contracts';

/** Work that an event of the log means for a user. */
export interface Work {
  /** What is read of other groups or users counts only if it was read at or after this position. */
  readonly position: Position;
  /** Following the log from here reads the cause again: the checkpoint stays here until the work is finished. */
  readonly since: Position;
  /** The number of the newest request seen. */
  readonly requested?: number;
}

/** Both in one. */
export function mergedWork(a: Work, b: Work): Work {
  const requested = Math.max(a.requested ?? -1, b.requested ?? -1);
  return {
    position: comparePositions(a.position, b.position) < 0 ? b.position : a.position,
    since: comparePositions(a.since, b.since) < 0 ? a.since : b.since,
    ...(requested < 0 ? {} : { requested }),
  };
}

/** Carries out one user's work; `newest` returns the number of the newest sync that was requested meanwhile. */
export type CarryOut<W extends Work = Work> = (user: Owned, work: W, newest: () => number | undefined) => Promise<void>;

export interface JobsOptions<W extends Work> {
  /** Both in one. */
  merged(this: void, a: W, b: W): W;
  /** Users whose work is done at the same time. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
  onFailure(user: Owned, error: unknown, failures: number): void;
}

interface Job<W> {
  readonly user: Owned;
  todo: W | undefined;
  doing: W | undefined;
  failures: number;
}

const PAUSES = { first: 100, longest: 30_000 } as const;

/**
 * Unfinished work by user. A user's work is done by one run at a time. Work that arrives meanwhile is gathered for the next
 * run. Failed work is retried after a pause, for ever.
 */
export class Jobs<W extends Work = Work> {
  private readonly jobs = new Map<string, Job<W>>();
  private readonly waiting: Job<W>[] = [];
  private readonly running = new Set<Promise<void>>();
  private smaller: (() => void)[] = [];

  constructor(
    private readonly carryOut: CarryOut<W>,
    private readonly options: JobsOptions<W>,
  ) {
    options.signal.addEventListener('abort', () => this.wake(), { once: true });
  }

  add(user: Owned, work: W): void {
    const key = userStream(user.app, user.id);
    const job = this.jobs.get(key);
    if (job) {
      job.todo = job.todo ? this.options.merged(job.todo, work) : work;
      return;
    }
    const added: Job<W> = { user, todo: work, doing: undefined, failures: 0 };
    this.jobs.set(key, added);
    this.enqueue(added);
  }

  /** Users with unfinished work. */
  get size(): number {
    return this.jobs.size;
  }

  /** Users whose work failed at the last attempt. */
  get failing(): number {
    return [...this.jobs.values()].filter(({ failures }) => failures > 0).length;
  }

  /** Following the log from this position reads all unfinished work again; undefined if there is none. */
  get since(): Position | undefined {
    const positions = [...this.jobs.values()].flatMap(({ todo, doing }) => [todo?.since, doing?.since]);
    return positions
      .filter((position) => position !== undefined)
      .reduce<Position | undefined>((a, b) => (a !== undefined && comparePositions(a, b) < 0 ? a : b), undefined);
  }

  /** Resolves when fewer users than this have unfinished work. */
  async below(count: number): Promise<void> {
    while (this.jobs.size >= count && !this.options.signal.aborted) {
      await new Promise<void>((resolve) => this.smaller.push(resolve));
    }
  }

  /** Resolves when nothing runs any more, once the signal is aborted. */
  async stopped(): Promise<void> {
    await Promise.allSettled(this.running);
  }

  private enqueue(job: Job<W>): void {
    this.waiting.push(job);
    this.fill();
  }

  private fill(): void {
    while (this.running.size < this.options.concurrency && !this.options.signal.aborted) {
      const job = this.waiting.shift();
      if (!job) return;
      const run = this.run(job).finally(() => {
        this.running.delete(run);
        this.fill();
      });
      this.running.add(run);
    }
  }

  private async run(job: Job<W>): Promise<void> {
    const work = job.todo;
    if (!work) throw new Error('a job without work was queued');
    job.doing = work;
    job.todo = undefined;
    try {
      await this.carryOut(job.user, work, () => job.todo?.requested);
      job.failures = 0;
    } catch (error) {
      job.todo = job.todo ? this.options.merged(work, job.todo) : work;
      if (this.options.signal.aborted) return;
      job.failures += 1;
      this.options.onFailure(job.user, error, job.failures);
    } finally {
      job.doing = undefined;
    }
    if (job.failures > 0) void this.enqueueLater(job);
    else if (job.todo) this.enqueue(job);
    else this.forget(job);
  }

  private async enqueueLater(job: Job<W>): Promise<void> {
    const pause = backoff(job.failures, PAUSES);
    await sleep(pause, undefined, { signal: this.options.signal }).catch(() => undefined);
    this.enqueue(job);
  }

  private forget({ user }: Job<W>): void {
    this.jobs.delete(userStream(user.app, user.id));
    this.wake();
  }

  private wake(): void {
    const resolves = this.smaller;
    this.smaller = [];
    resolves.forEach((resolve) => resolve());
  }
}
