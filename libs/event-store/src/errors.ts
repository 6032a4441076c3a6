/** The stream isn't at the expected revision; nothing was written. */
export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';

  constructor(
    readonly stream: string,
    /** The stream's revision; undefined if it has no events. */
    readonly actual: number | undefined,
  ) {
    super(`${stream} is at ${actual === undefined ? 'no revision' : `revision ${actual}`}`);
  }
}

/** The stream was deleted for ever (a tombstone): it has no events and takes none. */
export class StreamDeleted extends Error {
  override readonly name = 'StreamDeleted';

  constructor(readonly stream: string) {
    super(`${stream} was deleted for ever`);
  }
}

/** The append may or may not have been written, and this could not be settled in time. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/** The server can't be reached or doesn't work; nothing was written. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** The server's data were replaced or lost while it was away: it has another store's id now, or none. */
export class StoreReplaced extends Error {
  override readonly name = 'StoreReplaced';
}

/** The server can't be used as it is configured: waiting doesn't help. The message names what to change. */
export class StoreMisconfigured extends Error {
  override readonly name = 'StoreMisconfigured';
}

/**
 * Why the store refused.
 *
 * - `full`: its disk takes no writes. `busy`: it takes no requests now, for example without a leader.
 * - `denied`: the user or password of EVENTSTORE_URL is wrong, or has no permission.
 * - `invalid`: the server rejects the request as such.
 */
export type RefusalKind = 'full' | 'busy' | 'denied' | 'invalid';

/** The server replied that it didn't do what was requested; nothing was written. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';

  constructor(
    readonly kind: RefusalKind,
    message: string,
  ) {
    super(message);
  }
}

/** For the log of a process that ends because of `StoreReplaced`. */
export const STORE_REPLACED =
  'the event store was replaced: the process ends, so that its next start begins with the new one';

/** The event store as a dependency of a process that starts. It is away if time or an operator's work at the server helps. */
export const EVENT_STORE = {
  name: 'event store',
  setting: 'EVENTSTORE_URL',
  isAway: (error: unknown): boolean =>
    error instanceof StoreUnavailable ||
    error instanceof OutcomeUnknown ||
    (error instanceof StoreRefused && (error.kind === 'full' || error.kind === 'busy')),
} as const;

/** The append is over `MAX_APPEND_BYTES`; nothing was sent. */
export class AppendTooLarge extends Error {
  override readonly name = 'AppendTooLarge';

  constructor(
    readonly bytes: number,
    readonly limit: number,
  ) {
    super(`an append of ${bytes} bytes is over the limit of ${limit}`);
  }
}

/** JSON can't represent the value (undefined, a bigint, a cycle); nothing was sent. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}
