import type { BanEverywhereAnswer, UserBanCommandName } from '@cohort/contracts';
import type { EventStore } from '@cohort/event-store';
import type { CommandRequest } from '../command-request';
import { InFlight } from '../in-flight';
import { Mailboxes, NewestPosition, UNOBSERVED, type MailboxObserver } from '../mailbox';
import { userBanStreams, type UserBanTypes } from './user-ban-streams';

export interface UserBansOptions {
  readonly store: Pick<EventStore, 'append' | 'read' | 'head'>;
  readonly inFlight?: InFlight;
  readonly observer?: Pick<MailboxObserver, 'onUnusable'>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Carries out commands on a user's bans in all their groups. They are only recorded; a worker carries them out. */
export class UserBans {
  readonly #mailboxes: Mailboxes<UserBanTypes>;

  constructor({ store, inFlight = new InFlight(), now = Date.now, observer = UNOBSERVED }: UserBansOptions) {
    const parts = {
      store,
      newest: new NewestPosition(store),
      now,
      observer: { ...UNOBSERVED, onUnusable: observer.onUnusable },
    };
    this.#mailboxes = new Mailboxes(userBanStreams(store), parts, inFlight);
  }

  /** Carries out one command, once, as `GroupMailboxes` does. */
  execute(request: CommandRequest<UserBanCommandName>): Promise<BanEverywhereAnswer> {
    return this.#mailboxes.post({ app: request.app.id, userId: request.data.userId }, request);
  }
}
