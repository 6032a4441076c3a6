import { CohortError, listen } from '@cohort/contracts';
import { createInbox, Events, type Msg, type MsgHdrs, type NatsConnection } from 'nats';
import { read, type Reading } from './reading';

/** The outcome of one request. */
export type Received =
  | { readonly kind: 'answer'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly error: CohortError }
  /** No service is subscribed, or there is no connection. The message was not delivered. */
  | { readonly kind: 'nobody' }
  /** No answer arrived in time. The command may have been carried out. */
  | { readonly kind: 'silence' }
  /** Only replies arrived that the service didn't send. `what` names them. The command may have been carried out. */
  | { readonly kind: 'strange'; readonly what: string };

export interface RequestOptions {
  readonly headers: MsgHdrs;
  /** Milliseconds to wait for an answer. */
  readonly timeout: number;
  /** Milliseconds after which an answer is probably lost. Beside replies that are none, half of that is waited. */
  readonly patience: number;
  /** Whether the value is an answer of the service to this request. */
  readonly isAnswer: (value: object) => boolean;
}

interface Waiting {
  readonly subject: string;
  readonly received: (reading: Reading) => void;
  readonly end: (received: Received) => void;
}

/**
 * The requests of a client, with their replies on one inbox. nats.js takes the first reply of a request for its answer. But
 * another party may reply, too: a JetStream stream that takes the subject acknowledges each message, mostly before the
 * service answers. So replies that are no answers are set aside here.
 */
export class Requests {
  private readonly waiting = new Map<string, Waiting>();
  private inbox: string | undefined;
  private last = 0;

  constructor(
    private readonly connection: NatsConnection,
    private readonly onFault: (error: unknown) => void,
  ) {
    void connection.closed().then(() => this.endAll({ kind: 'silence' }));
  }

  /**
   * Publishes a request. Resolves with its answer, or with what came instead; `isAnswer` decides.
   *
   * @throws NatsError the message could not be published
   */
  send(subject: string, body: string, { headers, timeout, patience, isAnswer }: RequestOptions): Promise<Received> {
    const token = String(++this.last);
    const inbox = (this.inbox ??= this.openInbox());
    this.connection.publish(subject, body, { headers, reply: `${inbox}.${token}` });
    return new Promise((resolve) => {
      const until = performance.now() + Math.min(patience, timeout) / 2;
      let strange: string | undefined;
      const end = (received: Received): void => {
        this.waiting.delete(token);
        clearTimeout(timer);
        resolve(received);
      };
      let timer = setTimeout(() => end({ kind: 'silence' }), timeout);
      const received = (reading: Reading): void => {
        if (reading.kind === 'value' && isAnswer(reading.value)) return end({ kind: 'answer', value: reading.value });
        if (reading.kind === 'refused' || reading.kind === 'nobody') return end(reading);
        if (strange !== undefined) return;
        const what = reading.kind === 'value' ? 'a reply that is no answer to it' : reading.what;
        strange = `${subject} got ${what}`;
        clearTimeout(timer);
        timer = setTimeout(() => end({ kind: 'strange', what: strange! }), Math.max(0, until - performance.now()));
      };
      this.waiting.set(token, { subject, received, end });
    });
  }

  /** Ends all requests in flight: the connection was lost. */
  lost(): void {
    this.endAll({ kind: 'silence' });
  }

  /** Ends the requests on a subject that the connection may not publish to. Nothing was delivered. */
  forbidden(subject: string): void {
    const message = `NATS doesn't permit this connection to publish on ${subject}.`;
    for (const waiting of this.waiting.values()) {
      if (waiting.subject === subject) waiting.end({ kind: 'refused', error: new CohortError('FORBIDDEN', message) });
    }
  }

  private openInbox(): string {
    const { inboxPrefix } = (this.connection as { options?: { inboxPrefix?: string } }).options ?? {};
    const inbox = createInbox(inboxPrefix);
    listen<Msg, unknown>(this.connection, `${inbox}.*`, {
      onMessage: (message) => this.waiting.get(message.subject.slice(inbox.length + 1))?.received(read(message)),
      onFault: this.onFault,
      onRefused: () => {
        this.inbox = undefined;
        const what = `no answer: NATS doesn't permit this connection to subscribe to ${inbox}.*; set inboxPrefix`;
        this.endAll({ kind: 'strange', what });
      },
    });
    return inbox;
  }

  private endAll(received: Received): void {
    for (const waiting of this.waiting.values()) waiting.end(received);
  }
}

/** The subject of a refused publish in a status of nats.js; undefined for any other status. */
export function refusedSubject(status: {
  readonly type: string;
  readonly permissionContext?: unknown;
}): string | undefined {
  const context = status.permissionContext as { operation?: string; subject?: string } | undefined;
  return status.type === (Events.Error as string) && context?.operation === 'publish' ? context.subject : undefined;
}
