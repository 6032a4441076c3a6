import { Logger } from '@nestjs/common';
import { backoff } from '@cohort/contracts';
import { codeOf, nodeText, parseNatsAddress } from '@cohort/surroundings';
import { connect, Events, type ConnectionOptions, type NatsConnection } from 'nats';
import { announce, type ServiceInfo } from './discovery';
import type { Endpoint } from './endpoint';
import { notReached } from './explain';
import { Faults } from './faults';
import { msgHeaders } from './headers';
import { NO_OBSERVER, type BusObserver } from './observer';
import { publishSubject } from './publish-subject';
import { RequestSource } from './request-source';

export interface BusOptions {
  /** URLs of one cluster's servers, separated by commas. The first may contain user and password, or a token. */
  readonly servers: string;
  /** Name of the connection in the server's monitoring. */
  readonly name: string;
  /** Milliseconds to reach a server at start; default 10,000. Later, the connection reconnects without a limit. */
  readonly timeoutMs?: number;
  /** Requests are answered on inboxes, and on subjects whose first tokens are one of these. Default: inboxes only. */
  readonly replyPrefixes?: readonly string[];
  readonly observer?: BusObserver;
  /** Called when the connection is closed for good although nobody closed it. It never reconnects then. */
  readonly onLost?: (error: unknown) => void;
}

/** Milliseconds between attempts to connect. */
const PAUSES = { first: 100, longest: 2_000 } as const;

/** The single NATS connection of a process. */
export class Bus {
  private readonly logger = new Logger(Bus.name);
  private connected = true;
  private closing = false;
  private readonly endpoints: Endpoint[] = [];
  /** Takes the errors that the handling of messages throws. */
  readonly faults: Faults;
  /** The requests that this process may answer. */
  readonly requests: RequestSource;

  private constructor(
    readonly connection: NatsConnection,
    { replyPrefixes = [], observer = NO_OBSERVER, onLost }: BusOptions,
  ) {
    void connection.closed().then((error) => {
      if (!this.closing) onLost?.(error ?? new Error('the client closed the connection'));
    });
    this.faults = new Faults(observer);
    this.requests = new RequestSource(connection, replyPrefixes, observer, this.faults);
    void this.watch();
  }

  /**
   * Connects. Once connected, it reconnects by itself, without a limit.
   *
   * @throws BusUnavailable one sentence for an operator: no server accepted the connection within `timeoutMs`
   * @throws Error one sentence for an operator: the setting is wrong, so that waiting doesn't help
   */
  static async connect(options: BusOptions): Promise<Bus> {
    const { servers, name, timeoutMs = 10_000 } = options;
    const settings = connectionOptions(servers, name);
    const until = Date.now() + timeoutMs;
    let why: unknown;
    for (;;) {
      try {
        const timeout = Math.max(100, Math.min(2_000, until - Date.now()));
        return new Bus(await connect({ ...settings, timeout }), options);
      } catch (error) {
        // A timeout explains less than an earlier error, so the earlier error is kept.
        if (why === undefined || codeOf(error) !== 'TIMEOUT') why = error;
        if (Date.now() + PAUSES.first >= until || isRefused(error)) {
          throw await notReached(why, parseNatsAddress(servers));
        }
        await new Promise((resolve) => setTimeout(resolve, PAUSES.first));
      }
    }
  }

  get status(): 'connected' | 'disconnected' {
    return this.connected && !this.connection.isClosed() ? 'connected' : 'disconnected';
  }

  /** Largest message that the server accepts, in bytes. It may change when the connection moves to another server. */
  get maxPayload(): number {
    return this.connection.info?.max_payload ?? 1_048_576;
  }

  /** Publishes on core NATS: at most once, without an acknowledgement. Without a connection the message is dropped. */
  publishJson(subject: string, value: object): void {
    const checked = publishSubject(subject);
    // nats.js would keep it in memory until the connection is restored.
    if (this.status === 'connected') this.connection.publish(checked, JSON.stringify(value));
  }

  /** Publishes a message with headers on core NATS: at most once, without an acknowledgement. */
  publishWithHeaders(subject: string, body: string, values: Readonly<Record<string, string>>): void {
    this.connection.publish(publishSubject(subject), body, { headers: msgHeaders(values) });
  }

  /**
   * Asks another service, and resolves with the first answer.
   *
   * @throws NatsError none came within `timeoutMs`, or no service is subscribed
   */
  async ask(subject: string, value: object, timeoutMs: number): Promise<Uint8Array> {
    const { data } = await this.connection.request(publishSubject(subject), JSON.stringify(value), {
      timeout: timeoutMs,
    });
    return data;
  }

  /** Registers this process in discovery (ADR-32), with all its endpoints, present and future. */
  announce(service: ServiceInfo): void {
    announce(this.requests, service, () => this.endpoints);
  }

  /** Adds an endpoint and its counts to discovery. */
  addEndpoint(endpoint: Endpoint): void {
    this.endpoints.push(endpoint);
  }

  /** Sends all pending messages, then closes the connection. */
  async close(): Promise<void> {
    this.closing = true;
    if (!this.connection.isClosed()) await this.connection.drain();
  }

  private async watch(): Promise<void> {
    for await (const { type, data } of this.connection.status()) {
      // An attempt that the server refuses is another disconnect, and has its own reconnect later.
      if (type === Events.Disconnect) {
        if (this.connected) this.logger.warn('NATS connection lost');
        this.connected = false;
      } else if (type === Events.Reconnect) {
        if (!this.connected) this.logger.log('NATS connected again');
        this.connected = true;
      } else if (type === Events.Error) {
        this.logger.error({ data }, 'NATS reported an error');
      }
    }
  }
}

/** Converts a setting like `nats://user:password@host:4222,nats://host2` to options of nats.js. */
export function connectionOptions(urls: string, name: string): ConnectionOptions & { servers: string[] } {
  const { nodes, tls, login } = parseNatsAddress(urls);
  return {
    servers: nodes.map(nodeText),
    name,
    ...(tls ? { tls: {} } : {}),
    ...(login === undefined ? {} : 'token' in login ? login : { user: login.user, pass: login.password }),
    maxReconnectAttempts: -1,
    reconnectDelayHandler: reconnectDelay(),
    // After a restart, a server may refuse credentials until its accounts are loaded.
    ignoreAuthErrorAbort: true,
    // A connection on which nothing arrives any more is noticed within 6 s, and made anew.
    pingInterval: 2_000,
    maxPingOut: 2,
    // Otherwise nats.js records a stack trace for every request.
    noAsyncTraces: true,
  };
}

/** Growing delays. After a time without failures, the delays begin again with the first. */
function reconnectDelay(): () => number {
  let failures = 0;
  let last = 0;
  return () => {
    const now = Date.now();
    failures = now - last > 3 * PAUSES.longest ? 1 : failures + 1;
    last = now;
    return backoff(failures, PAUSES);
  };
}

/** Whether the server refused the credentials. Retrying doesn't help then. */
const isRefused = (error: unknown): boolean => codeOf(error) === 'AUTHORIZATION_VIOLATION';
