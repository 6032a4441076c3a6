import { setMaxListeners } from 'node:events';
import type { Channel, ClientDuplexStream, Metadata, CallOptions } from '@grpc/grpc-js';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { STORE_STREAM } from '@cohort/contracts';
import { messageOf, type EventStoreAddress } from '@cohort/surroundings';
import { AppendStream, type Pulse } from './append-stream';
import { createClient } from './client';
import { StoreUnavailable } from './errors';
import { decodeEventsOf } from './read-response';
import { StreamsClient, type BatchAppendReq, type BatchAppendResp } from './wire';

/** Protected members of the client, used here: they find the server, and hold the channel and the credentials. */
interface ClientInternals {
  execute<T>(
    client: typeof StreamsClient,
    debugName: string,
    action: (client: InstanceType<typeof StreamsClient>) => Promise<T>,
  ): Promise<T>;
  callArguments(base: object, options: CallOptions): [Metadata, CallOptions];
  getChannel(): Promise<Channel>;
  createGRPCClient(client: typeof StreamsClient): Promise<InstanceType<typeof StreamsClient>>;
  handleError(): Promise<void>;
}

/** Milliseconds within which a new connection must answer. */
const CONNECT_TIMEOUT_MS = 2_000;

/**
 * Number of calls that carry appends in parallel. On a single call, gRPC writes one message at a time, so each append costs
 * its own small write, and its own small read at the server. Messages of several calls share a write.
 */
const APPEND_CALLS = 8;

/**
 * One connection to the server, used until it is in doubt. Then it is dropped, and a new one is opened.
 *
 * The client's own reconnecting isn't used. Its new channel shares the old, perhaps dead, TCP connection and its growing
 * pauses, and it can reject a promise without a handler, which ends the process.
 */
export class Connection {
  readonly client: EventStoreDBClient;
  readonly #closing = new AbortController();
  readonly #pulse: Pulse = { lastReplyAt: 0 };
  readonly #openAppends: AppendStream[] = [];
  #appends: Promise<readonly AppendStream[]> | undefined;
  #turn = 0;

  constructor(
    address: EventStoreAddress,
    private readonly appendTimeoutMs: number,
    private readonly onLost: (lost: Connection, why: string) => void,
  ) {
    this.client = createClient(address);
    const internals = this.#internals;
    internals.handleError = () => Promise.resolve();
    const create = internals.createGRPCClient.bind(this.client);
    internals.createGRPCClient = async (kind) => {
      const grpc = await create(kind);
      if (kind === StreamsClient) decodeEventsOf(grpc);
      return grpc;
    };
    // Every read in flight listens to it.
    setMaxListeners(0, this.#closing.signal);
  }

  /** Aborted when the connection is dropped. All its calls have ended then, although the client may not show it. */
  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  /** Returns the call for the next append, round robin. Each call was tested by a first round trip. */
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
        this.#testedCalls(),
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

  /**
   * Opens the calls, the first one alone: many simultaneous appends on a new connection can hang it
   * (KurrentDB-Client-NodeJS issue 304), and a single append before them prevents that.
   */
  async #testedCalls(): Promise<readonly AppendStream[]> {
    const first = await this.#testedCall();
    const others = Array.from({ length: APPEND_CALLS - 1 }, () => this.#testedCall());
    return [first, ...(await Promise.all(others))];
  }

  async #testedCall(): Promise<AppendStream> {
    const call = await this.#internals.execute(StreamsClient, 'batchAppend', (grpc) =>
      Promise.resolve<ClientDuplexStream<BatchAppendReq, BatchAppendResp>>(
        grpc.batchAppend(...this.#internals.callArguments({}, { deadline: Infinity })),
      ),
    );
    const stream = new AppendStream(call, this.appendTimeoutMs, this.#pulse, (why) => this.onLost(this, why));
    this.#openAppends.push(stream);
    if (this.closed.aborted) stream.close('the connection was dropped');
    // This round trip has its own time limit, because that of an append may be shorter.
    const test = await stream.send({ stream: STORE_STREAM, events: [], expected: 'any' }, CONNECT_TIMEOUT_MS);
    if (test.type === 'unknown') {
      throw new StoreUnavailable(`The event store can't be reached: ${stream.failure ?? test.reason}`);
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
