import type { CohortClient } from '@cohort/client';
import { readStored, type Owned, type Position, type UsableEvent } from '@cohort/contracts';
import type { EventStore, StoredEvent } from '@cohort/event-store';
import type { Apps, SetAside } from '@cohort/process';
import { Jobs, type CarryOut, type JobsOptions, type Work } from './jobs';
import { LogDuty, type LogDutyOptions } from './log-duty';

/** Users with unfinished work beyond which the log is followed no further. */
const MAX_PENDING_USERS = 1_000;

export interface JobsDutyOptions extends LogDutyOptions {
  readonly store: EventStore;
  readonly client: Pick<CohortClient, 'command' | 'query'>;
  readonly apps: Pick<Apps, 'all'>;
  readonly setAside: Pick<SetAside, 'add'>;
  onCompleted(user: Owned): void;
  onFailure(user: Owned): void;
}

/** What carrying out one user's work needs. */
export interface JobDependencies extends Pick<JobsDutyOptions, 'store' | 'client'> {
  readonly signal: AbortSignal;
  /** Called when this worker completed a request. */
  readonly onCompleted: (user: Owned) => void;
}

interface JobsDutySettings<W extends Work> extends Pick<JobsOptions<W>, 'merged' | 'concurrency'> {
  /** Names the checkpoint, and the duty in the log. */
  readonly duty: string;
  /** Streams to follow, by the beginning of their names. */
  readonly prefixes: readonly string[];
  /** The log's line about a failure. */
  readonly failed: string;
  readonly carryOut: (deps: JobDependencies) => CarryOut<W>;
  /** The work that an event of the log means, and for whom; the log was handled up to `since` before it. */
  readonly workOf: (
    event: UsableEvent<StoredEvent>,
    since: Position,
  ) => readonly { readonly user: Owned; readonly work: W }[];
}

/** A duty that follows the log for work on users, and carries each user's work out until it is finished. */
export class JobsDuty<W extends Work> extends LogDuty {
  private readonly jobs: Jobs<W>;

  constructor(
    private readonly options: JobsDutyOptions,
    private readonly kind: JobsDutySettings<W>,
  ) {
    const { duty, prefixes, merged, concurrency, failed } = kind;
    super(options, { duty, prefixes, stopWithinMs: 3_000 });
    const { store, client, log } = options;
    const { signal } = this;
    this.jobs = new Jobs(kind.carryOut({ store, client, signal, onCompleted: (user) => options.onCompleted(user) }), {
      merged,
      concurrency,
      signal,
      onFailure: (user, err, failures) => {
        options.onFailure(user);
        log.warn({ app: user.app, err, failures }, failed);
      },
    });
  }

  /** Users with unfinished work. */
  get pending(): number {
    return this.jobs.size;
  }

  /** Users whose work failed when it was last tried. */
  get failing(): number {
    return this.jobs.failing;
  }

  protected override get unfinishedSince(): Position | undefined {
    return this.jobs.since;
  }

  protected override async run(): Promise<void> {
    await super.run();
    await this.jobs.stopped();
  }

  protected override handle(event: StoredEvent, since: Position): void {
    const reading = readStored(event);
    if (reading.kind === 'strange') this.options.setAside.add(this.kind.duty, event, reading.why);
    // An event of a newer version can't be read. It is skipped, so that other requests don't wait for it.
    if (reading.kind !== 'usable') return;
    for (const { user, work } of this.kind.workOf(reading, since)) {
      // No query answers for a tenant that is no longer configured.
      if (this.options.apps.all.some(({ id }) => id === user.app)) this.jobs.add(user, work);
    }
  }

  protected override room(): Promise<void> {
    return this.jobs.below(MAX_PENDING_USERS);
  }
}
