import { Logger } from '@nestjs/common';
import { isReplySubject, listen, oncePer } from '@cohort/contracts';
import type { Msg, NatsConnection, Subscription } from 'nats';
import type { Faults } from './faults';
import type { BusObserver } from './observer';

/** Longest part of a stranger's text in a log line. */
const LOGGED_LENGTH = 128;
const LOG_EVERY_MS = 60_000;

/**
 * The requests that a process takes from NATS: commands, queries, discovery. This is the only place that subscribes to
 * them, and the only place that decides whether a request may be answered (`isReplySubject`). Otherwise it is ignored:
 * neither carried out nor answered. A message without a reply subject is carried out.
 */
export class RequestSource {
  private readonly logger = new Logger(RequestSource.name);
  private readonly mayLogIgnored = oncePer(LOG_EVERY_MS);

  constructor(
    private readonly connection: NatsConnection,
    private readonly replyPrefixes: readonly string[],
    private readonly observer: Pick<BusObserver, 'ignoredRequest'>,
    private readonly faults: Faults,
  ) {}

  /** Subscribes. `handle` gets each request that may be answered, and each message that asks for no answer. */
  on(subject: string, handle: (request: Msg) => void, queue?: string): Subscription {
    return listen<Msg, Subscription>(this.connection, subject, {
      ...(queue === undefined ? {} : { queue }),
      onMessage: (message) => {
        const { reply } = message;
        if (reply && !isReplySubject(reply, this.replyPrefixes)) this.ignore(message.subject, reply);
        else handle(message);
      },
      onRefused: (err) =>
        this.logger.error({ err, subject }, 'nats-server refused a subscription: check the permissions'),
      onFault: (err) => this.faults.report(err, { subject }),
    });
  }

  private ignore(subject: string, reply: string): void {
    this.observer.ignoredRequest();
    const count = this.mayLogIgnored();
    if (count === 0) return;
    const shown = { subject: subject.slice(0, LOGGED_LENGTH), reply: reply.slice(0, LOGGED_LENGTH) };
    this.logger.warn(
      { ...shown, count },
      'requests were ignored: their reply subject is no inbox (NATS_REPLY_PREFIXES)',
    );
  }
}
