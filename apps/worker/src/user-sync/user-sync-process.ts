import { setTimeout as sleep } from 'node:timers/promises';
import {
  comparePositions,
  GROUP_STREAM_PREFIX,
  START,
  USER_STREAM_PREFIX,
  type Owned,
  type Position,
} from '@cohort/contracts';
import type { CohortClient } from '@cohort/client';
import type { EventStore, EventStoreLog, StoredEvent } from '@cohort/event-store';
import type { Apps } from '@cohort/process';
import { Checkpoint } from '../checkpoint';
import { userSync } from './carry-out';
import { Jobs } from './jobs';
import { workOf } from './work';

/** Users whose syncs are carried out at the same time. */
const USERS_AT_ONCE = 16;
/** Users with unfinished work beyond which the log is followed no further. */
const MAX_PENDING_USERS = 1_000;
const CHECKPOINT_EVERY_MS = 5_000;
/** How long a stop waits for answers that are on their way. */
const STOP_WITHIN_MS = 3_000;

export interface UserSyncOptions {
  readonly store: EventStore;
  readonly client: Pick<CohortClient, 'command' | 'query'>;
  readonly apps: Apps;
  readonly log: EventStoreLog;
  onCompleted(user: Owned): void;
  onFailure(user: Owned): void;
}

/**
 * Follows the log for syncs that users' streams ask for, and for effects of syncs on groups, and sees each through. What
 * isn't finished when the worker stops or dies is met again by the next, because the checkpoint doesn't pass it.
 */
export class UserSyncProcess {
  private readonly stopping = new AbortController();
  private readonly jobs: Jobs;
  private readonly checkpoint: Checkpoint<{ readonly position: Position }>;
  private handled: Position = START;
  /** Whether the log held something of interest since the last checkpoint: a checkpoint is an event, too. */
  private moved = false;
  private following: Promise<void> | undefined;
  private saving: Promise<void> = Promise.resolve();
  /** Whether the log was followed to its end once. */
  caughtUp = false;

  constructor(private readonly options: UserSyncOptions) {
    const { store, client, log } = options;
    const { signal } = this.stopping;
    this.checkpoint = new Checkpoint(store, 'userSync', (a, b) => comparePositions(a.position, b.position) > 0);
    this.jobs = new Jobs(userSync({ store, client, signal, onCompleted: (user) => options.onCompleted(user) }), {
      concurrency: USERS_AT_ONCE,
      signal,
      onFailure: (user, err, failures) => {
        options.onFailure(user);
        log.warn({ app: user.app, err, failures }, 'a sync could not be carried out yet: it is tried again');
      },
    });
  }

  get pending(): number {
    return this.jobs.size;
  }

  get failing(): number {
    return this.jobs.failing;
  }

  /** Begins where the last worker left off. Rejects `ended` when it can't go on. */
  async start(): Promise<{ readonly ended: Promise<void> }> {
    this.handled = (await this.checkpoint.read())?.position ?? START;
    this.following = this.options.store.follow({
      from: this.handled,
      prefixes: [GROUP_STREAM_PREFIX, USER_STREAM_PREFIX],
      onBatch: (events, upTo) => this.handle(events, upTo),
      onCaughtUp: () => {
        this.caughtUp = true;
      },
      signal: this.stopping.signal,
    });
    const timer = setInterval(() => void this.save(), CHECKPOINT_EVERY_MS);
    this.stopping.signal.addEventListener('abort', () => clearInterval(timer));
    return { ended: this.following };
  }

  /** Ends what is under way at its next step, and takes down how far it came. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.following?.catch(() => undefined);
    await Promise.race([this.jobs.stopped(), sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
    await this.save();
  }

  private async handle(events: readonly StoredEvent[], upTo: Position): Promise<void> {
    for (const event of events) {
      for (const { user, work } of workOf(event, this.handled)) {
        // An app that is no longer configured has nobody who could be answered.
        if (this.options.apps.all.some(({ id }) => id === user.app)) this.jobs.add(user, work);
      }
    }
    this.handled = upTo;
    this.moved ||= events.length > 0;
    await this.jobs.below(MAX_PENDING_USERS);
  }

  private save(): Promise<void> {
    this.saving = this.saving.then(async () => {
      if (!this.moved) return;
      const to = this.jobs.since ?? this.handled;
      // Work that is under way will move it again.
      this.moved = this.jobs.size > 0;
      try {
        await this.checkpoint.advance({ position: to });
      } catch (err) {
        this.moved = true;
        this.options.log.warn({ err }, 'the checkpoint could not be written yet');
      }
    });
    return this.saving;
  }
}
