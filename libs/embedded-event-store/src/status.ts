import { Metadata, status } from '@grpc/grpc-js';
import type { Expected } from './model';

/** A gRPC error. Its trailers determine the class that the client throws, and the fields of that class. */
export class StatusError extends Error {
  readonly metadata = new Metadata();

  constructor(
    readonly code: status,
    readonly details: string,
    trailers: Record<string, string> = {},
  ) {
    super(details);
    for (const [name, value] of Object.entries(trailers)) this.metadata.set(name, headerSafe(value));
  }
}

/** Largest append, in bytes: the default of a real server. */
export const MAX_APPEND_SIZE = 1_048_576;

export const streamDeleted = (stream: string): StatusError =>
  new StatusError(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const wrongExpectedVersion = (stream: string, expected: Expected, current: number): StatusError => {
  const version = expectedVersion(expected);
  return new StatusError(
    status.FAILED_PRECONDITION,
    `Append failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${version}, Actual version: ${current}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': version,
      'actual-version': String(current),
    },
  );
};

export const appendTooLarge = (): StatusError =>
  new StatusError(status.INVALID_ARGUMENT, `Maximum Append Size of ${MAX_APPEND_SIZE} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(MAX_APPEND_SIZE),
  });

export const missingMetadata = (): StatusError =>
  new StatusError(status.INVALID_ARGUMENT, 'Required Metadata Property missing: type, content-type', {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });

export const accessDenied = (): StatusError =>
  new StatusError(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

export const unauthenticated = (): StatusError => new StatusError(status.UNAUTHENTICATED, 'Unauthenticated');

/** A real server's reply to input that makes its handlers throw. */
export const handlerFailed = (): StatusError => new StatusError(status.UNKNOWN, 'Exception was thrown by handler.');

export const unexpectedRead = (of: 'Stream' | 'All'): StatusError =>
  new StatusError(status.UNKNOWN, `Unexpected Read${of}Result: Error`);

/** A real server's reply to a live subscriber whose buffer is full. */
export const consumerTooSlow = (): StatusError => new StatusError(status.ABORTED, 'Consumer too slow');

export const shuttingDown = (): StatusError => new StatusError(status.UNAVAILABLE, 'The event store is shutting down.');

/** Encodes an expected revision for a trailer. */
const expectedVersion = (expected: Expected): string => {
  switch (expected.kind) {
    case 'any':
      return '-2';
    case 'streamExists':
      return '-4';
    case 'noStream':
      return '-1';
    case 'revision':
      return expected.revision.toString();
  }
};

/** Trailers must be ASCII, so other text is percent-encoded. */
const headerSafe = (value: string): string => (/^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value));
