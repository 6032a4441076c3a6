import { Logger, type INestApplication } from '@nestjs/common';
import {
  NatsContext,
  Server,
  Transport,
  type CustomTransportStrategy,
  type MessageHandler,
} from '@nestjs/microservices';
import { errorBody, parseSubject, turnEnd, type ErrorBody } from '@cohort/contracts';
import { Match, type Msg, type MsgHdrs, type Subscription } from 'nats';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Bus } from './bus';
import { Endpoint } from './endpoint';
import { errorForCaller } from './errors';
import { encodeReply, type Outcome } from './reply';
import { decodeRequest, type Request } from './request';
import { requestHeaders } from './request-headers';

export interface NatsServerOptions {
  readonly bus: Bus;
  /** Queue group. NATS sends each request to one of the processes in the group. */
  readonly queue: string;
  /** Largest number of concurrent requests. Further requests are answered `OVERLOADED` immediately. Default 10,000. */
  readonly maxInFlight?: number;
  /** Called for each request that was answered `OVERLOADED` because of `maxInFlight`. */
  readonly onOverloaded?: () => void;
  /** Called for each answered request, with its name (`create`, `members`), `ok` or the error code, and its duration. */
  readonly observe?: (name: string, outcome: string, seconds: number) => void;
}

/** Milliseconds that requests in flight get to finish when the server closes. */
const DRAIN_MS = 5_000;

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
  private readonly subscriptions: Subscription[] = [];
  private closing: Promise<void> | undefined;
  private inFlight = 0;
  private readonly endOfTurn = turnEnd();
  private whenIdle: (() => void) | undefined;

  constructor(private readonly options: NatsServerOptions) {
    super();
    this.maxInFlight = options.maxInFlight ?? 10_000;
  }

  /** Subscribes to every subject that a controller handles. */
  listen(callback: (error?: unknown) => void): void {
    const { bus, queue } = this.options;
    for (const [subject, handler] of this.messageHandlers) {
      const { app, name } = parseSubject(subject) ?? { name: subject.replace(/[^A-Za-z0-9_-]+/g, '_') };
      const endpoint = new Endpoint(app === undefined ? name : `app-${name}`, subject, queue);
      bus.addEndpoint(endpoint);
      const handle = (message: Msg) => void this.handle(handler, endpoint, name, message);
      this.subscriptions.push(bus.requests.on(subject, handle, queue));
    }
    // The reply to the flush means that the server has the subscriptions, so the process may report that it is ready.
    bus.connection.flush().then(() => callback(), callback);
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
  private async handle(handler: MessageHandler, endpoint: Endpoint, name: string, message: Msg): Promise<void> {
    const started = performance.now();
    const headers = requestHeaders(message);
    const request: Request = headers.ok ? decodeRequest(message.data) : headers;
    let outcome: Outcome;
    if (!request.ok) {
      outcome = { ok: false, error: errorBody('VALIDATION_FAILED', request.reason) };
    } else if (this.inFlight >= this.maxInFlight) {
      this.options.onOverloaded?.();
      outcome = {
        ok: false,
        error: errorBody('OVERLOADED', 'Too many requests are in flight on this node. Retry later.'),
      };
    } else {
      this.inFlight += 1;
      try {
        const value: unknown = await handler(
          request.data,
          new NatsContext([message.subject, headers.ok ? headers.all : undefined]),
        );
        outcome = { ok: true, value: isObservable(value) ? await lastValueFrom(value, { defaultValue: null }) : value };
      } catch (error) {
        outcome = { ok: false, error: errorForCaller(error, this.logger).toBody() };
      }
      await this.endOfTurn();
      this.inFlight -= 1;
    }
    const error = this.reply(message, outcome, request.nestId);
    const milliseconds = performance.now() - started;
    endpoint.count(milliseconds, error);
    this.options.observe?.(name, error?.code ?? 'ok', milliseconds / 1_000);
    if (this.inFlight === 0) this.whenIdle?.();
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
