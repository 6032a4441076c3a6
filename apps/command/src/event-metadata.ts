import type { EventMetadata } from '@cohort/contracts';
import type { CommandRequest } from './command-request';

/** What an event says of the command that wrote it: all but its place in the append, which is known last. */
export function eventMetadata(
  { app, commandId, commandHash, traceparent, data: { actor } }: CommandRequest,
  { at, schemaVersion }: { at: number; schemaVersion: number },
): Omit<EventMetadata, 'batch'> {
  return {
    $correlationId: commandId,
    $causationId: commandId,
    app: app.id,
    actor,
    commandId,
    commandHash,
    at: new Date(at).toISOString(),
    schemaVersion,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
