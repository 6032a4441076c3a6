import type { Expectation, Published, StoredMessage } from '@cohort/bus';
import { placeOf } from '@cohort/event-store';
import { unlike } from './claim';
import type { FeedMessage } from './cloud-event';
import type { FeedMark } from './mark';

/** Most messages and bytes in flight. */
const MAX_MESSAGES = 512;
const MAX_BYTES = 4 * 1024 * 1024;

/** The part of JetStream that the pipeline uses. */
export interface Publisher {
  publish(subject: string, body: string, headers: FeedMessage['headers'], expect: Expectation): Promise<Published>;
  messageAt(stream: string, sequence: number): Promise<StoredMessage | undefined>;
}

interface Sent {
  readonly message: FeedMessage;
  readonly sequence: number;
  readonly answer: Promise<Published>;
}

/**
 * Publishes events in order, many of them in flight at the same time. Each names the sequence and the id of the message before it:
 * when the stream refuses one, it refuses all after it. (The sequence alone isn't enough: if the stream took another message
 * in its place, the next one would fit.) Answers are handled in order, so that `mark` never passes an unpublished event. A
 * pipeline ends at its first failure; a new one then takes its place.
 */
export class Pipeline {
  private readonly sent: Sent[] = [];
  private bytes = 0;
  private next: number;
  private settling = false;
  private wake = (): void => undefined;
  private readonly failed = new AbortController();
  /** Why a message wasn't stored; undefined while all were. */
  refusal: Error | undefined;

  constructor(
    private readonly publisher: Publisher,
    private readonly stream: string,
    /** Everything up to it is published. */
    public mark: FeedMark,
    private readonly onPublished: (message: FeedMessage) => void,
    /** The stream's sequence when this pipeline begins. */
    private readonly base = mark.sequence,
    /** Sequences of messages that somebody else published in an event's place. */
    private readonly strangers = new Set<number>(),
  ) {
    this.next = base + 1;
    this.sequence = base;
  }

  /** The stream's sequence after the last event that is known to be published. */
  sequence: number;

  /** Aborted at the first failure; its reason is the error. */
  get signal(): AbortSignal {
    return this.failed.signal;
  }

  /** The oldest event in flight. */
  get oldest(): FeedMessage | undefined {
    return this.sent[0]?.message;
  }

  /** Ends the pipeline; messages in flight may still arrive. */
  fail(error: Error): void {
    this.failed.abort(error);
    this.wake();
  }

  /** Sends an event once there is room. Returns immediately if the pipeline has failed. */
  async push(message: FeedMessage): Promise<void> {
    while (!this.signal.aborted && this.isFull) await this.change();
    if (this.signal.aborted) return;
    const sequence = this.next++;
    const answer = this.publisher.publish(message.subject, message.body, message.headers, {
      stream: this.stream,
      id: message.event.id,
      lastSequence: sequence - 1,
      lastId: this.sent.at(-1)?.message.event.id,
    });
    // Awaited in its turn; without a handler until then, a rejection would end the process.
    answer.catch(() => undefined);
    this.sent.push({ message, sequence, answer });
    this.bytes += message.body.length;
    if (!this.settling) void this.settle();
  }

  /** Resolves when nothing is in flight any more, or the pipeline has failed. */
  async drained(): Promise<void> {
    while (!this.signal.aborted && this.sent.length > 0) await this.change();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  /**
   * Whether no message is known to be in the stream yet. The next sequence is open until then, because the first events may
   * be ones that were published and removed.
   */
  private get isFirst(): boolean {
    return this.sequence === this.base;
  }

  private get isFull(): boolean {
    if (this.isFirst) return this.sent.length > 0;
    return this.sent.length >= MAX_MESSAGES || this.bytes >= MAX_BYTES;
  }

  private async settle(): Promise<void> {
    this.settling = true;
    for (let first = this.sent[0]; first && !this.signal.aborted; first = this.sent[0]) {
      try {
        const { isFirst } = this;
        const sequence = await this.placeOf(first);
        if (this.signal.aborted) return;
        const { event } = first.message;
        this.sequence = sequence;
        this.mark = { ...placeOf(event), eventId: event.id, sequence, streamCreated: this.mark.streamCreated };
        if (isFirst) this.next = sequence + 1;
        this.onPublished(first.message);
      } catch (error) {
        if (!this.signal.aborted) this.refusal = error as Error;
        return this.fail(error as Error);
      }
      this.sent.shift();
      this.bytes -= first.message.body.length;
      this.wake();
    }
    this.settling = false;
  }

  /** The stream's sequence once this event is published. */
  private async placeOf({ message, sequence, answer }: Sent): Promise<number> {
    const taken = await answer;
    if (!taken.duplicate) {
      if (taken.sequence !== sequence)
        throw new Error(`expected sequence ${sequence} for the message, but the stream stored it at ${taken.sequence}`);
      return sequence;
    }
    // The server recognises the id. That counts only if the message is there, or was there and has been removed. (After a
    // crash the server reads the ids from the messages it finds, so it doesn't recognise a lost one.)
    const there = await this.publisher.messageAt(this.stream, taken.sequence);
    const differs = there && unlike(there, message);
    const place = `JetStream takes event ${message.event.id} for a duplicate of message ${taken.sequence}`;
    if (differs !== undefined || this.strangers.has(taken.sequence)) {
      this.strangers.add(taken.sequence);
      throw new Error(
        `${place}, which somebody else published: let only the worker publish to the feed; the event follows after FEED_DUPLICATE_WINDOW_SECONDS`,
      );
    }
    const isThere = there !== undefined;
    if (isThere && taken.sequence === sequence) return sequence;
    const wasThere = !isThere && taken.sequence > 0 && taken.sequence <= this.base;
    if (this.isFirst && (isThere || wasThere)) return Math.max(this.sequence, taken.sequence);
    throw new Error(`${place}, but that place does not fit`);
  }
}
