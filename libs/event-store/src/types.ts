import type { Position } from '@cohort/contracts';
import type { Json } from './json';

/** An exact place in the log. Nearly always the position alone; events of one transaction share it. */
export interface Place {
  readonly position: Position;
  /** The server's second number (prepare position), which orders events of the same position. Absent if it is the same. */
  readonly prepare?: Position;
}

/** An event from the store, with its JSON parsed. `position` is its place in the whole log. */
export interface StoredEvent extends Place {
  readonly stream: string;
  /** The event's place in its stream, from 0. A tombstone's is about 2^63, beyond the exact numbers. */
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  /** Empty if the event has none. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** When the server wrote the event. The domain's time is `at` in the metadata. */
  readonly created: Date;
}

export interface NewEvent {
  /** A UUID; see `eventId` in the contracts. */
  readonly id: string;
  readonly type: string;
  /** A JSON object, or the result of `encodeJson`. */
  readonly data: object | Json;
  readonly metadata: object | Json;
}

/** The expected revision of a stream's last event. `none`: the stream must have no event. `any`: no check. */
export type ExpectedRevision = number | 'none' | 'any';

/** Revision and position of the last event of an append. */
export interface Appended {
  readonly revision: number;
  readonly position: Position;
}

export interface ReadOptions {
  /** First revision to read, inclusive. Default: the first event, or the last when reading backwards. */
  readonly from?: number;
  readonly limit?: number;
  readonly backwards?: boolean;
}

/** Some events of the log. */
export interface Selection {
  /** Selects streams whose name begins with one of these. An empty list selects every stream. */
  readonly prefixes: readonly string[];
  /** Selects events of these types only. A follower of rare types costs the server, and itself, nothing for all other events. */
  readonly types?: readonly string[];
}

export interface FollowOptions extends Selection {
  /** The last handled position or exact place (a checkpoint); `START` for the whole log. */
  readonly from: Position | Place;
  /**
   * Handles the next events, at most 512, in log order and each once. The next batch waits until the promise resolves.
   * The log is read up to `upTo`: the last event's position, or a later one if the events after it didn't match. In that
   * case the list may be empty. While only a part of a transaction has arrived, it is the position before the transaction.
   * A rejection ends `follow` with the same error.
   */
  onBatch(events: readonly StoredEvent[], upTo: Position): Promise<void>;
  /** Called each time the end of the log is reached and all events are handled. A rejection ends `follow`. */
  onCaughtUp?(): void | Promise<void>;
  /** Called each time the subscription breaks. It is renewed automatically: at once if it brought events, else within 5 s. */
  onDropped(error: Error): void;
  /** Called when the end of the log is reached again after one or more breaks, with the milliseconds since the first. */
  onLevelAgain?(afterMs: number): void;
  readonly signal: AbortSignal;
}

/** The adapter's logger. A pino logger fits. */
export interface EventStoreLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

export interface EventStoreOptions {
  /** EventStoreDB connection string: `esdb://127.0.0.1:2113?tls=false`. */
  readonly url: string;
  readonly log?: EventStoreLog;
  /** Milliseconds after which an attempt to append has an unknown outcome. Default 5,000. */
  readonly appendTimeoutMs?: number;
  /** Called for each attempt to append that has an unknown outcome, before any retry. */
  readonly onUnanswered?: () => void;
  /**
   * Called if another store answers after an outage: the server's data were replaced or lost. What the process knows is of no
   * use any more, so it must end and begin anew.
   */
  readonly onReplaced?: (error: Error) => void;
  /** Milliseconds for which an append with an unknown outcome is retried. Default 30,000. */
  readonly settleTimeoutMs?: number;
}

export interface EventStore {
  /** The UUID of this store, from the first event of `cohort-store`. Positions are valid only in this store. */
  readonly storeId: string;
  /** Whether the last call reached the server. While disconnected, the store tries to reconnect every second. */
  readonly status: 'connected' | 'disconnected';
  /**
   * Why the server refuses to write, for operators; undefined while it writes. While it refuses, a small write is tried every
   * two seconds, so that this changes back without an append of a caller.
   */
  readonly refuses: string | undefined;

  /**
   * Writes all events or none, at the expected revision (optimistic concurrency).
   *
   * An unknown outcome (no reply in time, connection lost) is settled here. The same bytes are sent again at the same
   * revision. If the revision is wrong then, the event ids at that revision show whether the first attempt was written.
   * With `any` this check is impossible: after a restart of the server, an event may be written twice.
   *
   * @param onInDoubt Called when the outcome is unknown and a first retry failed. Settling may then take the whole time.
   * @throws WrongExpectedRevision nothing was written: the stream is at another revision
   * @throws StoreRefused nothing was written: the server replied why
   * @throws AppendTooLarge, NotJson nothing was sent
   * @throws StreamDeleted nothing was written: the stream was deleted for ever
   * @throws StoreUnavailable nothing was written: the server can't be reached
   * @throws OutcomeUnknown it could not be settled in time; read the stream again before the next decision
   */
  append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
    onInDoubt?: () => void,
  ): Promise<Appended>;

  /**
   * Reads a stream's events in order. A missing stream has none.
   *
   * @throws StreamDeleted the stream was deleted for ever
   * @throws StoreUnavailable the server can't be reached or is silent for 5 s
   * @throws StoreRefused the user may not read
   */
  read(stream: string, options?: ReadOptions): AsyncIterable<StoredEvent>;

  /**
   * Returns a position at or after the newest event in streams whose name begins with one of these prefixes, which followers
   * of these streams reach. `START`: there is no such event. If the log ends with other events, it appends a mark that every
   * follower is sent, so the work is the same whatever else is in the store.
   *
   * Without prefixes, it returns the position of the newest event in the log. A follower of some streams may never reach it.
   */
  head(prefixes?: readonly string[]): Promise<Position>;

  /** Follows the log, and resolves once `signal` is aborted. A broken subscription is renewed automatically. */
  follow(options: FollowOptions): Promise<void>;

  /** Truncates the stream before this revision: reads no longer return earlier events. */
  setTruncateBefore(stream: string, revision: number): Promise<void>;

  /** Keeps only the stream's last `count` events. */
  setMaxCount(stream: string, count: number): Promise<void>;

  /**
   * Makes one round trip.
   *
   * @throws StoreUnavailable the server can't be reached
   */
  ping(): Promise<void>;

  /** Ends all subscriptions and calls. Then another store can be connected. */
  close(): Promise<void>;
}
