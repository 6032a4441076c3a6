import { NatsError } from 'nats';

/** JetStream's error codes that mean something here (nats-server, `server/errors.json`). */
export const JETSTREAM_CODES = {
  noConsumer: 10014,
  noMessage: 10037,
  notEnabled: 10039,
  noStream: 10059,
  wrongLastId: 10070,
  wrongLastSequence: 10071,
  notEnabledForAccount: 10076,
} as const;

/** The server has no JetStream, or not for this account. */
export class NoJetStream extends Error {
  override readonly name = 'NoJetStream';
}

/** The stream is at another sequence, or has another last message: somebody else has published. */
export class WrongSequence extends Error {
  override readonly name = 'WrongSequence';
}

/** What JetStream refused a request with; undefined where it didn't answer. */
const jetStreamCode = (error: unknown): number | undefined =>
  error instanceof NatsError ? error.api_error?.err_code : undefined;

/** For `catch`: undefined for an error with this code, and every other error again. */
export const unlessCode =
  (code: number) =>
  (error: unknown): undefined => {
    if (jetStreamCode(error) !== code) throw error;
  };

/** The error as a sentence for an operator. */
export function translated(error: unknown): Error {
  const code = jetStreamCode(error);
  if (code === JETSTREAM_CODES.wrongLastSequence || code === JETSTREAM_CODES.wrongLastId) {
    return new WrongSequence((error as NatsError).message);
  }
  if (code === JETSTREAM_CODES.notEnabled || code === JETSTREAM_CODES.notEnabledForAccount) {
    return new NoJetStream('JetStream is not enabled for this account of the nats-server');
  }
  if (error instanceof NatsError && error.code === '503' && code === undefined) {
    return new NoJetStream('nothing answers for JetStream: it is not enabled on the nats-server, or has no leader now');
  }
  return error instanceof Error ? error : new Error(String(error));
}
