import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { BACKWARDS, END, FORWARDS, START } from '@eventstore/db-client';
import {
  backoff,
  comparePositions,
  PROBE_STREAM,
  START as START_POSITION,
  STORE_STREAM,
  type Position,
} from '@cohort/contracts';
import { messageOf, parseEventStoreAddress, type EventStoreAddress } from '@cohort/surroundings';
import { Connection } from './connection';
import {
  AppendTooLarge,
  OutcomeUnknown,
  StoreRefused,
  StoreReplaced,
  StoreUnavailable,
  WrongExpectedRevision,
} from './errors';
import { explained } from './explain';
import { follow } from './follow';
import { LogHead } from './head';
import { asJson } from './json';
import { eventsOf } from './read';
import type {
  Appended,
  EventStore,
  EventStoreLog,
  EventStoreOptions,
  ExpectedRevision,
  FollowOptions,
  NewEvent,
  ReadOptions,
  Selection,
  StoredEvent,
} from './types';
import type { AppendCall, AppendOutcome, EncodedEvent } from './wire';
import { WriteRefusals } from './write-refusals';

/** Largest append, in bytes: EventStoreDB's default. The server counts no more for an event than `storedBytes`. */
export const MAX_APPEND_BYTES = 1024 * 1024;
/** Bytes that an event counts in addition to its JSON and its type. */
export const EVENT_OVERHEAD_BYTES = 128;

const RECONNECT_EVERY_MS = 1_000;
/** Between attempts at an append whose outcome is unknown. */
const PAUSES = { first: 50, longest: 1_000 } as const;

/** The single store of this process; see `connectEventStore`. */
let connected: ConnectedStore | undefined;

/**
 * Connects the event store of this process and awaits a first round trip. A new store gets its UUID.
 *
 * A process has one store at a time, so that it appends in one place and has one view of the server's availability.
 *
 * @throws StoreUnavailable the server can't be reached
 * @throws StoreMisconfigured the connection string is wrong: another server, TLS or not, user and password
 * @throws Error a store is connected already
 */
export async function connectEventStore(settings: EventStoreOptions): Promise<EventStore> {
  if (connected) throw new Error('This process has an event store already: close it before connecting another.');
  const address = parseEventStoreAddress(settings.url);
  const store = new ConnectedStore(settings, address);
  connected = store;
  try {
    await store.identify();
    return store;
  } catch (error) {
    await store.close();
    throw await explained(error, address);
  }
}

class ConnectedStore implements EventStore {
  storeId = '';
  status: 'connected' | 'disconnected' = 'connected';
  readonly #address: EventStoreAddress;
  readonly #log: EventStoreLog | undefined;
  readonly #onUnanswered: (() => void) | undefined;
  readonly #onReplaced: ((error: Error) => void) | undefined;
  readonly #appendTimeoutMs: number;
  readonly #settleTimeoutMs: number;
  readonly #closing = new AbortController();
  readonly #refusals: WriteRefusals;
  readonly #head = new LogHead(this, (count) => this.#last(count));
  #connection: Connection | undefined;
  #reconnecting = false;
  /** The newest position of an append: an older one is the answer to a repeat, which writes nothing. */
  #newest: Position = START_POSITION;

  constructor(
    { log, onUnanswered, onReplaced, appendTimeoutMs = 5_000, settleTimeoutMs = 30_000 }: EventStoreOptions,
    address: EventStoreAddress,
  ) {
    this.#address = address;
    this.#log = log;
    this.#onUnanswered = onUnanswered;
    this.#onReplaced = onReplaced;
    this.#appendTimeoutMs = appendTimeoutMs;
    this.#settleTimeoutMs = settleTimeoutMs;
    // Every pause and every follower listens to it.
    setMaxListeners(0, this.#closing.signal);
    this.#refusals = new WriteRefusals({
      probe: (stream, kind) =>
        // An append of no events is subject to the stream's permissions, and needs no room.
        kind === 'denied' ? this.append(stream, [], 'any') : this.setMaxCount(PROBE_STREAM, 1),
      log,
      signal: this.#closing.signal,
    });
  }

  get refuses(): string | undefined {
    return this.#refusals.why;
  }

  /** Reads the store's UUID. On a new store, it writes one first. */
  async identify(): Promise<void> {
    const storeId = await this.#readStoreId();
    if (storeId !== undefined) {
      this.storeId = storeId;
      return;
    }
    const created = {
      id: randomUUID(),
      type: 'storeCreated',
      data: { storeId: randomUUID() },
      metadata: { schemaVersion: 1 },
    };
    try {
      await this.append(STORE_STREAM, [created], 'none');
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
    }
    const settled = await this.#readStoreId();
    if (settled === undefined)
      throw new StoreUnavailable(`The event store's stream ${STORE_STREAM} holds no store id.`);
    this.storeId = settled;
  }

  async append(
    stream: string,
    events: readonly NewEvent[],
    expected: ExpectedRevision,
    onInDoubt?: () => void,
  ): Promise<Appended> {
    const call: AppendCall = { stream, events: encode(events), expected };
    const giveUpAt = Date.now() + this.#settleTimeoutMs;
    let inDoubt: string | undefined;
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#attempt(call);
      switch (outcome.type) {
        case 'appended':
          this.#wrote(outcome.position);
          return { revision: outcome.revision, position: outcome.position };
        case 'refused': {
          if (outcome.error instanceof StoreRefused) this.#refusals.refused(stream, outcome.error);
          if (inDoubt === undefined) throw outcome.error;
          const written = await this.#find(call, giveUpAt);
          if (written) return written;
          throw unknown(stream, inDoubt);
        }
        case 'wrongRevision': {
          // After an unknown outcome, the events at that revision may be those of this append.
          const written = inDoubt === undefined ? undefined : await this.#find(call, giveUpAt);
          if (written) return written;
          throw new WrongExpectedRevision(stream, outcome.actual);
        }
        case 'unsent':
          if (inDoubt === undefined) throw outcome.error;
          break;
        case 'unknown':
          inDoubt = outcome.reason;
          this.#onUnanswered?.();
          this.#log?.warn({ stream, expected, reason: inDoubt, attempt }, 'append outcome unknown: retrying');
          break;
        default:
          throw new Error(`no such outcome: ${JSON.stringify(outcome satisfies never)}`);
      }
      if (Date.now() > giveUpAt || this.#closing.signal.aborted) {
        throw unknown(stream, inDoubt);
      }
      if (attempt === 1) onInDoubt?.();
      await this.#pause(attempt);
    }
  }

  async *read(stream: string, { from, limit, backwards = false }: ReadOptions = {}): AsyncGenerator<StoredEvent> {
    const connection = this.#connect();
    const readable = connection.client.readStream(stream, {
      fromRevision: from === undefined ? (backwards ? END : START) : BigInt(from),
      direction: backwards ? BACKWARDS : FORWARDS,
      ...(limit === undefined ? {} : { maxCount: limit }),
    });
    yield* this.#watched(connection, eventsOf(readable, connection));
  }

  head(prefixes: readonly string[] = []): Promise<Position> {
    return this.#head.reachable(prefixes);
  }

  follow(options: FollowOptions): Promise<void> {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    const store = {
      connection: () => this.#connect(),
      drop: (failed: Connection, why: string) => this.#drop(failed, why),
      newest: (selection: Selection) => this.#head.newest(selection),
    };
    return follow(store, { ...options, signal });
  }

  /** Reads the newest events of the log, from its end backwards. */
  #last(maxCount: number): AsyncGenerator<StoredEvent> {
    const connection = this.#connect();
    const readable = connection.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount });
    return this.#watched(connection, eventsOf(readable, connection));
  }

  setTruncateBefore(stream: string, revision: number): Promise<void> {
    return this.#setMetadata(stream, { $tb: revision });
  }

  setMaxCount(stream: string, count: number): Promise<void> {
    return this.#setMetadata(stream, { $maxCount: count });
  }

  async ping(): Promise<void> {
    await this.#readStoreId();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#connection?.close('the event store was closed');
    if (connected === this) connected = undefined;
    await Promise.resolve();
  }

  #connect(): Connection {
    if (this.#closing.signal.aborted) throw new StoreUnavailable('The event store was closed.');
    this.#connection ??= new Connection(this.#address, this.#appendTimeoutMs, (lost, why) => this.#drop(lost, why));
    return this.#connection;
  }

  /** Drops a connection in doubt. The next call opens another. */
  #drop(failed: Connection, why: string): void {
    failed.close(why);
    // The state of an earlier connection doesn't apply to the present one.
    if (this.#connection !== failed) return;
    this.#connection = undefined;
    // Without an id, the store has not been reached yet: `connectEventStore` rejects.
    if (this.storeId !== '' && this.status === 'connected' && !this.#closing.signal.aborted) {
      this.status = 'disconnected';
      this.#log?.warn({ why }, 'event store connection lost');
      void this.#reconnect();
    }
  }

  #wrote(position: Position): void {
    if (comparePositions(position, this.#newest) <= 0) return;
    this.#newest = position;
    this.#refusals.wrote();
  }

  #reached(): void {
    if (this.status === 'connected') return;
    this.status = 'connected';
    this.#log?.info({}, 'event store connected');
  }

  /** Waits for the server, and checks that it still has the same store. */
  async #reconnect(): Promise<void> {
    if (this.#reconnecting) return;
    this.#reconnecting = true;
    let found: { readonly id: string | undefined } | undefined;
    while ((found === undefined || this.status === 'disconnected') && !this.#closing.signal.aborted) {
      found = await this.#readStoreId().then(
        (id) => ({ id }),
        () => undefined,
      );
      if (found === undefined) await this.#sleep(RECONNECT_EVERY_MS);
    }
    this.#reconnecting = false;
    if (found === undefined || found.id === this.storeId) return;
    const what = found.id === undefined ? 'is empty' : `is ${found.id}`;
    this.#onReplaced?.(new StoreReplaced(`the event store was ${this.storeId} and ${what} now`));
  }

  async #attempt(call: AppendCall): Promise<AppendOutcome | { type: 'unsent'; error: StoreUnavailable }> {
    const connection = this.#connect();
    try {
      const appends = await connection.appends();
      const outcome = await appends.send(call);
      if (outcome.type === 'unknown' && (outcome.silent === true || appends.failure !== undefined)) {
        this.#drop(connection, outcome.reason);
      } else {
        this.#reached();
      }
      return outcome;
    } catch (error) {
      this.#drop(connection, messageOf(error));
      return {
        type: 'unsent',
        error: error instanceof StoreUnavailable ? error : new StoreUnavailable(messageOf(error)),
      };
    }
  }

  /** Looks for the events of an append where it would have written them. Returns the place of the last, or undefined. */
  async #find({ stream, events, expected }: AppendCall, giveUpAt: number): Promise<Appended | undefined> {
    const from = typeof expected === 'number' ? expected + 1 : 0;
    for (let attempt = 0; ; attempt++) {
      try {
        let last: StoredEvent | undefined;
        let index = 0;
        for await (const event of this.read(stream, { from, limit: events.length })) {
          if (event.id !== events[index]?.id) return undefined;
          last = event;
          index += 1;
        }
        return last && index === events.length ? { revision: last.revision, position: last.position } : undefined;
      } catch (error) {
        if (Date.now() > giveUpAt || this.#closing.signal.aborted) {
          throw new OutcomeUnknown(`The append to ${stream} could not be verified: ${messageOf(error)}`);
        }
        await this.#pause(attempt);
      }
    }
  }

  /** Yields the events of a read, and updates `status` by its result. */
  async *#watched(connection: Connection, events: AsyncGenerator<StoredEvent>): AsyncGenerator<StoredEvent> {
    try {
      yield* events;
      this.#reached();
    } catch (error) {
      if (error instanceof StoreUnavailable) this.#drop(connection, error.message);
      throw error;
    }
  }

  async #readStoreId(): Promise<string | undefined> {
    let storeId: unknown;
    for await (const { data } of this.read(STORE_STREAM, { limit: 1 })) ({ storeId } = data as { storeId?: unknown });
    return typeof storeId === 'string' ? storeId : undefined;
  }

  async #setMetadata(stream: string, metadata: Readonly<Record<string, number>>): Promise<void> {
    await this.append(`$$${stream}`, [{ id: randomUUID(), type: '$metadata', data: metadata, metadata: {} }], 'any');
  }

  #pause(attempt: number): Promise<void> {
    return this.#sleep(backoff(attempt + 1, PAUSES));
  }

  async #sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
  }
}

const unknown = (stream: string, reason: string): OutcomeUnknown =>
  new OutcomeUnknown(`The outcome of the append to ${stream} is unknown: ${reason}`);

function encode(events: readonly NewEvent[]): EncodedEvent[] {
  let bytes = 0;
  const encoded = events.map(({ id, type, data, metadata }) => {
    const event = { id, type, data: asJson(data), metadata: asJson(metadata) };
    bytes += storedBytes(event);
    return event;
  });
  if (bytes > MAX_APPEND_BYTES) throw new AppendTooLarge(bytes, MAX_APPEND_BYTES);
  return encoded;
}

/** The most bytes that an event counts towards `MAX_APPEND_BYTES`. */
const storedBytes = ({ type, data, metadata }: EncodedEvent): number =>
  data.bytes.length + metadata.bytes.length + 2 * type.length + EVENT_OVERHEAD_BYTES;
