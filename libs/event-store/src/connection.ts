import { setMaxListeners } from 'node:events';
import type { Channel, ClientDuplexStream, Metadata, CallOptions } from '@grpc/grpc-js';
import { EventStoreDBClient } from '@eventstore/db-client';
import { STORE_STREAM } from '@cohort/contracts';
import { AppendStream } from './append-stream';
import { StoreUnavailable } from './errors';
import { StreamsClient, type BatchAppendReq, type BatchAppendResp } from './wire';

/** What the client keeps protected and we need: it finds the server, holds the channel and the credentials. */
interface ClientInternals {
  execute<T>(
    client: typeof StreamsClient,
    debugName: string,
    action: (client: InstanceType<typeof StreamsClient>) => Promise<T>,
  ): Promise<T>;
  callArguments(base: object, options: CallOptions): [Metadata, CallOptions];
  getChannel(): Promise<Channel>;
  handleError(): Promise<void>;
}

/** Milliseconds within which a fresh connection must answer. */
const CONNECT_TIMEOUT_MS = 2_000;

let generation = 0;

/**
 * One connection to the server, from first use until it is in doubt; then it is dropped and another one made, because the
 * client's own ways fail a process that must live: its reconnecting shares the old (perhaps dead) TCP connection and
 * its growing pauses with the new channel, and can reject a promise that nobody holds.
 */
export class Connection {
  readonly client: EventStoreDBClient;
  readonly #closing = new AbortController();
  #appends: Promise<AppendStream> | undefined;
  #openAppends: AppendStream | undefined;

  constructor(
    url: string,
    private readonly appendTimeoutMs: number,
    private readonly onLost: (lost: Connection, why: string) => void,
  ) {
    this.client = EventStoreDBClient.connectionString(ofItsOwn(url));
    this.#internals.handleError = () => Promise.resolve();
    // Every read in flight listens.
    setMaxListeners(0, this.#closing.signal);
  }

  /** Aborted when the connection was dropped: calls on it are over, however they look (the client hides it). */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** The call over which appends go: one for all, proved by a first round trip before anyone uses it. */
  appends(): Promise<AppendStream> {
    this.#appends ??= this.#open();
    return this.#appends;
  }

  close(reason: string): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new StoreUnavailable(reason));
    this.#openAppends?.close(reason);
    void this.#dispose();
  }

  async #open(): Promise<AppendStream> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await Promise.race([
        this.#proved(),
        new Promise<never>((_, reject) => {
          const timedOut = new StoreUnavailable(`The event store did not answer within ${CONNECT_TIMEOUT_MS} ms.`);
          timer = setTimeout(() => reject(timedOut), CONNECT_TIMEOUT_MS);
        }),
      ]);
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      throw new StoreUnavailable(`The event store can't be reached: ${messageOf(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Many appends at once on a fresh connection can hang it (KurrentDB-Client-NodeJS issue 304); one before cures it. */
  async #proved(): Promise<AppendStream> {
    const call = await this.#internals.execute(StreamsClient, 'batchAppend', (grpc) =>
      Promise.resolve<ClientDuplexStream<BatchAppendReq, BatchAppendResp>>(
        grpc.batchAppend(...this.#internals.callArguments({}, { deadline: Infinity })),
      ),
    );
    const stream = new AppendStream(call, this.appendTimeoutMs, (why) => this.onLost(this, why));
    this.#openAppends = stream;
    if (this.closed.aborted) stream.close('the connection was dropped');
    const proof = await stream.send({ stream: STORE_STREAM, events: [], expected: 'any' });
    if (proof.type === 'unknown') {
      throw new StoreUnavailable(`The event store can't be reached: ${stream.failure ?? proof.reason}`);
    }
    return stream;
  }

  async #dispose(): Promise<void> {
    try {
      await this.client.dispose();
      (await this.#internals.getChannel()).close();
    } catch {
      // Nothing was connected.
    }
  }

  get #internals(): ClientInternals {
    return this.client as unknown as ClientInternals;
  }
}

/**
 * gRPC shares TCP connections, dead ones included, among channels whose options are equal; an interval that differs by
 * milliseconds gives each connection its own.
 */
function ofItsOwn(url: string): string {
  generation += 1;
  const interval = Number(/[?&]keepAliveInterval=(\d+)/i.exec(url)?.[1] ?? 10_000) + (generation % 1_000);
  const timeout = /[?&]keepAliveTimeout=/i.test(url) ? '' : '&keepAliveTimeout=5000';
  return `${url}${url.includes('?') ? '&' : '?'}keepAliveInterval=${interval}${timeout}`;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
