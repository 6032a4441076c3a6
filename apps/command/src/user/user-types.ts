import type { CommandAnswer, Erasure, Position, UserCommandName, UserEvent } from '@cohort/contracts';
import type { CommandRequest } from '../command-request';
import type { Recorded } from '../mailbox';

export interface UserKey {
  readonly app: string;
  readonly userId: string;
}

/** A user's stream as decisions need it. */
export interface UserState {
  /** The last sync, if it is completed: no sync is on its way. */
  readonly settled: { readonly sync: number; readonly skipped: readonly string[] } | undefined;
  /** The erasure of the last request, if that isn't completed. */
  readonly erasing: Erasure | undefined;
}

/** The types of users' streams. */
export interface UserTypes {
  key: UserKey;
  command: CommandRequest<UserCommandName>;
  recorded: Recorded<UserState>;
  event: UserEvent;
  /** The position at which a sync's groups are the user's already. */
  facts: Position | undefined;
  /** Of a sync that has nothing to do: the last sync's number, and the position of the groups read. */
  result: { readonly sync: number; readonly position: Position } | undefined;
  answer: CommandAnswer<UserCommandName>;
}
