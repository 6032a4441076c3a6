import { setMaxListeners } from 'node:events';
import type { Channel, ClientDuplexStream, Metadata, CallOptions } from '@grpc/grpc-js';
import { EventStoreDBClient } from '@eventstore/db-client';
import { STORE_STREAM } from '@cohort/contracts';
import { AppendStream, type Pulse } from './append-stream';
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

/**
 * Calls over which appends go side by side. gRPC writes a call's next message when the one before has left, so that a
 * single call is one small write, and one small read at the server, for each append; the messages of several share one.
 */
const APPEND_CALLS = 8;

let generation = 0;

/**
 * One connection to the server, from first use until it is in doubt; then it is dropped and another one made, because the
 * client's own ways fail a process that must live: its reconnecting shares the old (perhaps dead) TCP connection and
 * its growing pauses with the new channel, and can reject a promise that nobody holds.
 */
export class Connection {
  readonly client: EventStoreDBClient;
  readonly #closing = new AbortController();
  readonly #pulse: Pulse = { heardAt: 0 };
  readonly #openAppends: AppendStream[] = [];
  #appends: Promise<readonly AppendStream[]> | undefined;
  #turn = 0;

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

  /** The call for the next append: they take turns, each proved by a first round trip before anyone uses it. */
  async appends(): Promise<AppendStream> {
    this.#appends ??= this.#open();
    const calls = await this.#appends;
    this.#turn = (this.#turn + 1) % calls.length;
    return calls[this.#turn]!;
  }

  close(reason: string): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new StoreUnavailable(reason));
    for (const call of this.#openAppends) call.close(reason);
    void this.#dispose();
  }

  async #open(): Promise<readonly AppendStream[]> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await Promise.race([
        this.#provedCalls(),
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
  async #provedCalls(): Promise<readonly AppendStream[]> {
    const first = await this.#proved();
    const others = Array.from({ length: APPEND_CALLS - 1 }, () => this.#proved());
    return [first, ...(await Promise.all(others))];
  }

  async #proved(): Promise<AppendStream> {
    const call = await this.#internals.execute(StreamsClient, 'batchAppend', (grpc) =>
      Promise.resolve<ClientDuplexStream<BatchAppendReq, BatchAppendResp>>(
        grpc.batchAppend(...this.#internals.callArguments({}, { deadline: Infinity })),
      ),
    );
    const stream = new AppendStream(call, this.appendTimeoutMs, this.#pulse, (why) => this.onLost(this, why));
    this.#openAppends.push(stream);
    if (this.closed.aborted) stream.close('the connection was dropped');
    // Connecting has its own time, however little an append is given.
    const proof = await stream.send({ stream: STORE_STREAM, events: [], expected: 'any' }, CONNECT_TIMEOUT_MS);
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
