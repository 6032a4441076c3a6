import { Logger, type INestApplication } from '@nestjs/common';
import {
  NatsContext,
  Server,
  Transport,
  type CustomTransportStrategy,
  type MessageHandler,
} from '@nestjs/microservices';
import { errorBody, parseSubject, type ErrorBody } from '@cohort/contracts';
import { Match, type Msg, type MsgHdrs, type Subscription } from 'nats';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Bus } from './bus';
import { Endpoint } from './endpoint';
import { toErrorBody } from './errors';
import { encodeReply, type Outcome } from './reply';
import { decodeRequest } from './request';
import { turns } from './turns';

export interface NatsServerOptions {
  readonly bus: Bus;
  /** Queue group: each request goes to one of the processes that share it. */
  readonly queue: string;
  /** Requests in work at once; beyond, `OVERLOADED` is answered immediately. Default 10,000. */
  readonly maxInFlight?: number;
  /** Hears of each request that is refused for it. */
  readonly onOverloaded?: () => void;
  /** Hears of every answered request: its name (`create`, `members`), `ok` or the error's code, and its seconds. */
  readonly observe?: (name: string, outcome: string, seconds: number) => void;
}

/** How long requests in work may take to end when the server closes. */
const DRAIN_MS = 5_000;

/**
 * Nest's NATS server, with a way of its own from message to reply. Nest finds the handlers; this class hands them the
 * messages without the layers in between. It never dies of a message, answers plain JSON in plain JSON and Nest's
 * envelopes in Nest's, keeps the counts of discovery, and shares the process's connection.
 */
export class NatsServer extends Server implements CustomTransportStrategy {
  override readonly transportId = Transport.NATS;
  protected override readonly logger = new Logger(NatsServer.name);
  private readonly maxInFlight: number;
  private readonly subscriptions: Subscription[] = [];
  private closing: Promise<void> | undefined;
  private inFlight = 0;
  private readonly endOfTurn = turns();
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
      const subscription = bus.connection.subscribe(subject, {
        queue,
        callback: (error, message) => {
          if (error) this.logger.error({ err: error, subject }, 'a subscription failed');
          else void this.handle(handler, endpoint, name, message);
        },
      });
      this.subscriptions.push(subscription);
    }
    // Answered only when the server has the subscriptions: then the process may say that it is ready.
    bus.connection.flush().then(() => callback(), callback);
  }

  /** Takes no more requests and answers those it has, bounded. The connection stays: it is the process's. */
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

  /** From message to reply; never rejects. */
  private async handle(handler: MessageHandler, endpoint: Endpoint, name: string, message: Msg): Promise<void> {
    const started = performance.now();
    const request = decodeRequest(message.data);
    let outcome: Outcome;
    if (!request.ok) {
      outcome = { ok: false, error: errorBody('VALIDATION_FAILED', request.reason) };
    } else if (this.inFlight >= this.maxInFlight) {
      this.options.onOverloaded?.();
      outcome = { ok: false, error: errorBody('OVERLOADED', 'Too many requests are in work here: try again later.') };
    } else {
      this.inFlight += 1;
      try {
        const value: unknown = await handler(request.data, new NatsContext([message.subject, message.headers]));
        outcome = { ok: true, value: isObservable(value) ? await lastValueFrom(value, { defaultValue: null }) : value };
      } catch (error) {
        outcome = { ok: false, error: toErrorBody(error) };
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

  /** Answers, unless nobody asked for an answer; says which error it was. */
  private reply(message: Msg, outcome: Outcome, nestId: string | undefined): ErrorBody | undefined {
    const { reply, error } = this.encode(outcome, nestId);
    try {
      if (message.reply) message.respond(reply.data, reply.headers ? { headers: reply.headers } : undefined);
    } catch (failure) {
      // The connection closed meanwhile: the caller sends again, or gives up.
      this.logger.warn({ err: failure, subject: message.subject }, 'an answer could not be sent');
    }
    return error;
  }

  private encode(outcome: Outcome, nestId: string | undefined) {
    try {
      return encodeReply(outcome, nestId, this.options.bus.maxPayload);
    } catch (failure) {
      // A handler returned what JSON can't hold.
      return encodeReply({ ok: false, error: toErrorBody(failure) }, nestId, this.options.bus.maxPayload);
    }
  }
}

/** A header of the request that a handler's context belongs to, whatever its case; undefined when it has none. */
export function requestHeader(context: NatsContext, name: string): string | undefined {
  const all = context.getHeaders() as MsgHdrs | undefined;
  return all?.has(name, Match.IgnoreCase) ? all.get(name, Match.IgnoreCase) : undefined;
}

/** Has the application's controllers answer on NATS; the result takes no more requests once closed. */
export async function serveNats(app: INestApplication, options: NatsServerOptions): Promise<NatsServer> {
  const server = new NatsServer(options);
  app.connectMicroservice({ strategy: server });
  await app.startAllMicroservices();
  return server;
}
