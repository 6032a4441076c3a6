import { CohortError, shownName } from '@cohort/contracts';
import type { ConnectionOptions } from 'nats';

/** The error of a call by a name that there isn't. Callers in JavaScript have no types that would say so. */
export const unknownName = (kind: 'command' | 'query' | 'mirrored list', name: unknown) =>
  new CohortError('UNKNOWN_OPERATION', `There is no ${kind} ${shownName(String(name))}.`);

/** The error of a connection that no server accepted. It names the servers, without the credentials in an address. */
export function notConnected({ servers = 'localhost:4222' }: Pick<ConnectionOptions, 'servers'>, cause: unknown) {
  const nodes = [servers].flat().map((server) => server.replace(/^\w+:\/\//, '').replace(/^.*@/, ''));
  const why = cause instanceof Error ? cause.message : String(cause);
  const error = new CohortError('UNAVAILABLE', `NATS can't be reached at ${nodes.join(', ')} (${why}).`);
  return Object.assign(error, { cause });
}

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
