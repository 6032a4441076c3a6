import { setTimeout as sleep } from 'node:timers/promises';
import type { CohortClient } from '@cohort/client';
import {
  backoff,
  CohortError,
  GROUP_STREAM_PREFIX,
  readStored,
  type GroupEvent,
  type Position,
} from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';
import type { Apps, SetAside } from '@cohort/process';
import { LogDuty, type LogDutyOptions } from '../duty/log-duty';
import { NewMembers } from './new-members';

/** Users of one query. */
const USERS_AT_ONCE = 500;
/** Waiting users beyond which the log is followed no further. */
const MAX_WAITING = 10_000;
const PAUSES = { first: 100, longest: 10_000 } as const;

export interface NumbersOptions extends LogDutyOptions {
  readonly client: Pick<CohortClient, 'query'>;
  readonly apps: Pick<Apps, 'all'>;
  readonly setAside: Pick<SetAside, 'add'>;
}

/**
 * Has numbers given to users who become members, in tenants that want that. It asks the query side, which has those given that
 * don't exist. So it is safe beside another worker, and after a lost checkpoint.
 */
export class NumbersDuty extends LogDuty {
  private readonly newMembers: NewMembers;
  private readonly wanted: ReadonlySet<string>;
  /** It goes on while a failed subscription is begun again. */
  private giving: Promise<void> | undefined;

  constructor(private readonly options: NumbersOptions) {
    super(options, { duty: 'userNumbers', prefixes: [GROUP_STREAM_PREFIX], stopWithinMs: 3_000 });
    this.newMembers = new NewMembers(this.signal);
    this.wanted = new Set(options.apps.all.flatMap(({ id, numericUserIds }) => (numericUserIds ? [id] : [])));
  }

  /** Users who wait for their numbers. */
  get pending(): number {
    return this.newMembers.size;
  }

  protected override get unfinishedSince(): Position | undefined {
    return this.newMembers.since;
  }

  protected override async run(): Promise<void> {
    if (this.wanted.size === 0) {
      // To follow the log would cost the event store and this process as much as another relay.
      while (!this.signal.aborted) await this.newMembers.change();
      return;
    }
    this.giving ??= this.giveAll();
    await super.run();
    await this.giving;
  }

  protected override handle(event: StoredEvent, since: Position): void {
    const reading = readStored(event);
    if (reading.kind === 'strange') this.options.setAside.add('userNumbers', event, reading.why);
    if (reading.kind !== 'usable' || !this.wanted.has(reading.owner.app)) return;
    this.newMembers.add(reading.owner.app, reading.event as Pick<GroupEvent, 'type' | 'data'>, since);
  }

  protected override async room(): Promise<void> {
    while (this.newMembers.size >= MAX_WAITING && !this.signal.aborted) await this.newMembers.change();
  }

  /** Has numbers given until the stop. */
  private async giveAll(): Promise<void> {
    let failures = 0;
    while (!this.signal.aborted) {
      const users = this.newMembers.first(USERS_AT_ONCE);
      if (users.length === 0) {
        await this.newMembers.change();
        continue;
      }
      const { app } = users[0]!;
      try {
        await this.options.client.query('userNumbers', { app, userIds: users.map(({ userId }) => userId) });
      } catch (err) {
        // No node answers for a tenant that is no longer configured.
        if (!(err instanceof CohortError && err.code === 'APP_NOT_FOUND')) {
          failures += 1;
          if (!this.signal.aborted) this.options.log.warn({ app, err, failures }, 'numbers of users failed: retrying');
          await sleep(backoff(failures, PAUSES), undefined, { signal: this.signal }).catch(() => undefined);
          continue;
        }
      }
      failures = 0;
      this.newMembers.done(users.length);
    }
  }
}
