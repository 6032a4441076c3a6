import type { Position } from '@cohort/contracts';
import type { Json } from './json';

/** An event as the store keeps it; JSON is parsed. */
export interface StoredEvent {
  readonly stream: string;
  /** Place in its stream, from 0. */
  readonly revision: number;
  /** Place in the whole log. */
  readonly position: Position;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  /** Empty when the event has none. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** When the server wrote it. What the event says about time stands in its metadata (`at`). */
  readonly created: Date;
}

export interface NewEvent {
  /** A UUID; see `eventId` of the contracts. */
  readonly id: string;
  readonly type: string;
  /** A JSON object, or one that `encodeJson` has encoded and measured already. */
  readonly data: object | Json;
  readonly metadata: object | Json;
}

/** The revision a stream must be at: that of its last event, `none` when it must have no event, `any` for no check. */
export type ExpectedRevision = number | 'none' | 'any';

/** Revision and position of the last event of an append. */
export interface Appended {
  readonly revision: number;
  readonly position: Position;
}

export interface ReadOptions {
  /** First revision to read, inclusive. Default: the beginning, or the end when reading backwards. */
  readonly from?: number;
  readonly limit?: number;
  readonly backwards?: boolean;
}

export interface FollowOptions {
  /** The last position that was handled; `START` for the whole log. */
  readonly from: Position;
  /** Events of streams whose name begins with one of these; an empty list means every stream. */
  readonly prefixes: readonly string[];
  /**
   * Gets the next events in log order, at most some hundreds, and none twice; the following ones wait until it is done.
   * `upTo` is how far the log has been seen: the last event's position, or one beyond it where nothing matched (then the
   * list may be empty). Rejecting ends `follow` with that error.
   */
  onBatch(events: readonly StoredEvent[], upTo: Position): Promise<void>;
  /** Each time the end of the log was reached and everything before it was handled. Rejecting ends `follow`. */
  onCaughtUp?(): void | Promise<void>;
  /** Each time the subscription broke; it is taken up again by itself, after a pause of up to 5 s. */
  onDropped?(error: Error): void;
  readonly signal: AbortSignal;
}

/** Where the adapter says what went on; a pino logger fits. */
export interface EventStoreLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

export interface EventStoreOptions {
  /** EventStoreDB connection string: `esdb://127.0.0.1:2113?tls=false`. */
  readonly url: string;
  readonly log?: EventStoreLog;
  /** Milliseconds after which one append counts as unanswered. Default 5,000. */
  readonly appendTimeoutMs?: number;
  /** Hears of each attempt at an append whose outcome stayed unknown: it is sent again, while there is time. */
  readonly onUnanswered?: () => void;
  /** Milliseconds for which an append whose outcome is unknown is sent again. Default 30,000. */
  readonly settleTimeoutMs?: number;
}

export interface EventStore {
  /** The UUID of this store, from the first event of `cohort-store`. Positions are valid in this store only. */
  readonly storeId: string;
  /** Whether the last call reached the server. While disconnected, it is tried again every second. */
  readonly status: 'connected' | 'disconnected';

  /**
   * Writes all events or none. An unknown outcome (no answer in time, connection lost) is settled here: the same bytes
   * are sent again at the same revision, and a wrong revision is then checked against the events that stand there. With
   * `any` nothing can be checked: after a restart of the server an event may then be written twice.
   *
   * @param onInDoubt the outcome is unknown and sending it again failed as well: it may take the whole time to settle
   * @throws WrongExpectedRevision nothing was written: the stream is at another revision
   * @throws AppendTooLarge, NotJson nothing was sent
   * @throws StoreUnavailable nothing was written: the server can't be reached
   * @throws OutcomeUnknown it could not be settled in time; read the stream again before deciding anything
   */
  append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
    onInDoubt?: () => void,
  ): Promise<Appended>;

  /** A stream's events in order; none when there is no such stream. Throws `StoreUnavailable`. */
  read(stream: string, options?: ReadOptions): AsyncIterable<StoredEvent>;

  /**
   * Position of the newest event of streams whose name begins with one of these, without any of the newest event of any
   * kind; `START` when there is none. A follower of some streams may never see the position of another stream's event.
   */
  head(prefixes?: readonly string[]): Promise<Position>;

  /** Follows the log until `signal` is aborted; then it resolves. Takes up a broken subscription by itself. */
  follow(options: FollowOptions): Promise<void>;

  /** Drops the stream's events before this revision; readers no longer see them. */
  setTruncateBefore(stream: string, revision: number): Promise<void>;

  /** Keeps only the stream's last `count` events. */
  setMaxCount(stream: string, count: number): Promise<void>;

  /** One round trip; throws `StoreUnavailable`. */
  ping(): Promise<void>;

  /** Ends subscriptions and calls, and lets another store be connected. */
  close(): Promise<void>;
}
