import { CohortError } from '@cohort/contracts';
import {
  AppendTooLarge,
  OutcomeUnknown,
  StoreRefused,
  StoreUnavailable,
  StreamDeleted,
  type RefusalKind,
} from '@cohort/event-store';
import { messageOf } from '@cohort/surroundings';

/** Errors of commands, beside those of the domain. */

export const commandIdReused = (commandId: string): CohortError =>
  new CohortError('COMMAND_ID_REUSED', 'This commandId was used with another payload: make a new one.', { commandId });

export const commandExpired = (commandId: string): CohortError =>
  new CohortError(
    'COMMAND_EXPIRED',
    'This commandId is too old: the service no longer knows whether the command was carried out. Query the group, then send a new commandId if needed.',
    { commandId },
  );

export const deadlineExceeded = (): CohortError =>
  new CohortError(
    'DEADLINE_EXCEEDED',
    'The deadline passed before the command was started; nothing was done. Send it again, with a longer timeout if needed.',
  );

/** @param actual undefined while there is no event */
export const concurrencyConflict = (what: string, expected: number, actual: number | undefined): CohortError =>
  new CohortError(
    'CONCURRENCY_CONFLICT',
    `${what} ${actual === undefined ? 'has no events' : `is at revision ${actual}`}, but the command expects revision ${expected}.`,
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
  new CohortError('UNAVAILABLE', "The event store can't be reached; nothing was done. Try again later.");

/** Nothing was written: the event store refused, for example because its disk is full. The log has the reason. */
const storeRefuses = (): CohortError =>
  new CohortError('UNAVAILABLE', 'The event store refuses to write now; nothing was done. Try again later.');

/** Refusals that an operator ends, so that the same command succeeds later. */
const PASSING: ReadonlySet<RefusalKind> = new Set(['full', 'busy', 'denied']);

/** @param why a sentence on the stored events */
export const dataDamaged = (why: string): CohortError =>
  new CohortError(
    'DATA_DAMAGED',
    `The stored events of this group or user are damaged, so that no command is carried out. ${why}`,
  );

export const dataErased = (): CohortError =>
  new CohortError(
    'DATA_ERASED',
    "An operator deleted the stored events of this group or user; its id can't be used again.",
  );

/** Whether a stream's stored events can't be used. */
export const isUnusable = (error: unknown): error is CohortError =>
  error instanceof CohortError && (error.code === 'DATA_ERASED' || error.code === 'DATA_DAMAGED');

/** `bytes`: the size of the command's events, where it is known. */
export const eventsTooLarge = (details: { readonly bytes?: number; readonly limit: number }): CohortError =>
  new CohortError(
    'TOO_LARGE',
    `The command's events exceed the limit of ${details.limit} bytes; send fewer users or shorter texts.`,
    details,
  );

/** The caller's error for a failure of the event store to append or read; any other error stays as it is. */
export function errorOfStore(error: unknown, commandId: string): Error {
  if (error instanceof OutcomeUnknown) return outcomeUnknown(commandId);
  if (error instanceof StoreUnavailable) return storeAway();
  if (error instanceof StoreRefused && PASSING.has(error.kind)) return storeRefuses();
  if (error instanceof StreamDeleted) return dataErased();
  if (error instanceof AppendTooLarge) return eventsTooLarge({ limit: error.limit });
  return error instanceof Error ? error : new Error(messageOf(error));
}
