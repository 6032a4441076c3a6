import { GROUP_STREAM_PREFIX, readStored, USER_STREAM_PREFIX, type Owned, type Position } from '@cohort/contracts';
import type { CohortClient } from '@cohort/client';
import type { EventStore, StoredEvent } from '@cohort/event-store';
import type { Apps, SetAside } from '@cohort/process';
import { Jobs } from '../duty/jobs';
import { LogDuty, type LogDutyOptions } from '../duty/log-duty';
import { userSync } from './carry-out';
import { merged, workOf, type SyncWork } from './work';

/** Users whose syncs are carried out at the same time. */
const USERS_AT_ONCE = 16;
/** Users with unfinished work beyond which the log is followed no further. */
const MAX_PENDING_USERS = 1_000;

export interface UserSyncOptions extends LogDutyOptions {
  readonly store: EventStore;
  readonly client: Pick<CohortClient, 'command' | 'query'>;
  readonly apps: Apps;
  readonly setAside: Pick<SetAside, 'add'>;
  onCompleted(user: Owned): void;
  onFailure(user: Owned): void;
}

/**
 * Follows the log for syncs that users' streams ask for, and for effects of syncs on groups, and carries each sync through.
 */
export class UserSyncDuty extends LogDuty {
  private readonly jobs: Jobs<SyncWork>;

  constructor(private readonly options: UserSyncOptions) {
    super(options, { duty: 'userSync', prefixes: [GROUP_STREAM_PREFIX, USER_STREAM_PREFIX], stopWithinMs: 3_000 });
    const { store, client, log } = options;
    const { signal } = this;
    this.jobs = new Jobs(userSync({ store, client, signal, onCompleted: (user) => options.onCompleted(user) }), {
      merged,
      concurrency: USERS_AT_ONCE,
      signal,
      onFailure: (user, err, failures) => {
        options.onFailure(user);
        log.warn({ app: user.app, err, failures }, 'a user sync failed: retrying');
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
    if (reading.kind === 'strange') this.options.setAside.add('userSync', event, reading.why);
    // An event of a newer version can't be read. It is skipped, so that other syncs don't wait for it.
    if (reading.kind !== 'usable') return;
    for (const { user, work } of workOf(reading, since)) {
      // No query answers for a tenant that is no longer configured.
      if (this.options.apps.all.some(({ id }) => id === user.app)) this.jobs.add(user, work);
    }
  }

  protected override room(): Promise<void> {
    return this.jobs.below(MAX_PENDING_USERS);
  }
}
