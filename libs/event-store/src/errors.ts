/** The stream isn't at the expected revision; nothing was written. */
export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';

  constructor(
    readonly stream: string,
    /** Where it is; undefined when it has no events. */
    readonly actual: number | undefined,
  ) {
    super(`${stream} is at ${actual === undefined ? 'no revision' : `revision ${actual}`}`);
  }
}

/** The server did not say in time whether it wrote. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/** The server can't be reached, or refuses to work; nothing was written. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

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

/** A value that JSON can't hold (undefined, a bigint, a cycle); nothing was sent. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}
