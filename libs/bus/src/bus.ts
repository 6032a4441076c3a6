import { Logger } from '@nestjs/common';
import { connect, Events, type ConnectionOptions, type NatsConnection } from 'nats';
import { announce, type ServiceInfo } from './discovery';
import type { Endpoint } from './endpoint';
import { msgHeaders } from './headers';

export interface BusOptions {
  /** URLs of one cluster's servers, separated by commas; user and password, or a token, may stand in the first. */
  readonly servers: string;
  /** Name of the connection, as the server's monitoring shows it. */
  readonly name: string;
  /** Milliseconds to reach a server at start; default 10,000. Later losses are mended for ever. */
  readonly timeoutMs?: number;
}

/** Between attempts to connect, milliseconds: quick at first, and never a stampede. */
const RETRY_MS = { first: 100, most: 2_000 } as const;

/** A process's one connection to NATS. */
export class Bus {
  private readonly logger = new Logger(Bus.name);
  private connected = true;
  private readonly endpoints: Endpoint[] = [];

  private constructor(readonly connection: NatsConnection) {
    void this.watch();
  }

  /** Connects, or throws one sentence within `timeoutMs`; once connected, it reconnects for ever by itself. */
  static async connect({ servers, name, timeoutMs = 10_000 }: BusOptions): Promise<Bus> {
    const options = connectionOptions(servers, name);
    const until = Date.now() + timeoutMs;
    let why: unknown;
    for (;;) {
      try {
        return new Bus(await connect({ ...options, timeout: Math.max(100, Math.min(2_000, until - Date.now())) }));
      } catch (error) {
        // That there was no time left for an answer says less than an answer before.
        if (why === undefined || codeOf(error) !== 'TIMEOUT') why = error;
        if (Date.now() + RETRY_MS.first >= until || isRefused(error)) {
          throw new Error(`NATS can't be reached at ${options.servers.join(', ')} (${reason(why)}).`, { cause: why });
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS.first));
      }
    }
  }

  get status(): 'connected' | 'disconnected' {
    return this.connected && !this.connection.isClosed() ? 'connected' : 'disconnected';
  }

  /** Largest message the server takes, in bytes; may change with the server. */
  get maxPayload(): number {
    return this.connection.info?.max_payload ?? 1_048_576;
  }

  /** Publishes without an answer (core NATS: at most once, nobody may hear it). */
  publishJson(subject: string, value: object): void {
    this.connection.publish(subject, JSON.stringify(value));
  }

  /** The same with headers. */
  publishWithHeaders(subject: string, body: string, values: Readonly<Record<string, string>>): void {
    this.connection.publish(subject, body, { headers: msgHeaders(values) });
  }

  /** Shows this process in discovery (ADR-32), with the endpoints that it has now or gets later. */
  announce(service: ServiceInfo): void {
    announce(this.connection, service, () => this.endpoints);
  }

  /** Counts and shows an endpoint in discovery. */
  addEndpoint(endpoint: Endpoint): void {
    this.endpoints.push(endpoint);
  }

  /** Sends what is still to be sent, and closes. */
  async close(): Promise<void> {
    if (!this.connection.isClosed()) await this.connection.drain();
  }

  private async watch(): Promise<void> {
    for await (const { type, data } of this.connection.status()) {
      if (type === Events.Disconnect) {
        this.connected = false;
        this.logger.warn('NATS is away');
      } else if (type === Events.Reconnect) {
        this.connected = true;
        this.logger.log('NATS is back');
      } else if (type === Events.Error) {
        this.logger.error({ data }, 'NATS reports an error');
      }
    }
  }
}

/** What the client needs to be told of a setting like `nats://user:password@host:4222,nats://host2`. */
export function connectionOptions(urls: string, name: string): ConnectionOptions & { servers: string[] } {
  const parsed = urls.split(',').map((url) => new URL(url.trim()));
  const first = parsed[0]!;
  const user = decodeURIComponent(first.username);
  const pass = decodeURIComponent(first.password);
  return {
    servers: parsed.map((url) => `${url.hostname}:${url.port || '4222'}`),
    name,
    ...(parsed.some((url) => url.protocol === 'tls:') ? { tls: {} } : {}),
    ...(user === '' ? {} : pass === '' ? { token: user } : { user, pass }),
    maxReconnectAttempts: -1,
    reconnectDelayHandler: backoff(),
    // A server may come back before its accounts do.
    ignoreAuthErrorAbort: true,
    // A connection that is cut without a word is noticed within half a minute.
    pingInterval: 10_000,
    // Stacks taken for every request, in case it fails, that nobody reads.
    noAsyncTraces: true,
  };
}

/** Doubling delays with jitter; a while without a failure begins anew. */
function backoff(): () => number {
  let delay: number = RETRY_MS.first;
  let last = 0;
  return () => {
    const now = Date.now();
    delay = now - last > 3 * RETRY_MS.most ? RETRY_MS.first : Math.min(RETRY_MS.most, delay * 2);
    last = now;
    return delay * (0.5 + Math.random() / 2);
  };
}

const codeOf = (error: unknown): string | undefined => (error as { code?: string } | null)?.code;

/** The server is there but doesn't let us in: waiting won't help. */
const isRefused = (error: unknown): boolean => codeOf(error) === 'AUTHORIZATION_VIOLATION';

function reason(error: unknown): string {
  if (codeOf(error) === 'CONNECTION_REFUSED') return 'nothing listens there';
  if (isRefused(error)) return 'user, password or token are missing or wrong';
  return error instanceof Error ? error.message : String(error);
}
