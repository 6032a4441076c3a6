import { turnEnd, type ConfiguredStream } from '@cohort/contracts';
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  ErrorCode,
  Events,
  NatsError,
  RetentionPolicy,
  StorageType,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  type NatsConnection,
  type StreamConfig,
  type StreamInfo,
} from 'nats';
import { headerLookup, headerValues, msgHeaders } from './headers';
import { JETSTREAM_CODES, translated, unlessCode } from './jetstream-errors';
import { PublishAcks, type Published } from './publish-acks';

/** The settings of a stream that this service sets. All others stay as the operator set them. */
export interface StreamSettings {
  readonly name: string;
  readonly subjects: readonly string[];
  /** The stream drops messages older than this. */
  readonly maxAgeMs: number;
  /** The stream drops its oldest messages beyond this size. */
  readonly maxBytes: number;
  /** The time in which the server detects a repeated `Nats-Msg-Id`. */
  readonly duplicateWindowMs: number;
  /** Applied only when the stream is created. */
  readonly replicas: number;
}

export interface StreamState {
  /** When the stream was created. A different time means a different stream with the same name. */
  readonly created: string;
  /** Sequence of the oldest message left by expiry and purge; `lastSequence + 1` if none is left. */
  readonly firstSequence: number;
  /** Sequence of the last message ever stored, even if it has expired or was purged; 0 for none. */
  readonly lastSequence: number;
  readonly messages: number;
  /** Largest message that the stream accepts, in bytes; -1 for the server's limit. */
  readonly maxMessageBytes: number;
  readonly maxBytes: number;
  /** `limits`: messages stay until they are too old or too many. */
  readonly retention: string;
  readonly noAck: boolean;
}

export interface StreamMessage {
  readonly sequence: number;
  readonly subject: string;
  /** Returns a header's value, ignoring the case of the name, or undefined if the header is missing. */
  header(name: string): string | undefined;
}

/** A message of a stream with all that it holds. */
export interface StoredMessage extends StreamMessage {
  /** All headers: names in lower case, with their values. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Uint8Array;
}

/** The conditions of a publish (optimistic concurrency), and its message id. */
export interface Expectation {
  readonly stream: string;
  /** Sent as `Nats-Msg-Id`. */
  readonly id: string;
  /** The stream must be at this sequence, else the publish fails with `WrongSequence`. */
  readonly lastSequence: number;
  /** The stream's last message must have this id. Undefined: no check. */
  readonly lastId?: string;
}

/** A message of a durable consumer. */
export interface Delivery extends StreamMessage {
  json(): unknown;
  ack(): void;
  /** Requests that the message is delivered again after this time. */
  retry(afterMs: number): void;
}

export interface ConsumeOptions {
  readonly signal: AbortSignal;
  /** Called once the consumer exists. */
  onReady(): void;
  /** Awaited before each fetch. Resolves when the caller has capacity for more messages. */
  whenFree(): Promise<void>;
  onDelivery(message: Delivery): void;
}

const REQUEST_TIMEOUT_MS = 5_000;
const PUBLISH_TIMEOUT_MS = 5_000;
const NANOS = 1_000_000;

/** The JetStream calls of the worker, on the process's connection. Error messages are for operators. */
export class JetStream {
  private readonly client: JetStreamClient;
  private readonly acks: PublishAcks;
  private readonly endOfTurn = turnEnd();
  private manager: Promise<JetStreamManager> | undefined;

  constructor(private readonly connection: NatsConnection) {
    this.client = connection.jetstream();
    this.acks = new PublishAcks(connection, PUBLISH_TIMEOUT_MS);
  }

  /**
   * Calls the listener each time the connection is lost. Messages sent shortly before may or may not have arrived.
   * Returns a function that removes the listener.
   */
  onConnectionLost(listener: () => void): () => void {
    const statuses = this.connection.status();
    void (async () => {
      for await (const { type } of statuses) if (type === Events.Disconnect) listener();
    })();
    return () => (statuses as { stop?: () => void }).stop?.();
  }

  /** Returns names and subjects of all streams of this account. */
  async streams(): Promise<ConfiguredStream[]> {
    return this.call(async (manager) => {
      const streams: ConfiguredStream[] = [];
      for await (const { config } of manager.streams.list())
        streams.push({ name: config.name, subjects: config.subjects ?? [], noAck: config.no_ack ?? false });
      return streams;
    });
  }

  /** Returns the stream's state, or undefined if there is no such stream. */
  state(name: string): Promise<StreamState | undefined> {
    return this.call((manager) => manager.streams.info(name).then(stateOf, unlessCode(JETSTREAM_CODES.noStream)));
  }

  /** Creates the stream, or updates the existing stream to these settings. */
  ensureStream({ name, subjects, replicas, ...limits }: StreamSettings): Promise<StreamState> {
    return this.call(async (manager) => {
      const info = await manager.streams.info(name).catch(unlessCode(JETSTREAM_CODES.noStream));
      const wanted: Partial<StreamConfig> = {
        subjects: [...subjects],
        max_age: limits.maxAgeMs * NANOS,
        max_bytes: limits.maxBytes,
        duplicate_window: limits.duplicateWindowMs * NANOS,
        discard: DiscardPolicy.Old,
      };
      if (info === undefined) {
        const fixed = { name, storage: StorageType.File, retention: RetentionPolicy.Limits, num_replicas: replicas };
        return stateOf(await manager.streams.add({ ...fixed, ...wanted }));
      }
      const config = info.config as unknown as Record<string, unknown>;
      const differs = Object.entries(wanted).some(
        ([key, value]) => JSON.stringify(config[key]) !== JSON.stringify(value),
      );
      return stateOf(differs ? await manager.streams.update(name, wanted) : info);
    });
  }

  /** Reads the message with this sequence from the stream's leader. */
  messageAt(stream: string, sequence: number): Promise<StoredMessage | undefined> {
    return this.call((manager) =>
      manager.streams.getMessage(stream, { seq: sequence }).then(
        (stored): StoredMessage => ({
          sequence: stored.seq,
          subject: stored.subject,
          header: headerLookup(() => stored.header),
          headers: headerValues(() => stored.header),
          body: stored.data,
        }),
        unlessCode(JETSTREAM_CODES.noMessage),
      ),
    );
  }

  /**
   * Publishes a message and awaits JetStream's acknowledgement.
   *
   * @throws WrongSequence, NoJetStream the message was not stored; after any other error it may have been
   */
  async publish(
    subject: string,
    body: string,
    values: Readonly<Record<string, string>>,
    { stream, id, lastSequence, lastId }: Expectation,
  ): Promise<Published> {
    const headers = msgHeaders({
      ...values,
      'Nats-Msg-Id': id,
      'Nats-Expected-Stream': stream,
      'Nats-Expected-Last-Sequence': String(lastSequence),
      ...(lastId === undefined ? {} : { 'Nats-Expected-Last-Msg-Id': lastId }),
    });
    await this.endOfTurn();
    try {
      return await this.acks.publish(subject, body, headers);
    } catch (error) {
      throw translated(error);
    }
  }

  /**
   * Delivers the messages of a durable consumer. A missing consumer is created, and begins with the stream's first message.
   * A message is delivered again until it is acknowledged; at most 1,000 are unacknowledged at the same time. Processes that use
   * the same consumer share its messages. Resolves when `signal` is aborted. Rejects if the stream or the consumer is
   * deleted or can't be reached.
   */
  async deliveries(stream: string, durable: string, options: ConsumeOptions): Promise<void> {
    await this.call(async ({ consumers }) => {
      const info = await consumers.info(stream, durable).catch(unlessCode(JETSTREAM_CODES.noConsumer));
      if (info) return;
      await consumers.add(stream, {
        durable_name: durable,
        ack_policy: AckPolicy.Explicit,
        deliver_policy: DeliverPolicy.All,
        ack_wait: 30_000 * NANOS,
        max_ack_pending: 1_000,
      });
    });
    const { signal } = options;
    const consumer = await this.client.consumers.get(stream, durable);
    options.onReady();
    for (;;) {
      await options.whenFree();
      if (signal.aborted) return;
      const messages = await consumer.fetch({ max_messages: 256, expires: 2_000 });
      const stop = (): void => messages.stop();
      signal.addEventListener('abort', stop);
      let count = 0;
      try {
        for await (const message of messages) {
          count += 1;
          const delivered = delivery(message);
          // Deliveries of one turn are handled together, so that messages sent by their handlers share a write.
          void this.endOfTurn().then(() => options.onDelivery(delivered));
        }
      } finally {
        signal.removeEventListener('abort', stop);
      }
      // An empty fetch may mean that the consumer was deleted. `info` throws in that case.
      if (count === 0 && !signal.aborted) await this.call((manager) => manager.consumers.info(stream, durable));
    }
  }

  private async call<T>(request: (manager: JetStreamManager) => Promise<T>): Promise<T> {
    this.manager ??= this.connection.jetstreamManager({ checkAPI: false, timeout: REQUEST_TIMEOUT_MS });
    const { manager } = this;
    // One that could not be made is made again by the next call.
    manager.catch(() => (this.manager = undefined));
    try {
      return await request(await manager);
    } catch (error) {
      throw translated(error);
    }
  }
}

const stateOf = ({ created, state, config }: StreamInfo): StreamState => ({
  created: String(created),
  firstSequence: state.first_seq,
  lastSequence: state.last_seq,
  messages: state.messages,
  maxMessageBytes: config.max_msg_size,
  maxBytes: config.max_bytes,
  retention: config.retention,
  noAck: config.no_ack ?? false,
});

const delivery = (message: JsMsg): Delivery => ({
  sequence: message.seq,
  subject: message.subject,
  header: headerLookup(() => message.headers),
  json: () => message.json(),
  // Without a connection the message is delivered again.
  ack: () => unlessClosed(() => message.ack()),
  retry: (afterMs) => unlessClosed(() => message.nak(afterMs)),
});

/** Runs it. A connection that is closed, or closes, is no failure. */
function unlessClosed(send: () => void): void {
  try {
    send();
  } catch (error) {
    const code = error instanceof NatsError ? (error.code as ErrorCode) : undefined;
    if (code !== ErrorCode.ConnectionClosed && code !== ErrorCode.ConnectionDraining) throw error;
  }
}
