import { CohortError } from '@cohort/contracts';
import { AppendTooLarge, OutcomeUnknown, StoreUnavailable } from '@cohort/event-store';

/** Errors of commands, beside those of the domain. */

export const commandIdReused = (commandId: string): CohortError =>
  new CohortError('COMMAND_ID_REUSED', 'This commandId was used with another payload: make a new one.', { commandId });

export const commandExpired = (commandId: string): CohortError =>
  new CohortError(
    'COMMAND_EXPIRED',
    'The command is older than is remembered: whether it was carried out is no longer known.',
    { commandId },
  );

export const deadlineExceeded = (): CohortError =>
  new CohortError('DEADLINE_EXCEEDED', "The command's time was over before it was begun; nothing was done.");

/** @param actual undefined while there is no event */
export const concurrencyConflict = (what: string, expected: number, actual: number | undefined): CohortError =>
  new CohortError(
    'CONCURRENCY_CONFLICT',
    `${what} is at ${actual === undefined ? 'no revision' : `revision ${actual}`}, not at ${expected}.`,
    { expected: String(expected), actual: actual === undefined ? null : String(actual) },
  );

/** `commandId` is the one to send the command again with, also where the service made it. */
export const outcomeUnknown = (commandId: string): CohortError =>
  new CohortError(
    'OUTCOME_UNKNOWN',
    'It is not known whether the event store wrote: send the command again with the same commandId.',
    { commandId },
  );

/** Nothing was written. */
export const storeAway = (): CohortError =>
  new CohortError('UNAVAILABLE', 'The event store is away; nothing was done, try again later.');

/** The caller's error for a failure of the event store to append or read; any other error stays as it is. */
export function errorOfStore(error: unknown, commandId: string): Error {
  if (error instanceof OutcomeUnknown) return outcomeUnknown(commandId);
  if (error instanceof StoreUnavailable) return storeAway();
  if (error instanceof AppendTooLarge) {
    const message = `The event store takes ${error.limit} bytes at once; the command's events are more.`;
    return new CohortError('TOO_LARGE', message, { limit: error.limit });
  }
  return error instanceof Error ? error : new Error(String(error));
}
