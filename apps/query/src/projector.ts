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
import type { Logger } from 'pino';

/** While catching up, events are gathered to transactions of this many: most of one's cost is its end. */
const GATHER_EVENTS = 1_000;
/** ... but for no longer than this, milliseconds. */
const GATHER_MS = 50;
/** Between two words on how far catching up is, milliseconds. */
const PROGRESS_MS = 2_000;
/** For so long after a batch its delay counts as the lag, milliseconds. */
const RECENT_MS = 1_000;

export interface ProjectorEvents {
  /** A batch was applied, so many seconds after its last event was written. */
  readonly applied?: (delaySeconds: number) => void;
}

type State =
  /** `since`: when it last had all; 0 before that. */
  | { readonly type: 'catchingUp'; readonly since: number; readonly why: string }
  | { readonly type: 'live' }
  | { readonly type: 'stopped'; readonly why: string };

/**
 * Follows the event store's log and applies it to the read model, from where that stands. Ends when told to, or when the
 * read model's disk or file fails: going on would lose events.
 */
export class Projector {
  private state: State = { type: 'catchingUp', since: 0, why: 'catching up' };
  private readonly stopping = new AbortController();
  private begun: (caughtUp: boolean) => void = () => undefined;
  private running?: Promise<void>;
  private caughtUpOnce = false;
  /** Handed over, and not yet applied. */
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

  /** Begins to follow; resolves with true once the log's end was reached, with false when it ended before. */
  start(): Promise<boolean> {
    return new Promise((resolve) => {
      this.begun = resolve;
      this.running = this.run();
    });
  }

  /** Resolves when it no longer follows, for whatever reason: answers grow old from then on. */
  get whenStopped(): Promise<void> {
    return this.running ?? Promise.resolve();
  }

  /** Ends following, after the batch in work. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Seconds behind the log's newest event, as far as is known; 0 when the end was reached and nothing is waiting. */
  lagSeconds(): number {
    const now = Date.now();
    if (this.state.type === 'live') return now < this.recent.until ? this.recent.lagMs / 1_000 : 0;
    // Behind since the last event it has, or since it last had all; unknown before the first event.
    const since = Math.max(this.lastEventAt, this.state.type === 'catchingUp' ? this.state.since : 0);
    return since === 0 ? 0 : Math.max(0, now - since) / 1_000;
  }

  /** Why answers are not up to date; undefined when they are. */
  whyBehind(maxLagSeconds: number): string | undefined {
    switch (this.state.type) {
      case 'stopped':
        return this.state.why;
      case 'catchingUp':
        // A subscription that broke is taken up again in no time, as a rule: that alone makes nobody unready.
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
      // Only to say how far it is: that the store is away for a moment is `follow`'s to mend.
      this.head = await this.store.head().catch(() => START);
      this.logger.info({ from, head: this.head }, 'following the event store');
      await this.store.follow({
        from,
        prefixes: [GROUP_STREAM_PREFIX, USER_STREAM_PREFIX],
        onBatch: (events, upTo) => this.onBatch(events, upTo),
        onCaughtUp: () => this.onCaughtUp(),
        onDropped: (error) => this.onDropped(error),
        signal: this.stopping.signal,
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.state = { type: 'stopped', why: `the projection stopped: ${reason}` };
      this.logger.error({ err: error, position: this.model.applied.current }, 'the projection stopped');
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

  /** Applies what is gathered, and then lets queries have their turn, and more events come in. */
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
    this.logger.info({ reason: error.message }, 'the subscription broke and is taken up again');
    if (this.state.type === 'live') this.state = { type: 'catchingUp', since: Date.now(), why: error.message };
  }

  private logProgress(): void {
    if (this.state.type === 'catchingUp') this.logger.info(`catching up: ${this.progress()}`);
  }

  /** Events so far, and the share of the log as it was at the start. */
  private progress(): string {
    const position = this.model.applied.current;
    const share = comparePositions(position, this.head) >= 0 ? 1 : Number(position) / Number(this.head);
    return `${this.applied} events, ${Math.floor(share * 100)} %`;
  }
}
