import { Logger, type INestApplication } from '@nestjs/common';
import {
  NatsContext,
  Server,
  Transport,
  type CustomTransportStrategy,
  type MessageHandler,
} from '@nestjs/microservices';
import {
  boundsOfSubject,
  errorBody,
  parseSubject,
  turnEnd,
  type ErrorBody,
  type RequestBounds,
} from '@cohort/contracts';
import { setTimeout as sleep } from 'node:timers/promises';
import { Match, type Msg, type MsgHdrs, type Subscription } from 'nats';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Bus } from './bus';
import { Endpoint } from './endpoint';
import { errorForCaller } from './errors';
import { FairTurns } from './fair-turns';
import { encodeReply, type Outcome } from './reply';
import { decodeRequest, refused, type Request } from './request';
import { requestHeaders } from './request-headers';
import { tenantOf } from './tenant-of';

export interface NatsServerOptions {
  readonly bus: Bus;
  /** Queue group. NATS sends each request to one of the processes in the group. */
  readonly queue: string;
  /** Largest number of concurrent requests. Further requests are answered `OVERLOADED` immediately. Default 10,000. */
  readonly maxInFlight?: number;
  /** Called for each request that was answered `OVERLOADED` because of `maxInFlight`, or of large requests that wait. */
  readonly onOverloaded?: () => void;
  /** Called for each answered request, with its name (`create`, `members`), `ok` or the error code, and its duration. */
  readonly observe?: (name: string, outcome: string, seconds: number) => void;
}

/** Milliseconds that requests in flight get to finish when the server closes. */
const DRAIN_MS = 5_000;
/** Milliseconds after which a flush without a reply is tried again. */
const FLUSH_MS = 500;

/** Bytes of a request above which it waits for its tenant's turn. */
const LARGE_BYTES = 8 * 1024;

/** A large request, and the function to call when it is done. */
interface LargeRequest {
  readonly request: Request;
  readonly end: () => void;
}

/** What a handler gets beside the data: subject and headers, and when the message came. */
export class RequestContext extends NatsContext {
  constructor(
    subject: string,
    headers: MsgHdrs | undefined,
    /** Milliseconds since 1970. */
    readonly receivedAt: number,
  ) {
    super([subject, headers]);
  }
}

/**
 * A NATS transport for Nest. Nest finds the handlers, and this class calls them without Nest's layers in between:
 *
 * - No message can end the process.
 * - A request in plain JSON gets a reply in plain JSON, and a request in Nest's envelope gets Nest's envelope.
 * - Each request is counted for discovery.
 * - The process's connection is shared.
 */
export class NatsServer extends Server implements CustomTransportStrategy {
  override readonly transportId = Transport.NATS;
  protected override readonly logger = new Logger(NatsServer.name);
  private readonly maxInFlight: number;
  private subscriptions: Subscription[] = [];
  private takeRequests: (() => void) | undefined;
  private closing: Promise<void> | undefined;
  private inFlight = 0;
  private readonly turns = new FairTurns();
  private readonly endOfTurn = turnEnd();
  private whenIdle: (() => void) | undefined;

  constructor(private readonly options: NatsServerOptions) {
    super();
    this.maxInFlight = options.maxInFlight ?? 10_000;
  }

  /** Subscribes to every subject that a controller handles. */
  listen(callback: (error?: unknown) => void): void {
    const { bus, queue } = this.options;
    const routes = [...this.messageHandlers].map(([subject, handler]) => {
      const { app, name } = parseSubject(subject) ?? { name: subject.replace(/[^A-Za-z0-9_-]+/g, '_') };
      const endpoint = new Endpoint(app === undefined ? name : `app-${name}`, subject, queue);
      const bounds = boundsOfSubject(subject);
      bus.addEndpoint(endpoint);
      const handle = (message: Msg) => void this.handle(handler, endpoint, name, message, bounds);
      return { subject, handle };
    });
    this.takeRequests = () => {
      this.subscriptions = routes.map(({ subject, handle }) => bus.requests.on(subject, handle, queue));
    };
    this.takeRequests();
    // The reply to the flush means that the server has the subscriptions, so the process may report that it is ready.
    void this.flushed().then(() => callback(), callback);
  }

  /** Flushes, again if the connection is lost meanwhile. Once it is back, the client subscribes again. */
  private async flushed(): Promise<void> {
    const { connection } = this.options.bus;
    while (!connection.isClosed()) {
      const lost = sleep(FLUSH_MS, 'lost', { ref: false });
      const result = await Promise.race([connection.flush().catch(() => lost), lost]);
      if (result !== 'lost') return;
    }
    throw new Error('The NATS connection was closed.');
  }

  /** Takes no new requests until `resume`. Those in flight are answered. */
  async pause(): Promise<void> {
    const paused = this.subscriptions;
    this.subscriptions = [];
    if (!this.options.bus.connection.isClosed()) await Promise.all(paused.map((subscription) => subscription.drain()));
  }

  /** Takes requests again. */
  async resume(): Promise<void> {
    if (this.closing !== undefined || this.subscriptions.length > 0) return;
    this.takeRequests?.();
    await this.flushed();
  }

  /** Takes no new requests and answers those in flight, for at most 5 s. The process's connection stays open. */
  close(): Promise<void> {
    this.closing ??= this.drain();
    return this.closing;
  }

  private async drain(): Promise<void> {
    if (!this.options.bus.connection.isClosed()) {
      await Promise.all(this.subscriptions.map((subscription) => subscription.drain()));
    }
    if (this.inFlight === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, DRAIN_MS);
      this.whenIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  on(): never {
    throw new Error('Listen to the status of the connection instead.');
  }

  unwrap<T>(): T {
    return this.options.bus.connection as T;
  }

  /** Handles one message and sends its reply. Never rejects. */
  private async handle(
    handler: MessageHandler,
    endpoint: Endpoint,
    name: string,
    message: Msg,
    bounds: RequestBounds,
  ): Promise<void> {
    const started = performance.now();
    const receivedAt = Date.now();
    this.inFlight += 1;
    const headers = requestHeaders(message);
    const reading = headers.ok
      ? this.read(message, bounds)
      : refused(message.data, errorBody('VALIDATION_FAILED', headers.reason));
    let request: Request;
    let end: (() => void) | undefined;
    // A small request is read already. Nearly all are, so no turn of microtasks is spent on them.
    if (reading instanceof Promise) ({ request, end } = await reading);
    else request = reading;
    let outcome: Outcome;
    if (!request.ok) {
      outcome = request;
    } else {
      try {
        const context = new RequestContext(message.subject, headers.ok ? headers.all : undefined, receivedAt);
        const value: unknown = await handler(request.data, context);
        outcome = { ok: true, value: isObservable(value) ? await lastValueFrom(value, { defaultValue: null }) : value };
      } catch (error) {
        outcome = { ok: false, error: errorForCaller(error, this.logger).toBody() };
      }
      await this.endOfTurn();
    }
    end?.();
    this.inFlight -= 1;
    const error = this.reply(message, outcome, request.nestId);
    const milliseconds = performance.now() - started;
    endpoint.count(milliseconds, error);
    this.options.observe?.(name, error?.code ?? 'ok', milliseconds / 1_000);
    if (this.inFlight === 0) this.whenIdle?.();
  }

  /** Reads a request: a small one now, a large one in its tenant's turn, none if too many are in flight. */
  private read(message: Msg, bounds: RequestBounds): Request | Promise<LargeRequest> {
    const { subject, data } = message;
    if (this.inFlight > this.maxInFlight) return this.overloaded(message);
    if (data.length <= LARGE_BYTES || data.length > bounds.bytes) return decodeRequest(data, bounds);
    const turn = this.turns.next(tenantOf(subject, data), data.length);
    if (turn === undefined) return this.overloaded(message);
    return turn.then((end) => ({ request: decodeRequest(data, bounds), end }));
  }

  private overloaded({ data }: Msg): Request {
    this.options.onOverloaded?.();
    return refused(data, errorBody('OVERLOADED', 'Too many requests are in flight on this node. Retry later.'));
  }

  /** Replies if the message asks for a reply. Returns the error that was sent, if any. */
  private reply(message: Msg, outcome: Outcome, nestId: string | undefined): ErrorBody | undefined {
    const { reply, error } = this.encode(outcome, nestId);
    try {
      if (message.reply) message.respond(reply.data, reply.headers ? { headers: reply.headers } : undefined);
    } catch (failure) {
      // The connection was closed meanwhile. The caller retries or gives up.
      this.logger.warn({ err: failure, subject: message.subject }, 'a reply could not be sent');
    }
    return error;
  }

  private encode(outcome: Outcome, nestId: string | undefined) {
    try {
      return encodeReply(outcome, nestId, this.options.bus.maxPayload);
    } catch (failure) {
      // The handler returned a value that JSON can't represent.
      const error = errorForCaller(failure, this.logger).toBody();
      return encodeReply({ ok: false, error }, nestId, this.options.bus.maxPayload);
    }
  }
}

/** Returns a header of the handler's request, ignoring the case of the name, or undefined if it is missing. */
export function requestHeader(context: NatsContext, name: string): string | undefined {
  const all = context.getHeaders() as MsgHdrs | undefined;
  return all?.has(name, Match.IgnoreCase) ? all.get(name, Match.IgnoreCase) : undefined;
}

/** Serves the application's controllers on NATS. Closing the returned server ends that. */
export async function serveNats(app: INestApplication, options: NatsServerOptions): Promise<NatsServer> {
  const server = new NatsServer(options);
  app.connectMicroservice({ strategy: server });
  await app.startAllMicroservices();
  return server;
}
