import type { CohortClient } from '@cohort/client';
import type { CommandAnswer, UserCommandName } from '@cohort/contracts';
import type { EventStore } from '@cohort/event-store';
import type { CommandRequest } from '../command-request';
import { InFlight } from '../in-flight';
import { Mailboxes, NewestPosition, UNOBSERVED, type MailboxObserver } from '../mailbox';
import { userStreams } from './user-streams';
import type { UserTypes } from './user-types';

export interface UserMailboxesOptions {
  readonly store: Pick<EventStore, 'append' | 'read' | 'head'>;
  readonly client: Pick<CohortClient, 'query'>;
  readonly inFlight?: InFlight;
  readonly observer?: Pick<MailboxObserver, 'onUnusable'>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Carries out commands on users, in the users' own streams. A sync is only recorded there; a worker carries it out. */
export class UserMailboxes {
  readonly #mailboxes: Mailboxes<UserTypes>;

  constructor({
    store,
    client,
    inFlight = new InFlight(),
    now = Date.now,
    observer = UNOBSERVED,
  }: UserMailboxesOptions) {
    const parts = {
      store,
      newest: new NewestPosition(store),
      now,
      observer: { ...UNOBSERVED, onUnusable: observer.onUnusable },
    };
    this.#mailboxes = new Mailboxes(userStreams(store, client), parts, inFlight);
  }

  /** Carries out one command, once, as `GroupMailboxes` does. */
  execute(request: CommandRequest<UserCommandName>): Promise<CommandAnswer<UserCommandName>> {
    return this.#mailboxes.post({ app: request.app.id, userId: request.data.userId }, request);
  }
}
