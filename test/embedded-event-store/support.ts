import { randomUUID } from 'node:crypto';
import { Metadata, credentials, type ServiceError } from '@grpc/grpc-js';
import {
  EventStoreDBClient,
  jsonEvent,
  type AllStreamResolvedEvent,
  type JSONEventType,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import {
  BatchAppendReq,
  type BatchAppendResp,
  ReadReq,
  type ReadResp,
  type DeleteReq,
  type AppendReq,
  type AppendResp,
} from '@eventstore/db-client/generated/streams_pb';

/** Creates a small event, by default with a new id. */
export const anEvent = (n = 0, id: string = randomUUID()) =>
  jsonEvent<JSONEventType<'happened', { n: number }>>({ id, type: 'happened', data: { n } });

export const someEvents = (count: number) => Array.from({ length: count }, (_, n) => anEvent(n));

export const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
};

/** Collects the first items of an endless source. */
export const take = async <T>(source: AsyncIterable<T>, count: number): Promise<T[]> => {
  const some: T[] = [];
  for await (const item of source) if (some.push(item) === count) break;
  return some;
};

export const revisions = (events: (ResolvedEvent | AllStreamResolvedEvent)[]): number[] =>
  events.map(({ event }) => Number(event?.revision));

export const failure = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('This should have failed.');
};

export const connect = (connectionString: string): EventStoreDBClient =>
  EventStoreDBClient.connectionString(connectionString);

/** The generated stubs, for details that the client hides. */
export const rawClient = (port: number): StreamsClient =>
  new StreamsClient(`127.0.0.1:${port}`, credentials.createInsecure());

export const identifier = (stream: string): StreamIdentifier =>
  new StreamIdentifier().setStreamName(Buffer.from(stream));

export const basic = (user: string, password: string): Metadata => {
  const metadata = new Metadata();
  metadata.set('authorization', `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
  return metadata;
};

/** Collects the responses of a Read until it ends, or until `enough`. Rejects with the call's error. */
export const rawRead = (
  raw: StreamsClient,
  options: ReadReq.Options,
  enough: (responses: ReadResp[]) => boolean = () => false,
  metadata = new Metadata(),
): Promise<ReadResp[]> =>
  new Promise((resolve, reject) => {
    const responses: ReadResp[] = [];
    const call = raw.read(new ReadReq().setOptions(options), metadata);
    call.on('data', (response: ReadResp) => {
      responses.push(response);
      if (!enough(responses)) return;
      resolve(responses);
      call.cancel();
    });
    call.on('error', reject);
    call.on('end', () => resolve(responses));
  });

/** A forwards read of `$all` from the start, which tests modify. */
export const readAllOptions = (): ReadReq.Options =>
  new ReadReq.Options()
    .setAll(new ReadReq.Options.AllOptions().setStart(new Empty()))
    .setCount('1000')
    .setNoFilter(new Empty())
    .setUuidOption(new ReadReq.Options.UUIDOption().setString(new Empty()));

export const readStreamOptions = (stream: string): ReadReq.Options =>
  new ReadReq.Options()
    .setStream(new ReadReq.Options.StreamOptions().setStreamIdentifier(identifier(stream)).setStart(new Empty()))
    .setCount('1000')
    .setNoFilter(new Empty())
    .setUuidOption(new ReadReq.Options.UUIDOption().setString(new Empty()));

export const subscribing = (options: ReadReq.Options): ReadReq.Options => {
  options.clearCount();
  return options.setSubscription(new ReadReq.Options.SubscriptionOptions());
};

export const uuid = (id: string = randomUUID()): UUID => new UUID().setString(id);

/** An error from the wire, with its trailers. */
export const onTheWire = (error: unknown) => {
  const { code, details, metadata } = error as ServiceError;
  const { 'content-type': _, date: __, ...trailers } = metadata.getMap();
  return { code, details, trailers };
};

export const rawAppend = (raw: StreamsClient, requests: AppendReq[], metadata = new Metadata()) =>
  new Promise<AppendResp>((resolve, reject) => {
    const call = raw.append(metadata, (error, response) => (error ? reject(error) : resolve(response)));
    call.on('error', () => undefined);
    for (const request of requests) call.write(request);
    call.end();
  });

export const rawDelete = (raw: StreamsClient, request: DeleteReq, metadata = new Metadata()) =>
  new Promise((resolve, reject) => {
    raw.delete(request, metadata, (error, response) => (error ? reject(error) : resolve(response)));
  });

/** A batch append call that stays open. `reply` returns the next response. */
export class RawBatches {
  private readonly replies: BatchAppendResp[] = [];
  private wake: (() => void) | undefined;
  readonly call: ReturnType<StreamsClient['batchAppend']>;
  error: ServiceError | undefined;
  ended = false;

  constructor(raw: StreamsClient, metadata = new Metadata()) {
    this.call = raw.batchAppend(metadata);
    this.call.on('data', (response: BatchAppendResp) => {
      this.replies.push(response);
      this.wake?.();
    });
    this.call.on('error', (error: ServiceError) => {
      this.error = error;
      this.wake?.();
    });
    this.call.on('end', () => (this.ended = true));
  }

  async reply(): Promise<BatchAppendResp> {
    while (this.replies.length === 0) {
      if (this.error) throw this.error;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    const next = this.replies.shift();
    if (!next) throw new Error('No reply.');
    return next;
  }

  get unread(): number {
    return this.replies.length;
  }
}

export const proposed = (n = 0, id = randomUUID()): BatchAppendReq.ProposedMessage => {
  const message = new BatchAppendReq.ProposedMessage().setId(uuid(id)).setData(Buffer.from(JSON.stringify({ n })));
  message.getMetadataMap().set('type', 'happened').set('content-type', 'application/json');
  return message;
};
