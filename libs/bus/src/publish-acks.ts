import { createInbox, NatsError, type ApiError, type Msg, type MsgHdrs, type NatsConnection } from 'nats';

/** Looks for overdue answers so often, milliseconds. */
const LOOK_EVERY_MS = 500;

/** `duplicate`: a message with this id was there before, at `sequence`. */
export interface Published {
  readonly sequence: number;
  readonly duplicate: boolean;
}

interface Waiting {
  readonly resolve: (published: Published) => void;
  readonly reject: (error: Error) => void;
  /** By `performance.now()`. */
  readonly until: number;
}

type Answer =
  { readonly error: ApiError } | { readonly error?: undefined; readonly seq: number; readonly duplicate?: boolean };

/**
 * Publishes to JetStream and awaits its answers: all on one subscription and with one timer, and so in the order of their
 * deadlines. A request each, as nats.js makes them, costs a timer and an error object a message, a tenth of the relay's time.
 */
export class PublishAcks {
  private readonly inbox = createInbox();
  /** By the last token of the subject that the answer comes to; the oldest first. */
  private readonly waiting = new Map<string, Waiting>();
  private last = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly timeoutMs: number,
  ) {
    connection.subscribe(`${this.inbox}.*`, { callback: (_error, message) => this.answered(message) });
    void connection.closed().then(() => this.fail(Infinity, 'the connection to NATS was closed'));
  }

  /** Rejects with a `NatsError` when it is refused, with an `Error` when no answer comes: it may have been taken then. */
  publish(subject: string, body: string, headers: MsgHdrs): Promise<Published> {
    const token = String(++this.last);
    this.connection.publish(subject, body, { headers, reply: `${this.inbox}.${token}` });
    return new Promise((resolve, reject) => {
      this.waiting.set(token, { resolve, reject, until: performance.now() + this.timeoutMs });
      this.timer ??= setInterval(() => this.look(), LOOK_EVERY_MS);
    });
  }

  private answered(message: Msg): void {
    const token = message.subject.slice(this.inbox.length + 1);
    const waiting = this.waiting.get(token);
    // It came too late.
    if (!waiting) return;
    this.waiting.delete(token);
    try {
      waiting.resolve(published(message));
    } catch (error) {
      waiting.reject(error as Error);
    }
  }

  private look(): void {
    this.fail(performance.now(), `JetStream did not answer within ${this.timeoutMs} ms`);
    if (this.waiting.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Gives up what should have been answered by now. */
  private fail(now: number, why: string): void {
    for (const [token, { until, reject }] of this.waiting) {
      if (until > now) return;
      this.waiting.delete(token);
      reject(new Error(why));
    }
  }
}

/** @throws NatsError as nats.js throws them */
function published(message: Msg): Published {
  const { data, headers } = message;
  // Nobody listens for the subject: the server answers itself, with a status alone.
  if (data.length === 0) throw new NatsError(headers?.description ?? 'no answer', String(headers?.code ?? ''));
  const answer = message.json<Answer>();
  if (answer.error) {
    const { code, description } = answer.error;
    throw Object.assign(new NatsError(description, String(code)), { api_error: answer.error });
  }
  return { sequence: answer.seq, duplicate: answer.duplicate ?? false };
}
