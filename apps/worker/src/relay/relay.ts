import { backoff, FEED_STREAM, FEED_SUBJECTS, GROUP_STREAM_PREFIX, groupStream } from '@cohort/contracts';
import { WrongSequence, type Bus, type JetStream, type StreamState } from '@cohort/bus';
import { readOne, type EventStore, type EventStoreLog } from '@cohort/event-store';
import type { FollowerWatch } from '@cohort/process';
import { Checkpoint } from '../duty/checkpoint';
import { DutyLoop } from '../duty/duty-loop';
import { feedMessage, publishedEvent, type FeedMessage, type PublishedEvent } from './cloud-event';
import { refusal, streamRefusal } from './fit';
import { Pipeline } from './pipeline';
import { isAfter, isMark, resume, type FeedMark, type Refill } from './resume';

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
/** Most messages that are passed over, from the stream's end, because no relay published them or they are gone. */
const MOST_FOREIGN = 1_000;

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
  private holes = 0;
  private caughtUp = false;
  private standsBy = false;
  private atWork = Date.now();

  constructor(private readonly options: RelayOptions) {
    super({ ...LOOP, log: options.log });
    this.checkpoint = new Checkpoint(options.store, 'relay', isAfter, isMark);
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

  protected override async run(): Promise<void> {
    const mark = await this.prepare();
    this.goesOn();
    await this.publishFrom(mark);
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
  private async prepare(): Promise<FeedMark> {
    const { jetStream, bus, maxAgeMs, maxBytes, duplicateWindowMs, replicas, refill, log } = this.options;
    refuse(bus.status === 'connected' ? undefined : 'not connected to NATS');
    refuse(refusal(bus.maxPayload, await jetStream.streams()));
    // Read before the stream, so that the checkpoint is no newer than the stream's state.
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
    // Written immediately: only the checkpoint knows where a new, replaced or emptied stream begins.
    if (found.why !== 'tail') await this.checkpoint.advance(found.mark);
    log.info({ why: found.why, position: found.mark.position, sequence: found.mark.sequence }, 'the feed continues');
    this.options.onResumed(found.why);
    return found.mark;
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

  /**
   * Returns the last message in this state that a relay published. Messages that another relay published after the state
   * was read are ignored. With their position and the older sequence, nats-server could refuse the first events and accept
   * a later one. The search goes by sequence, because nats-server 2.9 finds no last message of a subject once
   * the newest one was removed.
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

  /** Why the stream's last message can't come from this log; undefined when it can. */
  private async strange({ store: storeId, app, groupId, revision, id }: PublishedEvent): Promise<string | undefined> {
    const { store } = this.options;
    const remedy = `delete the stream ${FEED_STREAM}, and the relay fills it again from the log`;
    if (storeId !== store.storeId) return `the stream ${FEED_STREAM} has events of another event store: ${remedy}`;
    const there = await readOne(store, groupStream(app, groupId), { from: Number(revision) });
    if (there?.id === id) return undefined;
    return `the last event of the stream ${FEED_STREAM} isn't in the event store, which was restored to an older state: ${remedy}`;
  }

  /** Publishes until the stop. Rejects with the first failure. */
  private async publishFrom(mark: FeedMark): Promise<void> {
    const { store, jetStream, subscription } = this.options;
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
    }
    if (pipeline.signal.aborted) throw pipeline.signal.reason as Error;
  }

  /** Fails the pipeline if the stream was deleted or lost messages: nats-server doesn't report it. */
  private async watch(pipeline: Pipeline): Promise<void> {
    const { sequence, streamCreated } = pipeline.mark;
    try {
      const state = await this.options.jetStream.state(FEED_STREAM);
      if (state?.created === streamCreated && state.lastSequence >= sequence) return;
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

/** Throws the reason, if there is one, for an operator to read. */
function refuse(why: string | undefined): void {
  if (why !== undefined) throw new Error(why);
}
