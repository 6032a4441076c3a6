import {
  appCommandSubject,
  appQuerySubject,
  CohortError,
  commandSubject,
  groupEventSubjects,
  HEADERS,
  isCommandName,
  isPosition,
  isQueryName,
  isQueryNodeApplied,
  MAX_APPLIED_BYTES,
  QUERIES,
  QUERY_APPLIED_SUBJECT,
  querySubject,
  listen,
  turnEnd,
  type CommandAnswer,
  type CommandData,
  type CommandName,
  type EventView,
  type QueryAnswers,
  type QueryData,
  type QueryName,
  type QueryNodeApplied,
} from '@cohort/contracts';
import {
  connect,
  ErrorCode,
  Events,
  headers,
  NatsError,
  type ConnectionOptions,
  type Msg,
  type NatsConnection,
  type Subscription,
} from 'nats';
import { v7 } from 'uuid';
import { eventView } from './event-view';
import { notConnected, outcomeUnknown, unavailable, unknownName } from './outcomes';
import { parse } from './reading';
import { refusedSubject, Requests, type Received, type RequestOptions } from './requests';

export interface CohortClientOptions extends ConnectionOptions {
  /**
   * Uses only the subjects of this tenant, `group.v1.app.<app>.…`, for NATS permissions that allow no others. Every command
   * and query must then have this tenant as its `app`.
   */
  readonly tenant?: string;
  /** Called with an error that a listener threw. Default: a warning of the process. Later messages are delivered. */
  readonly onFault?: (error: unknown) => void;
}

export interface CallOptions {
  /** Milliseconds to wait for the answer, 1 to 60,000; default 10,000. */
  readonly timeoutMs?: number;
  /** W3C trace context. It is stored with the events of a command. */
  readonly traceparent?: string;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** A connection on which nothing arrives for 30 s is made anew. */
const CONNECTION = { maxReconnectAttempts: -1, pingInterval: 10_000 } as const;

const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

/** Shortest time before a call is retried, even if its timeout is short. */
const LEAST_PATIENCE_MS = 250;

/** Pause before a command that failed immediately is retried. */
const PAUSE_MS = 50;

/** Errors that mean "nothing was done". After a lost answer they describe only the retry, not the first attempt. */
const NOTHING_DONE: ReadonlySet<string> = new Set(['UNAVAILABLE', 'OVERLOADED', 'DEADLINE_EXCEEDED']);

/**
 * The typed client of Cohort. Errors are `CohortError`, with the codes of the service. While NATS is disconnected, calls
 * fail immediately, and the connection is restored automatically.
 */
export class CohortClient {
  private isAway = false;
  private readonly endOfTurn = turnEnd();
  private readonly requests: Requests;
  /** Listeners called after a reconnect, because messages of the outage were missed. */
  private readonly gaps = new Set<() => void>();

  private constructor(
    private readonly connection: NatsConnection,
    private readonly tenant: string | undefined,
    private readonly onFault: (error: unknown) => void = warn,
  ) {
    this.requests = new Requests(connection, onFault);
    void this.watch();
  }

  /**
   * Connects with the options of `nats`: `{ servers: 'nats://127.0.0.1:4222', name: 'my-service' }`.
   *
   * @throws CohortError `UNAVAILABLE`: no server of the options accepted the connection; `cause` is the error of `nats`
   */
  static async connect({ tenant, onFault, ...options }: CohortClientOptions): Promise<CohortClient> {
    const connection = await connect({ ...CONNECTION, ...options }).catch((error: unknown) => {
      throw notConnected(options, error);
    });
    return new CohortClient(connection, tenant, onFault);
  }

  /** Creates a client on an open connection, which the caller closes. */
  static over(
    connection: NatsConnection,
    { tenant, onFault }: Pick<CohortClientOptions, 'tenant' | 'onFault'> = {},
  ): CohortClient {
    return new CohortClient(connection, tenant, onFault);
  }

  /**
   * Sends a command and awaits its answer. If an answer is lost, the command is sent again with the same command id (an
   * idempotency key, generated if missing), so that it is carried out once.
   *
   * @throws CohortError `UNAVAILABLE`: nothing was done. `UNKNOWN_OPERATION`: there is no such command; nothing was sent.
   *   `OUTCOME_UNKNOWN`: the command may have been carried out; repeat it
   *   with the id in `details.commandId`. Any other code is the service's. After a lost answer it describes the retry; the first
   *   attempt may still be carried out until its timeout.
   */
  async command<N extends CommandName>(
    name: N,
    data: CommandData<N>,
    { timeoutMs = DEFAULT_TIMEOUT_MS, traceparent }: CallOptions = {},
  ): Promise<CommandAnswer<N>> {
    if (!isCommandName(name)) throw unknownName('command', name);
    const commandId = data.commandId ?? v7();
    const subject = this.tenant === undefined ? commandSubject(name) : appCommandSubject(this.tenant, name);
    const body = JSON.stringify({ ...data, commandId });
    const deadline = Date.now() + timeoutMs;
    // An answer this late is probably lost. The retry returns the outcome of the first attempt if that was carried out by then.
    const patience = patienceOf(timeoutMs);
    let uncertain = false;
    for (;;) {
      const remaining = deadline - Date.now();
      if (remaining <= 0) throw outcomeUnknown(commandId);
      const reply = await this.send(subject, body, {
        timeout: Math.min(patience, remaining),
        remaining,
        patience,
        traceparent,
        isAnswer: isCommandAnswer,
      });
      switch (reply.kind) {
        case 'answer':
          return reply.value as CommandAnswer<N>;
        case 'refused':
          if (reply.error.code === 'OUTCOME_UNKNOWN') uncertain = true;
          else if (!uncertain || !NOTHING_DONE.has(reply.error.code)) throw reply.error;
          await pause(deadline);
          break;
        case 'nobody':
          if (!uncertain) throw unavailable();
          await pause(deadline);
          break;
        case 'strange':
          throw outcomeUnknown(commandId, reply.what);
        case 'silence':
          uncertain = true;
      }
    }
  }

  /**
   * Sends a query and awaits its answer. After a third of the timeout the query is sent a second time, because the first
   * node may have died. The first answer is returned.
   *
   * @throws CohortError `UNAVAILABLE`: no node answered in time, or none is connected. `UNKNOWN_OPERATION`: there is no such
   *   query; nothing was sent. Any other code is the service's.
   */
  async query<N extends QueryName>(
    name: N,
    data: QueryData<N>,
    { timeoutMs = DEFAULT_TIMEOUT_MS, traceparent }: CallOptions = {},
  ): Promise<QueryAnswers[N]> {
    if (!isQueryName(name)) throw unknownName('query', name);
    const subject = this.tenant === undefined ? querySubject(name) : appQuerySubject(this.tenant, name);
    const body = JSON.stringify(data);
    const patience = patienceOf(timeoutMs);
    const { isAnswer } = QUERIES[name];
    const ask = (remaining: number) =>
      this.send(subject, body, { timeout: remaining, remaining, patience, traceparent, isAnswer });
    const first = ask(timeoutMs);
    const reply =
      (await within(first, patience)) ?? (await firstAnswer([first, ask(Math.max(1, timeoutMs - patience))]));
    switch (reply.kind) {
      case 'answer':
        return reply.value as QueryAnswers[N];
      case 'refused':
        throw reply.error;
      case 'strange':
        throw unavailable(reply.what);
      case 'nobody':
      case 'silence':
        throw unavailable();
    }
  }

  /**
   * Calls `listener` with each announcement that a query node has applied more of the log. Any client that may publish on the
   * subject can send announcements. Returns a function that removes the listener.
   */
  onQueryNodeApplied(listener: (applied: QueryNodeApplied) => void): () => void {
    const subscription = listen<Msg, Subscription>(this.connection, QUERY_APPLIED_SUBJECT, {
      onMessage: ({ data }) => {
        const applied = data.length > MAX_APPLIED_BYTES ? undefined : parse(data);
        if (isQueryNodeApplied(applied)) listener(applied);
      },
      onFault: this.onFault,
    });
    return () => subscription.unsubscribe();
  }

  /**
   * Calls `event` for each event of a group when it is published. Calls `gap` when events may have been missed, because the
   * connection was lost. (`groupEvents` fills such gaps.) Returns a function that ends the subscription.
   */
  onGroupEvent(
    { app, groupId }: { readonly app: string; readonly groupId: string },
    { event, gap }: { readonly event: (event: EventView) => void; readonly gap: () => void },
  ): () => void {
    const subscription = listen<Msg, Subscription>(this.connection, groupEventSubjects(app, groupId), {
      onMessage: (message) => {
        const view = eventView(message, app, groupId);
        if (view) event(view);
      },
      onFault: this.onFault,
    });
    this.gaps.add(gap);
    return () => {
      this.gaps.delete(gap);
      subscription.unsubscribe();
    };
  }

  /** Sends pending messages, then closes the connection. While NATS is disconnected, it closes immediately. */
  async close(): Promise<void> {
    if (this.connection.isClosed()) return;
    await (this.isAway ? this.connection.close() : this.connection.drain());
  }

  private async send(
    subject: string,
    body: string,
    {
      remaining,
      traceparent,
      ...options
    }: Omit<RequestOptions, 'headers'> & { remaining: number; traceparent: string | undefined },
  ): Promise<Received> {
    const requestHeaders = headers();
    requestHeaders.set(HEADERS.timeout, String(Math.max(1, Math.floor(remaining))));
    if (traceparent !== undefined) requestHeaders.set(HEADERS.traceparent, traceparent);
    await this.endOfTurn();
    // nats.js would keep the request until the connection is restored, long after its caller has given up.
    if (this.isAway) return { kind: 'nobody' };
    try {
      return await this.requests.send(subject, body, { ...options, headers: requestHeaders });
    } catch (error) {
      const code = error instanceof NatsError ? error.code : undefined;
      if (code === ErrorCode.MaxPayloadExceeded) {
        const limit = this.connection.info?.max_payload;
        return { kind: 'refused', error: new CohortError('TOO_LARGE', `A message may have at most ${limit} bytes.`) };
      }
      if (code === ErrorCode.ConnectionClosed || code === ErrorCode.ConnectionDraining) return { kind: 'nobody' };
      throw error;
    }
  }

  private async watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      const forbidden = refusedSubject(status);
      if (forbidden !== undefined) this.requests.forbidden(forbidden);
      if (status.type === Events.Disconnect) {
        this.isAway = true;
        this.requests.lost();
      }
      if (status.type === Events.Reconnect) {
        this.isAway = false;
        for (const gap of this.gaps) this.safely(gap);
      }
    }
  }

  /** Calls a listener. Its error is reported, and doesn't end the watch. */
  private safely(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.onFault(error);
    }
  }
}

/** Every answer of a command carries the position that it rests on. */
const isCommandAnswer = (value: object): boolean => isPosition((value as { position?: unknown }).position);

/** Milliseconds after which a call with this timeout is sent again. */
const patienceOf = (timeoutMs: number): number => Math.max(timeoutMs / 3, LEAST_PATIENCE_MS);

/** Resolves with the promise's value, or with undefined if it takes longer than `ms`. */
async function within(reply: Promise<Received>, ms: number): Promise<Received | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ms)));
  try {
    return await Promise.race([reply, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves with the first reply that isn't silence, or with silence if all are. */
function firstAnswer(replies: readonly Promise<Received>[]): Promise<Received> {
  return new Promise((resolve, reject) => {
    let silent = 0;
    for (const reply of replies) {
      reply.then((received) => {
        if (received.kind !== 'silence' || ++silent === replies.length) resolve(received);
      }, reject);
    }
  });
}

const pause = (deadline: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(PAUSE_MS, deadline - Date.now()))));
