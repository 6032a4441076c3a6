import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  Events,
  RetentionPolicy,
  StorageType,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  type NatsConnection,
  type StreamConfig,
  type StreamInfo,
} from 'nats';
import { headerLookup, msgHeaders } from './headers';
import { JETSTREAM_CODES, translated, unlessCode } from './jetstream-errors';
import { PublishAcks, type Published } from './publish-acks';
import { turns } from './turns';

/** A stream as this service wants it; what isn't named stays as an operator set it. */
export interface StreamSettings {
  readonly name: string;
  readonly subjects: readonly string[];
  /** Messages older than this are dropped. */
  readonly maxAgeMs: number;
  /** Beyond it the oldest messages are dropped. */
  readonly maxBytes: number;
  /** For how long the server knows a `Nats-Msg-Id` again. */
  readonly duplicateWindowMs: number;
  /** Only when the stream is made. */
  readonly replicas: number;
}

export interface StreamState {
  /** When the stream was made: another time means another stream of the same name. */
  readonly created: string;
  /** Below it there is nothing any more: expiry and purge remove from the front. One above the last when all is gone. */
  readonly firstSequence: number;
  /** The sequence of the last message there ever was; 0 for none. Expiry and purge leave it. */
  readonly lastSequence: number;
  readonly messages: number;
  /** Largest message it takes, in bytes; -1 for as large as the server's. */
  readonly maxMessageBytes: number;
  readonly maxBytes: number;
  /** `limits` when messages stay until they are too old or too many. */
  readonly retention: string;
  readonly noAck: boolean;
}

export interface StreamMessage {
  readonly sequence: number;
  readonly subject: string;
  /** A header's value, whatever the case of its name; undefined when it isn't there. */
  header(name: string): string | undefined;
}

/** What a publish names beside the message itself. */
export interface Expectation {
  readonly stream: string;
  /** `Nats-Msg-Id`. */
  readonly id: string;
  /** The stream must be at this sequence, else the message is refused (`WrongSequence`). */
  readonly lastSequence: number;
  /** And its last message must have this id; undefined for whatever is there. */
  readonly lastId?: string;
}

/** A message of a durable consumer. */
export interface Delivery extends StreamMessage {
  json(): unknown;
  /** It is done with. */
  ack(): void;
  /** It shall come again, after a while. */
  retry(afterMs: number): void;
}

export interface Listening {
  readonly signal: AbortSignal;
  /** The consumer is there. */
  onReady(): void;
  /** Resolves when there is time for more; asked before each fetch. */
  whenFree(): Promise<void>;
  onDelivery(message: Delivery): void;
}

const REQUEST_TIMEOUT_MS = 5_000;
const PUBLISH_TIMEOUT_MS = 5_000;
const NANOS = 1_000_000;

/** JetStream as the worker needs it, on a process's one connection. Errors are sentences for an operator. */
export class JetStream {
  private readonly client: JetStreamClient;
  private readonly acks: PublishAcks;
  private readonly endOfTurn = turns();
  private manager: Promise<JetStreamManager> | undefined;

  constructor(private readonly connection: NatsConnection) {
    this.client = connection.jetstream();
    this.acks = new PublishAcks(connection, PUBLISH_TIMEOUT_MS);
  }

  /** Calls back each time the connection is lost; returns what ends that. What was sent may or may not have arrived. */
  onConnectionLost(listener: () => void): () => void {
    const statuses = this.connection.status();
    void (async () => {
      for await (const { type } of statuses) if (type === Events.Disconnect) listener();
    })();
    return () => (statuses as { stop?: () => void }).stop?.();
  }

  /** Names and subjects of all streams of this account. */
  async streams(): Promise<{ readonly name: string; readonly subjects: readonly string[] }[]> {
    return this.told(async (manager) => {
      const streams: { name: string; subjects: readonly string[] }[] = [];
      for await (const { config } of manager.streams.list())
        streams.push({ name: config.name, subjects: config.subjects ?? [] });
      return streams;
    });
  }

  /** How the stream stands; undefined when there is none. */
  state(name: string): Promise<StreamState | undefined> {
    return this.told((manager) => manager.streams.info(name).then(stateOf, unlessCode(JETSTREAM_CODES.noStream)));
  }

  /** Makes the stream, or brings the one there is to these settings. */
  ensureStream({ name, subjects, replicas, ...limits }: StreamSettings): Promise<StreamState> {
    return this.told(async (manager) => {
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

  /** The message with this sequence, as the stream's leader knows it. */
  messageAt(stream: string, sequence: number): Promise<StreamMessage | undefined> {
    return this.told((manager) =>
      manager.streams.getMessage(stream, { seq: sequence }).then(
        ({ seq, subject, header }): StreamMessage => ({
          sequence: seq,
          subject,
          header: headerLookup(header),
        }),
        unlessCode(JETSTREAM_CODES.noMessage),
      ),
    );
  }

  /** @throws WrongSequence, NoJetStream; anything else (a timeout) leaves open whether it was taken */
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
   * Hands on the messages of a durable consumer, which is made when it isn't there and begins with the stream's first.
   * Each comes until it is acknowledged, at most 1,000 at once; several processes share them. Resolves when `signal` is
   * aborted; rejects when stream or consumer are gone, or can't be reached.
   */
  async deliveries(stream: string, durable: string, listening: Listening): Promise<void> {
    await this.told(async ({ consumers }) => {
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
    const { signal } = listening;
    const consumer = await this.client.consumers.get(stream, durable);
    listening.onReady();
    for (;;) {
      await listening.whenFree();
      if (signal.aborted) return;
      const messages = await consumer.fetch({ max_messages: 256, expires: 2_000 });
      const stop = (): void => messages.stop();
      signal.addEventListener('abort', stop);
      let count = 0;
      try {
        for await (const message of messages) {
          count += 1;
          const delivered = delivery(message);
          // What all that came in this turn make the listener send leaves together.
          void this.endOfTurn().then(() => listening.onDelivery(delivered));
        }
      } finally {
        signal.removeEventListener('abort', stop);
      }
      // An empty round may mean that there is nothing to fetch from: this throws then.
      if (count === 0 && !signal.aborted) await this.told((manager) => manager.consumers.info(stream, durable));
    }
  }

  private async told<T>(call: (manager: JetStreamManager) => Promise<T>): Promise<T> {
    this.manager ??= this.connection.jetstreamManager({ checkAPI: false, timeout: REQUEST_TIMEOUT_MS });
    try {
      return await call(await this.manager);
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
  header: headerLookup(message.headers),
  json: () => message.json(),
  ack: () => message.ack(),
  retry: (afterMs) => message.nak(afterMs),
});
