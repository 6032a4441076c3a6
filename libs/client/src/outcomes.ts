import { CohortError } from '@cohort/contracts';

/** The error of a call that nothing was done for. `what` names replies that came although no service sent them. */
export const unavailable = (what?: string) =>
  new CohortError(
    'UNAVAILABLE',
    what === undefined
      ? 'No node of the service answered, or NATS is disconnected; nothing was done. Check the connection and that the service runs.'
      : `No node of the service answered: ${what}.`,
  );

/** The error of a command that may have been carried out. */
export const outcomeUnknown = (commandId: string, what?: string) =>
  new CohortError(
    'OUTCOME_UNKNOWN',
    what === undefined
      ? 'No answer arrived in time. Send the command again with the same command id.'
      : `No answer arrived: ${what}. Then send the command again with the same command id.`,
    { commandId },
  );
