import { backoff, FEED_STREAM, FEED_SUBJECTS, GROUP_STREAM_PREFIX } from '@cohort/contracts';
import { NotStoring, WrongSequence, type Bus, type JetStream, type StreamState } from '@cohort/bus';
import { KeyReader, type EventStore, type EventStoreLog } from '@cohort/event-store';
import type { FollowerWatch, SetAside } from '@cohort/process';
import { Checkpoint } from '../duty/checkpoint';
import { DutyLoop } from '../duty/duty-loop';
import { feedMessage, whySetAside, withTexts, type FeedMessage } from './cloud-event';
import { refusal, streamRefusal } from './fit';
import { Pipeline } from './pipeline';
import { isAfter, isMark, type FeedMark } from './mark';
import { resume, type Refill } from './resume';
import { findTail, StrangeMessage, type Tail } from './tail';

/** How the relay works, as its loop needs it. */
const LOOP = {
  duty: 'relay',
  pauses: { first: 100, longest: 2_000 },
  stopWithinMs: 2_000,
  saveEveryMs: 1_000,
} as const;
/** Between two looks at a stream that another relay publishes to: 0.5 to 1 second. */
const STAND_BY = { first: 1_000, longest: 1_000 } as const;
/** How often the relay checks that the stream is still the same one. */
const WATCH_EVERY_MS = 5_000;

export interface RelayOptions {
  readonly store: EventStore;
  readonly jetStream: JetStream;
  readonly bus: Pick<Bus, 'maxPayload' | 'status'>;
  readonly log: EventStoreLog;
  readonly subscription: FollowerWatch;
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  readonly duplicateWindowMs: number;
  readonly replicas: number;
  readonly refill: Refill;
  onPublished(message: FeedMessage): void;
  /** Receives events of the log that aren't published, because no build of this service writes such events. */
  readonly setAside: Pick<SetAside, 'add'>;
  /** Called each time the relay has determined where the stream ends. */
  onResumed(why: string): void;
}

/**
 * Publishes every group event of the log, in order, to the stream `GROUP_EVENTS`. Each message names the sequence and the
 * message it follows, so that neither a gap nor a duplicate can enter. This also holds when several relays run: nats-server
 * refuses the later one, which reads where the stream ends, and stands by while the other publishes. The relay depends
 * only on the stream's last message and on the checkpoint.
 */
export class FeedRelay extends DutyLoop {
  private readonly checkpoint: Checkpoint<FeedMark>;
  private known: FeedMark | undefined;
  private pipeline: Pipeline | undefined;
  /** Sequences of messages that somebody else published in an event's place. */
  private readonly strangers = new Set<number>();
  private holes = 0;
  private caughtUp = false;
  private standsBy = false;
  private atWork = Date.now();
  /** Why JetStream didn't store the last message; undefined if it did, or if there is none. */
  private refusal: Error | undefined;

  constructor(private readonly options: RelayOptions) {
    super({ ...LOOP, log: options.log });
    const { store, log } = options;
    this.checkpoint = new Checkpoint(store, 'relay', isAfter, isMark, log);
  }

  /** Why events don't go out now; undefined when they do, from this relay or from another one it stands by for. */
  override get why(): string | undefined {
    return super.why ?? (this.catchesUp ? 'catching up' : undefined);
  }

  /** Whether it publishes a backlog that was written while no relay ran. Notifications can wait for its end. */
  get catchesUp(): boolean {
    return super.why === undefined && !this.caughtUp && !this.standsBy;
  }

  /**
   * Age in seconds of the oldest event that isn't published; 0 when all are. While the relay can't know whether there is
   * one, it is the time since the relay last worked.
   */
  get lagSeconds(): number {
    const now = Date.now();
    const since = this.pipeline?.oldest?.event.created.getTime() ?? (this.why === undefined ? now : this.atWork);
    return Math.max(0, (now - since) / 1_000);
  }

  /** Why JetStream can't store events although it answers; undefined if it can. */
  get notStoring(): string | undefined {
    return this.refusal instanceof NotStoring ? this.refusal.message : undefined;
  }

  protected override async run(): Promise<void> {
    const { mark, sequence } = await this.prepare();
    // After a refusal, the relay works again only once a message is stored. Until then the pauses grow.
    if (this.refusal === undefined) this.goesOn();
    await this.publishFrom(mark, sequence);
  }

  protected override async recovers(error: unknown): Promise<boolean> {
    this.caughtUp = false;
    if (!(error instanceof WrongSequence)) return false;
    await this.standBy().catch(() => undefined);
    return true;
  }

  protected override async save(): Promise<void> {
    const mark = this.pipeline?.mark ?? this.known;
    if (mark) await this.checkpoint.advance(mark);
  }

  /** Ensures that the stream exists and fits, and determines where to continue. */
  private async prepare(): Promise<{ readonly mark: FeedMark; readonly sequence: number }> {
    const { jetStream, bus, maxAgeMs, maxBytes, duplicateWindowMs, replicas, refill, log } = this.options;
    refuse(bus.status === 'connected' ? undefined : 'not connected to NATS');
    refuse(refusal(bus.maxPayload, await jetStream.streams()));
    // Read before the stream, so that the checkpoint is no newer than the stream's state.
    const stored = await this.checkpoint.read();
    const limits = { maxAgeMs, maxBytes, duplicateWindowMs, replicas };
    const stream = await jetStream.ensureStream({ name: FEED_STREAM, subjects: [FEED_SUBJECTS], ...limits });
    refuse(streamRefusal(FEED_STREAM, stream));

    const mark = stored && this.known ? (isAfter(stored, this.known) ? stored : this.known) : (stored ?? this.known);
    const found = resume(stream, await this.tailOf(stream, mark), mark, refill);
    this.lookForHoles(stream);
    this.known = found.mark;
    // Written immediately: only the checkpoint knows where a new, replaced or emptied stream begins.
    if (stored && isAhead(stored, stream)) await this.checkpoint.replace(found.mark);
    else if (found.why !== 'tail') await this.checkpoint.advance(found.mark);
    if (this.refusal === undefined) {
      log.info({ why: found.why, position: found.mark.position, sequence: found.mark.sequence }, 'the feed continues');
    }
    this.options.onResumed(found.why);
    return { mark: found.mark, sequence: stream.lastSequence };
  }

  /** Logs missing messages once: nothing can put them back in their place. */
  private lookForHoles({ firstSequence, lastSequence, messages }: StreamState): void {
    const holes = messages === 0 ? 0 : lastSequence - Math.max(1, firstSequence) + 1 - messages;
    if (holes > this.holes) {
      const advice = 'the query `events` returns what consumers miss; if you delete the stream, it is filled again';
      this.options.log.warn({ holes }, `messages inside ${FEED_STREAM} were lost or removed: ${advice}`);
    }
    this.holes = holes;
  }

  /** Determines what is published, and remembers messages that somebody else published in an event's place. */
  private async tailOf(stream: StreamState, mark: FeedMark | undefined): Promise<Tail> {
    const { store, jetStream, subscription } = this.options;
    try {
      return await findTail({ store, jetStream, subscription, signal: this.signal }, stream, mark);
    } catch (error) {
      if (error instanceof StrangeMessage) this.strangers.add(error.sequence);
      throw error;
    }
  }

  /** Publishes until the stop. Rejects with the first failure. */
  private async publishFrom(mark: FeedMark, sequence: number): Promise<void> {
    const { store, jetStream, subscription } = this.options;
    const onPublished = (message: FeedMessage): void => {
      this.stored();
      this.options.onPublished(message);
    };
    const pipeline = new Pipeline(jetStream, FEED_STREAM, mark, onPublished, sequence, this.strangers);
    this.pipeline = pipeline;
    const keys = new KeyReader(store);
    const watch = setInterval(() => void this.watch(pipeline), WATCH_EVERY_MS);
    const unlisten = jetStream.onConnectionLost(() => pipeline.fail(new Error('the connection to NATS was lost')));
    try {
      await store.follow({
        from: mark,
        prefixes: [GROUP_STREAM_PREFIX],
        onBatch: async (events) => {
          const messages: FeedMessage[] = [];
          for (const event of events) {
            const message = feedMessage(event, store.storeId);
            const why = message ? undefined : whySetAside(event);
            if (message) messages.push(message);
            else if (why !== undefined) this.options.setAside.add('relay', event, why);
          }
          for (const message of await withTexts(messages, keys)) await pipeline.push(message);
        },
        onCaughtUp: async () => {
          await pipeline.drained();
          if (pipeline.signal.aborted) return;
          this.caughtUp = true;
          this.stored();
        },
        ...subscription,
        signal: AbortSignal.any([this.signal, pipeline.signal]),
      });
      await pipeline.drained();
    } finally {
      clearInterval(watch);
      unlisten();
      this.known = pipeline.mark;
      this.atWork = pipeline.oldest?.event.created.getTime() ?? Date.now();
      this.pipeline = undefined;
      const { refusal } = pipeline;
      if (refusal && !(refusal instanceof WrongSequence)) this.refusal = refusal;
    }
    if (pipeline.signal.aborted) throw pipeline.signal.reason as Error;
  }

  /** All messages so far are stored. */
  private stored(): void {
    if (this.refusal === undefined) return;
    this.refusal = undefined;
    this.goesOn();
  }

  /**
   * Fails the pipeline if the stream was deleted or lost messages, or has messages that it didn't publish: nats-server doesn't
   * report it.
   */
  private async watch(pipeline: Pipeline): Promise<void> {
    const { sequence } = pipeline;
    try {
      const state = await this.options.jetStream.state(FEED_STREAM);
      const isSame = state?.created === pipeline.mark.streamCreated && state.lastSequence >= sequence;
      if (isSame && pipeline.oldest === undefined && state.lastSequence > pipeline.sequence) {
        pipeline.fail(new WrongSequence(`the stream ${FEED_STREAM} has messages of another publisher`));
      }
      if (isSame) return;
      pipeline.fail(new Error(`the stream ${FEED_STREAM} was deleted, recreated or lost messages`));
    } catch (error) {
      pipeline.fail(error as Error);
    }
  }

  /** Waits while another relay publishes. */
  private async standBy(): Promise<void> {
    const { jetStream } = this.options;
    this.standsBy = true;
    try {
      for (let seen = -1; !this.signal.aborted;) {
        const sequence = (await jetStream.state(FEED_STREAM))?.lastSequence;
        if (sequence === undefined || sequence === seen) return;
        seen = sequence;
        await this.pause(backoff(1, STAND_BY));
      }
    } finally {
      this.standsBy = false;
    }
  }
}

/** Whether a mark names a sequence that the stream doesn't have: it lost messages, or the mark is wrong. */
const isAhead = (mark: FeedMark, { created, lastSequence }: StreamState): boolean =>
  mark.streamCreated === created && mark.sequence > lastSequence;

/** Throws the reason, if there is one, for an operator to read. */
function refuse(why: string | undefined): void {
  if (why !== undefined) throw new Error(why);
}
