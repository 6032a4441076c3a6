import { setImmediate } from 'node:timers/promises';
import {
  comparePositions,
  GROUP_STREAM_PREFIX,
  START,
  upcast,
  USER_STREAM_PREFIX,
  type Position,
} from '@cohort/contracts';
import type { EventStore, StoredEvent } from '@cohort/event-store';
import type { ReadModel } from '@cohort/read-model';
import type { FollowerWatch } from '@cohort/process';
import { messageOf } from '@cohort/surroundings';
import type { Logger } from 'pino';

/** Events of one transaction while catching up: most of a transaction's cost is its end. */
const GATHER_EVENTS = 1_000;
/** Longest time for which they are gathered, milliseconds. */
const GATHER_MS = 50;
/** Milliseconds between two log lines on the progress of catching up. */
const PROGRESS_MS = 2_000;
/** Logged together with the error. */
const STOPPED =
  'the projection stopped, and this node takes no queries: check DATA_DIR (free space, damaged file), then restart the node';
/** Milliseconds for which a batch's delay counts as the lag. */
const RECENT_MS = 1_000;

export interface ProjectorEvents {
  /** A batch was applied, this long after its last event was written. */
  readonly applied?: (delaySeconds: number) => void;
  readonly subscription?: FollowerWatch;
}

type State =
  /** `since`: the last time at which it was at the log's end; 0 before the first. */
  | { readonly type: 'catchingUp'; readonly since: number; readonly why: string }
  | { readonly type: 'live' }
  | { readonly type: 'stopped'; readonly why: string };

/**
 * Follows the event store's log from the read model's position, and applies it. Ends at `stop`, or if the read model's disk
 * or file fails: to continue would lose events.
 */
export class Projector {
  private state: State = { type: 'catchingUp', since: 0, why: 'catching up' };
  private readonly stopping = new AbortController();
  private begun: (caughtUp: boolean) => void = () => undefined;
  private running?: Promise<void>;
  private caughtUpOnce = false;
  /** Events that came and are not applied yet. */
  private gathered: { events: StoredEvent[]; upTo: Position; since: number };
  private lastEventAt = 0;
  private recent = { until: 0, lagMs: 0 };
  private applied = 0;
  private head: Position = START;

  constructor(
    private readonly model: ReadModel,
    private readonly store: EventStore,
    private readonly logger: Logger,
    private readonly on: ProjectorEvents = {},
  ) {
    this.gathered = { events: [], upTo: model.applied.current, since: performance.now() };
  }

  /** Begins to follow. Resolves with true at the log's end, with false if the projection stops before. */
  start(): Promise<boolean> {
    return new Promise((resolve) => {
      this.begun = resolve;
      this.running = this.run();
    });
  }

  /** Resolves when it stops following, for any reason. From then on answers are old. */
  get whenStopped(): Promise<void> {
    return this.running ?? Promise.resolve();
  }

  /** Stops following after the batch in work. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Seconds behind the log's newest event, as far as the node knows; 0 at the end. */
  lagSeconds(): number {
    const now = Date.now();
    if (this.state.type === 'live') return now < this.recent.until ? this.recent.lagMs / 1_000 : 0;
    // It is behind since the last event it has, or since it was last at the end. Before the first event the lag is unknown.
    const since = Math.max(this.lastEventAt, this.state.type === 'catchingUp' ? this.state.since : 0);
    return since === 0 ? 0 : Math.max(0, now - since) / 1_000;
  }

  /** Why answers are not up to date; undefined if they are. */
  whyBehind(maxLagSeconds: number): string | undefined {
    switch (this.state.type) {
      case 'stopped':
        return this.state.why;
      case 'catchingUp':
        // A broken subscription is usually resumed immediately, so it alone doesn't make the node unready.
        if (this.caughtUpOnce && this.lagSeconds() <= maxLagSeconds) return undefined;
        return `${this.state.why}: ${this.progress()}`;
      case 'live':
        return this.lagSeconds() <= maxLagSeconds ? undefined : `${this.lagSeconds()} s behind the event store`;
      default:
        return this.state satisfies never;
    }
  }

  private async run(): Promise<void> {
    const from = this.model.applied.current;
    const log = setInterval(() => this.logProgress(), PROGRESS_MS);
    try {
      // The head is only for progress. If the store is unreachable for a moment, `follow` tries again.
      this.head = await this.store.head().catch(() => START);
      this.logger.info({ from, head: this.head }, 'following the event store');
      await this.store.follow({
        from,
        prefixes: [GROUP_STREAM_PREFIX, USER_STREAM_PREFIX],
        onBatch: (events, upTo) => this.onBatch(events, upTo),
        onCaughtUp: () => this.onCaughtUp(),
        onDropped: (error) => this.onDropped(error),
        onLevelAgain: (afterMs) => this.on.subscription?.onLevelAgain(afterMs),
        signal: this.stopping.signal,
      });
    } catch (error) {
      const reason = messageOf(error);
      this.state = { type: 'stopped', why: `the projection stopped: ${reason}` };
      this.logger.error({ err: error, position: this.model.applied.current }, STOPPED);
    } finally {
      clearInterval(log);
      this.begun(false);
    }
  }

  private async onBatch(events: readonly StoredEvent[], upTo: Position): Promise<void> {
    for (const event of events) this.gathered.events.push(upcast(event));
    this.gathered.upTo = upTo;
    const isDue = this.gathered.events.length >= GATHER_EVENTS || performance.now() - this.gathered.since > GATHER_MS;
    if (this.state.type === 'live' || isDue) await this.apply();
  }

  /** Applies the gathered events, and then gives a turn to queries and to further events. */
  private async apply(): Promise<void> {
    const { events, upTo } = this.gathered;
    this.gathered = { events: [], upTo, since: performance.now() };
    await this.model.applyBatch(events, upTo);
    this.applied += events.length;
    const last = events.at(-1);
    if (last !== undefined) {
      const now = Date.now();
      this.lastEventAt = last.created.getTime();
      this.recent = { until: now + RECENT_MS, lagMs: Math.max(0, now - this.lastEventAt) };
      this.on.applied?.(this.recent.lagMs / 1_000);
    }
    await setImmediate();
  }

  private async onCaughtUp(): Promise<void> {
    await this.apply();
    if (!this.caughtUpOnce) {
      await this.model.indexForQueries();
      this.logger.info(
        { events: this.applied, position: this.model.applied.current },
        'caught up with the event store',
      );
    }
    this.caughtUpOnce = true;
    this.recent = { until: 0, lagMs: 0 };
    this.state = { type: 'live' };
    this.begun(true);
  }

  private onDropped(error: Error): void {
    this.on.subscription?.onDropped(error);
    if (this.state.type === 'live') this.state = { type: 'catchingUp', since: Date.now(), why: error.message };
  }

  private logProgress(): void {
    if (this.state.type === 'catchingUp') this.logger.info(`catching up: ${this.progress()}`);
  }

  /** Number of events so far, and their share of the log at the start. */
  private progress(): string {
    const position = this.model.applied.current;
    const share = comparePositions(position, this.head) >= 0 ? 1 : Number(position) / Number(this.head);
    return `${this.applied} events, ${Math.floor(share * 100)} %`;
  }
}
