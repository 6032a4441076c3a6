import { imports, type EventMetadata } from '@cohort/contracts';
import type { StreamCommand } from './mailbox/stream-kind';

/** An event's metadata but for its place in the append, which is known last. */
export function eventMetadata(
  { type, app, commandId, commandHash, traceparent, data: { actor, notice } }: StreamCommand,
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
    ...(Object.hasOwn(imports.commands, type) ? { imported: true as const } : {}),
    ...(notice === undefined ? {} : { notice }),
  };
}
