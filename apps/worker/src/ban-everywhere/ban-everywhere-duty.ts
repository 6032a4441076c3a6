import { readStored, USER_BAN_STREAM_PREFIX, type Owned, type Position } from '@cohort/contracts';
import type { CohortClient } from '@cohort/client';
import type { EventStore, StoredEvent } from '@cohort/event-store';
import type { Apps, SetAside } from '@cohort/process';
import { Jobs, mergedWork } from '../duty/jobs';
import { LogDuty, type LogDutyOptions } from '../duty/log-duty';
import { carryOutBan } from './carry-out';

/** Users whose requests are carried out at the same time. */
const USERS_AT_ONCE = 8;
/** Users with unfinished requests beyond which the log is followed no further. */
const MAX_PENDING_USERS = 1_000;

export interface BanEverywhereOptions extends LogDutyOptions {
  readonly store: EventStore;
  readonly client: Pick<CohortClient, 'command' | 'query'>;
  readonly apps: Pick<Apps, 'all'>;
  readonly setAside: Pick<SetAside, 'add'>;
  onCompleted(user: Owned): void;
  onFailure(user: Owned): void;
}

/** Follows the log for requests to ban a user in all their groups, and carries each one out. */
export class BanEverywhereDuty extends LogDuty {
  private readonly jobs: Jobs;

  constructor(private readonly options: BanEverywhereOptions) {
    super(options, { duty: 'banEverywhere', prefixes: [USER_BAN_STREAM_PREFIX], stopWithinMs: 3_000 });
    const { store, client, log } = options;
    const { signal } = this;
    this.jobs = new Jobs(carryOutBan({ store, client, signal, onCompleted: (user) => options.onCompleted(user) }), {
      merged: mergedWork,
      concurrency: USERS_AT_ONCE,
      signal,
      onFailure: (user, err, failures) => {
        options.onFailure(user);
        log.warn({ app: user.app, err, failures }, 'a ban in all groups failed: retrying');
      },
    });
  }

  /** Users with unfinished requests. */
  get pending(): number {
    return this.jobs.size;
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
    if (reading.kind === 'strange') this.options.setAside.add('banEverywhere', event, reading.why);
    // An event of a newer version can't be read. It is skipped, so that other requests don't wait for it.
    if (reading.kind !== 'usable' || reading.event.type === 'banEverywhereCompleted') return;
    // No query answers for a tenant that is no longer configured.
    if (!this.options.apps.all.some(({ id }) => id === reading.owner.app)) return;
    this.jobs.add(reading.owner, { position: event.position, since, requested: event.revision });
  }

  protected override room(): Promise<void> {
    return this.jobs.below(MAX_PENDING_USERS);
  }
}
