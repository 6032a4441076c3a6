import { CohortError } from '@cohort/contracts';
import { messageOf } from '@cohort/surroundings';
import { NatsError } from 'nats';

/** The error codes of JetStream that mean "no room" (nats-server, `server/errors.json`). */
const NO_ROOM = [10_023, 10_028, 10_047, 10_077];
/** The name is taken. */
const WRONG_SEQUENCE = [10_071, 10_164];
const NO_STREAM = 10_059;
const NO_MESSAGE = 10_037;

const codeOf = (error: unknown): number | undefined =>
  error instanceof NatsError ? error.api_error?.err_code : undefined;

/** Whether JetStream says that there is no such stream, or no such message. */
export const isMissing = (error: unknown): boolean =>
  codeOf(error) === NO_STREAM || codeOf(error) === NO_MESSAGE || (error instanceof NatsError && error.code === '404');

export const isNoStream = (error: unknown): boolean => codeOf(error) === NO_STREAM;

export const tooLarge = (limit: number): CohortError =>
  new CohortError('FILE_TOO_LARGE', `A file may have at most ${limit} bytes.`, { limit });

/** The error for a caller. The source of the bytes has errors of its own, which stay. */
export function outward(error: unknown): Error {
  if (!(error instanceof NatsError)) return error instanceof Error ? error : new Error(messageOf(error));
  const code = codeOf(error);
  if (code !== undefined && NO_ROOM.includes(code)) {
    return new CohortError(
      'FILE_STORE_FULL',
      'There is no room for this file: remove other files, or ask an operator.',
    );
  }
  if (code !== undefined && WRONG_SEQUENCE.includes(code))
    return new CohortError('FORBIDDEN', 'There is a file with this name. A name is used once.');
  return new CohortError(
    'UNAVAILABLE',
    'The store of files gave no answer in time; nothing was done. Try again later.',
    {
      dependency: 'fileStore',
    },
  );
}
