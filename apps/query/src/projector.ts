import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import {
  backoff,
  comparePositions,
  GROUP_STREAM_PREFIX,
  METADATA_STREAM_PREFIX,
  START,
  USER_BAN_STREAM_PREFIX,
  USER_KEY_STREAM_PREFIX,
  USER_NUMBER_STREAM_PREFIX,
  USER_STREAM_PREFIX,
  type Position,
} from '@cohort/contracts';
import { readOne, type EventStore, type StoredEvent } from '@cohort/event-store';
import { isDamage, type ReadModel } from '@cohort/read-model';
import type { FollowerWatch } from '@cohort/process';
import { messageOf } from '@cohort/surroundings';
import type { Logger } from 'pino';
import { StreamStandings } from './standings';

/** Events of one transaction while catching up: most of a transaction's cost is its end. */
const GATHER_EVENTS = 1_000;
/** Longest time for which they are gathered, milliseconds. */
const GATHER_MS = 50;
/** Milliseconds between two log lines on the progress of catching up. */
const PROGRESS_MS = 2_000;
/** Logged together with the error. */
const STOPPED =
  'the projection stopped, and this node takes no queries until it works again: check DATA_DIR (free space, permissions)';
/** Between two attempts to go on after the disk or the file failed. */
const RETRY = { first: 250, longest: 5_000 } as const;
/** Milliseconds between two looks at streams with limits. */
const LIMITED_MS = 30_000;
/** Milliseconds after which the rest of an append that hasn't come is looked for. */
const UNFINISHED_MS = 500;
/**
 * The streams that are followed. Keys come in the log before the texts that they seal. The metadata of streams show which ones
 * an operator deletes or limits.
 */
const PREFIXES = [
  GROUP_STREAM_PREFIX,
  USER_STREAM_PREFIX,
  USER_KEY_STREAM_PREFIX,
  USER_BAN_STREAM_PREFIX,
  USER_NUMBER_STREAM_PREFIX,
  `${METADATA_STREAM_PREFIX}${GROUP_STREAM_PREFIX}`,
  `${METADATA_STREAM_PREFIX}${USER_KEY_STREAM_PREFIX}`,
];
/** Milliseconds for which a batch's delay counts as the lag. */
const RECENT_MS = 1_000;

export interface ProjectorEvents {
  /** A batch was applied, this long after its last event was written. */
  readonly applied?: (delaySeconds: number) => void;
  readonly subscription?: FollowerWatch;
  /** The projection stopped because the disk failed, or works again. */
  readonly works?: (works: boolean) => void;
  /** The file is damaged, and the projection has ended: only a new file helps. */
  readonly damaged?: (error: unknown) => void;
}

type State =
  /** `since`: the last time at which it was at the log's end; 0 before the first. */
  | { readonly type: 'catchingUp'; readonly since: number; readonly why: string }
  | { readonly type: 'live' }
  | { readonly type: 'stopped'; readonly why: string };

const CATCHING_UP = 'catching up';

/**
 * Follows the event store's log from the read model's position, and applies it. If the disk fails, it stops, and tries again
 * from the stored position until the disk works. Ends at `stop`, or if the file is damaged.
 */
export class Projector {
  private state: State = { type: 'catchingUp', since: 0, why: CATCHING_UP };
  /** The progress that was logged last. */
  private logged = '';
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
  private failures = 0;
  private readonly standings: StreamStandings;

  constructor(
    private readonly model: ReadModel,
    private readonly store: EventStore,
    private readonly logger: Logger,
    private readonly on: ProjectorEvents = {},
  ) {
    this.gathered = { events: [], upTo: model.applied.current, since: performance.now() };
    this.standings = new StreamStandings(model, store);
  }

  /** Begins to follow. Resolves with true at the log's end, with false if the projection ends before. */
  start(): Promise<boolean> {
    return new Promise((resolve) => {
      this.begun = resolve;
      this.running = this.run();
    });
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

  /** Ends the projection because a reader of the file found it damaged. */
  damaged(error: unknown): void {
    if (this.stopping.signal.aborted) return;
    this.noteStop(error);
    this.stopping.abort();
    this.on.damaged?.(error);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const timers = [
      setInterval(() => this.logProgress(), PROGRESS_MS),
      setInterval(() => void this.lookAtLimited(), LIMITED_MS),
    ];
    try {
      while (!signal.aborted) {
        const error = await this.follow().then(
          () => undefined,
          (failure: unknown) => failure ?? new Error('the projection failed'),
        );
        if (signal.aborted || error === undefined) return;
        if (isDamage(error)) return this.damaged(error);
        this.noteStop(error);
        this.failures += 1;
        await sleep(backoff(this.failures, RETRY), undefined, { signal }).catch(() => undefined);
      }
    } finally {
      timers.forEach((timer) => clearInterval(timer));
      this.begun(false);
    }
  }

  private async follow(): Promise<void> {
    const from = this.model.applied.current;
    this.model.forgetUnfinished();
    this.gathered = { events: [], upTo: from, since: performance.now() };
    // The head is only for progress. If the store is unreachable for a moment, `follow` tries again.
    this.head = await this.store.head().catch(() => START);
    this.logger.info({ from, head: this.head }, 'following the event store');
    await this.store.follow({
      from,
      prefixes: PREFIXES,
      onBatch: (events, upTo) => this.onBatch(events, upTo),
      onCaughtUp: () => this.onCaughtUp(),
      onDropped: (error) => this.onDropped(error),
      onLevelAgain: (afterMs) => this.on.subscription?.onLevelAgain(afterMs),
      signal: this.stopping.signal,
    });
  }

  /** The answers of this node get old from now on. */
  private noteStop(error: unknown): void {
    const didWork = this.state.type !== 'stopped';
    this.state = { type: 'stopped', why: `the projection stopped: ${messageOf(error)}` };
    this.logger.error({ err: error, position: this.model.applied.current }, STOPPED);
    if (didWork) this.on.works?.(false);
  }

  private async onBatch(events: readonly StoredEvent[], upTo: Position): Promise<void> {
    for (const event of events) if (!this.standings.notice(event)) this.gathered.events.push(event);
    this.gathered.upTo = upTo;
    const isDue = this.gathered.events.length >= GATHER_EVENTS || performance.now() - this.gathered.since > GATHER_MS;
    if (this.state.type === 'live' || isDue) await this.apply();
  }

  /** Applies the gathered events, and then gives a turn to queries and to further events. */
  private async apply(): Promise<void> {
    const { events, upTo } = this.gathered;
    this.gathered = { events: [], upTo, since: performance.now() };
    // Stored first: after a crash between the two, the metadata are read again.
    await this.standings.settle(upTo);
    await this.model.applyBatch(events, upTo);
    if (this.state.type === 'live' && this.model.unfinished !== undefined) void this.endUnfinished();
    if (this.state.type === 'catchingUp') this.state = { ...this.state, why: CATCHING_UP };
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
    // Appends are whole: what hasn't come by the log's end doesn't exist, whatever an event's metadata say.
    this.model.endAppend();
    if (!this.caughtUpOnce) {
      await this.model.indexForQueries();
      this.logger.info(
        { events: this.applied, position: this.model.applied.current },
        'caught up with the event store',
      );
    }
    const stopped = this.state.type === 'stopped';
    const first = !this.caughtUpOnce;
    this.caughtUpOnce = true;
    this.failures = 0;
    this.recent = { until: 0, lagMs: 0 };
    this.state = { type: 'live' };
    this.begun(true);
    if (!stopped) return;
    this.logger.info({ position: this.model.applied.current }, 'the projection works again');
    if (!first) this.on.works?.(true);
  }

  /** Applies an append at the log's end whose metadata name more events than the log has. */
  private async endUnfinished(): Promise<void> {
    const last = this.model.unfinished;
    await sleep(UNFINISHED_MS, undefined, { ref: false });
    const isSame = (): boolean => last !== undefined && this.model.unfinished?.id === last.id;
    if (last === undefined || !isSame() || this.state.type !== 'live') return;
    // If the store is unreachable, the log's end is reached again later, which does the same.
    const next = await readOne(this.store, last.stream, { from: last.revision + 1 }).catch(() => last);
    if (next !== undefined || !isSame()) return;
    try {
      this.model.endAppend();
    } catch {
      // The disk failed. The events still wait, and the next batch meets the same failure.
    }
  }

  private async lookAtLimited(): Promise<void> {
    if (this.state.type !== 'live') return;
    this.standings.noticeLimited();
    // A failure of the store or the disk is met by the next batch as well.
    await this.standings.settle(this.model.applied.current).catch(() => undefined);
  }

  private onDropped(error: Error): void {
    this.on.subscription?.onDropped(error);
    if (this.state.type === 'stopped') return;
    const since = this.state.type === 'catchingUp' ? this.state.since : Date.now();
    this.state = { type: 'catchingUp', since, why: error.message };
  }

  private logProgress(): void {
    const progress = this.progress();
    // Without the event store there is none, and its check says so.
    if (this.state.type === 'catchingUp' && progress !== this.logged) this.logger.info(`catching up: ${progress}`);
    this.logged = progress;
  }

  /** Number of events so far, and their share of the log at the start. */
  private progress(): string {
    const position = this.model.applied.current;
    const share = comparePositions(position, this.head) >= 0 ? 1 : Number(position) / Number(this.head);
    return `${this.applied} events, ${Math.floor(share * 100)} %`;
  }
}
