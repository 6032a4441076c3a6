import { messageOf } from '@cohort/surroundings';
import { NatsError } from 'nats';

/** The error codes of JetStream that this code handles (nats-server, `server/errors.json`). */
export const JETSTREAM_CODES = {
  noConsumer: 10014,
  noMessage: 10037,
  notEnabled: 10039,
  noStream: 10059,
  wrongLastId: 10070,
  wrongLastSequence: 10071,
  notEnabledForAccount: 10076,
  storeFailed: 10077,
} as const;

/** JetStream is not enabled on the server or for this account, or doesn't answer. */
export class NoJetStream extends Error {
  override readonly name = 'NoJetStream';
}

/** The stream is at another sequence or has another last message, because another publisher wrote to it. */
export class WrongSequence extends Error {
  override readonly name = 'WrongSequence';
}

/**
 * JetStream failed to store a message, or didn't acknowledge it in time. It may answer everything else: its disk failed, or its
 * files were removed. A restart of the nats-server helps.
 */
export class NotStoring extends Error {
  override readonly name = 'NotStoring';
}

/** Returns the error code of JetStream's reply, or undefined if JetStream didn't reply. */
const jetStreamCode = (error: unknown): number | undefined =>
  error instanceof NatsError ? error.api_error?.err_code : undefined;

/** For `catch`: returns undefined for an error with this code, and rethrows every other error. */
export const unlessCode =
  (code: number) =>
  (error: unknown): undefined => {
    if (jetStreamCode(error) !== code) throw error;
  };

/** Returns the error with a message for operators. */
export function translated(error: unknown): Error {
  const code = jetStreamCode(error);
  if (code === JETSTREAM_CODES.wrongLastSequence || code === JETSTREAM_CODES.wrongLastId) {
    return new WrongSequence((error as NatsError).message);
  }
  if (code === JETSTREAM_CODES.notEnabled || code === JETSTREAM_CODES.notEnabledForAccount) {
    return new NoJetStream('JetStream is not enabled for this account of the nats-server');
  }
  if (code === JETSTREAM_CODES.storeFailed) {
    return new NotStoring(`JetStream can't store messages: ${(error as NatsError).message}`);
  }
  if (error instanceof NatsError && error.code === '503' && code === undefined) {
    return new NoJetStream('nothing answers for JetStream: it is not enabled on the nats-server, or has no leader now');
  }
  return error instanceof Error ? error : new Error(messageOf(error));
}
