import { Logger } from '@nestjs/common';
import { ACKNOWLEDGEMENT_INBOXES, listen, oncePer } from '@cohort/contracts';
import { randomUUID } from 'node:crypto';
import { NatsError, type ApiError, type Msg, type MsgHdrs, type NatsConnection } from 'nats';
import { NotStoring } from './jetstream-errors';
import { publishSubject } from './publish-subject';

/** Milliseconds between two checks for overdue acknowledgements. */
const LOOK_EVERY_MS = 500;

/** An acknowledgement. `duplicate`: the stream already had a message with this id, at `sequence`. */
export interface Published {
  readonly sequence: number;
  readonly duplicate: boolean;
}

interface Waiting {
  readonly resolve: (published: Published) => void;
  readonly reject: (error: Error) => void;
  /** Deadline, by `performance.now()`. */
  readonly until: number;
}

type Answer =
  { readonly error: ApiError } | { readonly error?: undefined; readonly seq: number; readonly duplicate?: boolean };

/**
 * Publishes to JetStream and awaits the acknowledgements, all on one subscription and with one timer. A request per
 * message, as nats.js makes it, costs a timer and an error object each: a tenth of the relay's processor time.
 */
export class PublishAcks {
  private readonly logger = new Logger(PublishAcks.name);
  /** Subscribers of the published messages see it. From an id of nats.js they could guess the process's other inboxes. */
  private readonly inbox = `${ACKNOWLEDGEMENT_INBOXES}.${randomUUID()}`;
  /** Pending publishes by the last token of their reply subject, oldest first, which is also the order of deadlines. */
  private readonly waiting = new Map<string, Waiting>();
  private last = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly timeoutMs: number,
  ) {
    const mayLog = oncePer(60_000);
    listen<Msg, unknown>(connection, `${this.inbox}.*`, {
      onMessage: (message) => this.answered(message),
      onFault: (err) => {
        if (mayLog() > 0) this.logger.error({ err }, 'an acknowledgement of JetStream could not be handled');
      },
    });
    void connection.closed().then(() => this.fail(Infinity, new Error('the connection to NATS was closed')));
  }

  /**
   * Publishes one message and resolves with its acknowledgement.
   *
   * @throws NatsError JetStream refused the message
   * @throws NotStoring no acknowledgement came in time; the message may have been stored
   */
  publish(subject: string, body: string, headers: MsgHdrs): Promise<Published> {
    const token = String(++this.last);
    this.connection.publish(publishSubject(subject), body, { headers, reply: `${this.inbox}.${token}` });
    return new Promise((resolve, reject) => {
      this.waiting.set(token, { resolve, reject, until: performance.now() + this.timeoutMs });
      this.timer ??= setInterval(() => this.look(), LOOK_EVERY_MS);
    });
  }

  private answered(message: Msg): void {
    const token = message.subject.slice(this.inbox.length + 1);
    const waiting = this.waiting.get(token);
    // The acknowledgement came after its deadline.
    if (!waiting) return;
    this.waiting.delete(token);
    try {
      waiting.resolve(published(message));
    } catch (error) {
      waiting.reject(error as Error);
    }
  }

  private look(): void {
    this.fail(performance.now(), new NotStoring(`JetStream did not acknowledge a message within ${this.timeoutMs} ms`));
    if (this.waiting.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Rejects the publishes whose deadline is before `now`. */
  private fail(now: number, error: Error): void {
    for (const [token, { until, reject }] of this.waiting) {
      if (until > now) return;
      this.waiting.delete(token);
      reject(error);
    }
  }
}

/** @throws NatsError as nats.js throws them */
function published(message: Msg): Published {
  const { data, headers } = message;
  // No stream has the subject. The server replies with a status and no data.
  if (data.length === 0) throw new NatsError(headers?.description ?? 'no answer', String(headers?.code ?? ''));
  const answer = message.json<Answer | null>();
  if (answer?.error) {
    const { code, description } = answer.error;
    throw Object.assign(new NatsError(description, String(code)), { api_error: answer.error });
  }
  if (!answer || !Number.isSafeInteger(answer.seq)) throw new Error('the answer to a publish is no acknowledgement');
  return { sequence: answer.seq, duplicate: answer.duplicate ?? false };
}
