import { setTimeout as sleep } from 'node:timers/promises';
import { FEED_STREAM, FEED_SUBJECTS, GROUP_STREAM_PREFIX, groupStream } from '@cohort/contracts';
import { WrongSequence, type Bus, type JetStream, type StreamState } from '@cohort/bus';
import { readOne, type EventStore, type EventStoreLog } from '@cohort/event-store';
import { Checkpoint } from '../checkpoint';
import { feedMessage, publishedEvent, type FeedMessage, type PublishedEvent } from './cloud-event';
import { refusal, streamRefusal } from './fit';
import { Pipeline } from './pipeline';
import { isAfter, resume, type FeedMark, type Refill } from './resume';

const CHECKPOINT_EVERY_MS = 1_000;
/** How often it is looked whether the stream is still the same. */
const WATCH_EVERY_MS = 5_000;
const LONGEST_PAUSE_MS = 2_000;
/** How long a stop waits for answers that are on their way. */
const STOP_WITHIN_MS = 2_000;
/** Messages that no relay published, or that are gone, looked through from the end. */
const MOST_FOREIGN = 1_000;

export interface RelayOptions {
  readonly store: EventStore;
  readonly jetStream: JetStream;
  readonly bus: Pick<Bus, 'maxPayload' | 'status'>;
  readonly log: EventStoreLog;
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  readonly duplicateWindowMs: number;
  readonly replicas: number;
  readonly refill: Refill;
  onPublished(message: FeedMessage): void;
  /** Each time it had to look anew where the stream stands. */
  onResumed(why: string): void;
}

/**
 * Publishes every group event of the log, in order, to the stream `GROUP_EVENTS`. Each message names the sequence and the
 * message it follows, so that neither a gap nor a double can enter, also when several relays run: the one that isn't first
 * is refused, looks where the stream stands, and stands by while another publishes. Nothing is remembered that the stream's
 * last message and the checkpoint don't say.
 */
export class FeedRelay {
  private readonly stopping = new AbortController();
  private readonly checkpoint: Checkpoint<FeedMark>;
  private known: FeedMark | undefined;
  private pipeline: Pipeline | undefined;
  private holes = 0;
  private caughtUp = false;
  private standsBy = false;
  private trouble: string | undefined = 'starting';
  private atWork = Date.now();
  private running: Promise<void> = Promise.resolve();
  private saving: Promise<void> = Promise.resolve();

  constructor(private readonly options: RelayOptions) {
    this.checkpoint = new Checkpoint(options.store, 'relay', isAfter);
  }

  /** Why events don't go out now; undefined when they do, by this relay or by another it stands by for. */
  get why(): string | undefined {
    return this.trouble ?? (this.catchesUp ? 'catching up' : undefined);
  }

  /** Whether it publishes what was written while nobody did: what is told from the feed can wait for its end. */
  get catchesUp(): boolean {
    return this.trouble === undefined && !this.caughtUp && !this.standsBy;
  }

  /**
   * Seconds since the oldest event that isn't out was written; 0 when all are. While it can't be known whether there is
   * one, it is the time since the relay was last at work.
   */
  get lagSeconds(): number {
    const now = Date.now();
    const since = this.pipeline?.oldest?.event.created.getTime() ?? (this.why === undefined ? now : this.atWork);
    return Math.max(0, (now - since) / 1_000);
  }

  /** Goes on for ever, whatever is away; see `why`. */
  start(): void {
    const timer = setInterval(() => void this.save(), CHECKPOINT_EVERY_MS);
    this.stopping.signal.addEventListener('abort', () => clearInterval(timer));
    this.running = this.run();
  }

  /** Awaits the answers that are on their way, and takes down how far it came. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.race([this.running, sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
    await this.save();
  }

  private async run(): Promise<void> {
    const { log } = this.options;
    const stopped = (): boolean => this.stopping.signal.aborted;
    for (let pause = 100; !stopped();) {
      try {
        const mark = await this.prepare();
        this.trouble = undefined;
        pause = 100;
        await this.publishFrom(mark);
      } catch (error) {
        if (stopped()) return;
        this.caughtUp = false;
        if (error instanceof WrongSequence) {
          await this.standBy().catch(() => undefined);
          continue;
        }
        const { message } = error as Error;
        if (message !== this.trouble) log.warn({ why: message }, 'the feed does not go on: it is tried again');
        this.trouble = message;
        await this.sleep(pause * (0.5 + Math.random() / 2));
        pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
      }
    }
  }

  /** Sees that the stream is there and fits, and finds out where to go on. */
  private async prepare(): Promise<FeedMark> {
    const { jetStream, bus, maxAgeMs, maxBytes, duplicateWindowMs, replicas, refill, log } = this.options;
    refuse(bus.status === 'connected' ? undefined : 'NATS is away');
    refuse(refusal(bus.maxPayload, await jetStream.streams()));
    // Before the stream: what it says of this stream is then no newer than what is seen of it.
    const stored = await this.checkpoint.read();
    const limits = { maxAgeMs, maxBytes, duplicateWindowMs, replicas };
    const stream = await jetStream.ensureStream({ name: FEED_STREAM, subjects: [FEED_SUBJECTS], ...limits });
    refuse(streamRefusal(FEED_STREAM, stream));

    const last = await this.lastOf(stream);
    if (last) refuse(await this.strange(last));
    this.lookForHoles(stream);
    const mark = stored && this.known ? (isAfter(stored, this.known) ? stored : this.known) : (stored ?? this.known);
    const found = resume(stream, last, mark, refill);
    this.known = found.mark;
    // Written at once: of a stream that was made, replaced or emptied, only the checkpoint tells the beginning.
    if (found.why !== 'tail') await this.checkpoint.advance(found.mark);
    log.info({ why: found.why, position: found.mark.position, sequence: found.mark.sequence }, 'the feed goes on');
    this.options.onResumed(found.why);
    return found.mark;
  }

  /** What is missing between the stream's messages can't be put back in its place: it is said, once. */
  private lookForHoles({ firstSequence, lastSequence, messages }: StreamState): void {
    const holes = messages === 0 ? 0 : lastSequence - Math.max(1, firstSequence) + 1 - messages;
    if (holes > this.holes) {
      const advice = 'the query `events` has what consumers miss; deleted, the stream is filled anew';
      this.options.log.warn({ holes }, `messages inside ${FEED_STREAM} were lost or removed: ${advice}`);
    }
    this.holes = holes;
  }

  /**
   * The last message that a relay published, of those the stream had when it was looked at. What another relay has
   * published since doesn't count: with its position and the older sequence, the first events from here would be refused,
   * and a later one fit. It is looked for by sequence, since nats-server 2.9 finds no last message of a subject when the
   * newest one was removed.
   */
  private async lastOf({ firstSequence, lastSequence }: StreamState): Promise<PublishedEvent | undefined> {
    const end = Math.max(firstSequence, lastSequence - MOST_FOREIGN, 1);
    for (let sequence = lastSequence; sequence >= end; sequence--) {
      const message = await this.options.jetStream.messageAt(FEED_STREAM, sequence);
      const ours = message && publishedEvent(message);
      if (ours) return ours;
    }
    return undefined;
  }

  /** Why the stream's last message can't be of this log. */
  private async strange({ store: storeId, app, groupId, revision, id }: PublishedEvent): Promise<string | undefined> {
    const { store } = this.options;
    const remedy = `delete the stream ${FEED_STREAM}, and it is filled anew from the log`;
    if (storeId !== store.storeId) return `the stream ${FEED_STREAM} has events of another event store: ${remedy}`;
    const there = await readOne(store, groupStream(app, groupId), { from: Number(revision) });
    if (there?.id === id) return undefined;
    return `the last event of the stream ${FEED_STREAM} isn't in the event store, which was put back to an older state: ${remedy}`;
  }

  /** Publishes until the relay is stopped; rejects with what went wrong. */
  private async publishFrom(mark: FeedMark): Promise<void> {
    const { store, jetStream } = this.options;
    const pipeline = new Pipeline(jetStream, FEED_STREAM, mark, (message) => this.options.onPublished(message));
    this.pipeline = pipeline;
    const watch = setInterval(() => void this.watch(pipeline), WATCH_EVERY_MS);
    const unlisten = jetStream.onConnectionLost(() => pipeline.fail(new Error('the connection to NATS was lost')));
    try {
      await store.follow({
        from: mark.position,
        prefixes: [GROUP_STREAM_PREFIX],
        onBatch: async (events) => {
          for (const event of events) {
            const message = feedMessage(event, store.storeId);
            if (message) await pipeline.push(message);
          }
        },
        onCaughtUp: async () => {
          await pipeline.drained();
          this.caughtUp ||= !pipeline.signal.aborted;
        },
        signal: AbortSignal.any([this.stopping.signal, pipeline.signal]),
      });
      await pipeline.drained();
    } finally {
      clearInterval(watch);
      unlisten();
      this.known = pipeline.mark;
      this.atWork = pipeline.oldest?.event.created.getTime() ?? Date.now();
      this.pipeline = undefined;
    }
    if (pipeline.signal.aborted) throw pipeline.signal.reason as Error;
    if (!this.stopping.signal.aborted) throw new Error('the log is no longer followed');
  }

  /** Nobody says so when a stream is deleted or loses messages. */
  private async watch(pipeline: Pipeline): Promise<void> {
    const { sequence, streamCreated } = pipeline.mark;
    try {
      const state = await this.options.jetStream.state(FEED_STREAM);
      if (state?.created === streamCreated && state.lastSequence >= sequence) return;
      pipeline.fail(new Error(`the stream ${FEED_STREAM} is no longer what it was`));
    } catch (error) {
      pipeline.fail(error as Error);
    }
  }

  /** Waits while another relay publishes. */
  private async standBy(): Promise<void> {
    const { jetStream } = this.options;
    this.standsBy = true;
    try {
      for (let seen = -1; !this.stopping.signal.aborted;) {
        const sequence = (await jetStream.state(FEED_STREAM))?.lastSequence;
        if (sequence === undefined || sequence === seen) return;
        seen = sequence;
        await this.sleep(500 + Math.random() * 500);
      }
    } finally {
      this.standsBy = false;
    }
  }

  private save(): Promise<void> {
    this.saving = this.saving.then(async () => {
      const mark = this.pipeline?.mark ?? this.known;
      try {
        if (mark) await this.checkpoint.advance(mark);
      } catch (err) {
        this.options.log.warn({ err }, "the feed's checkpoint could not be written yet");
      }
    });
    return this.saving;
  }

  private async sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}

/** Says to an operator why the feed doesn't go on. */
function refuse(why: string | undefined): void {
  if (why !== undefined) throw new Error(why);
}
