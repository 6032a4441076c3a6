import { commandHash, derivedCommandId, eventId, type EventMetadata } from '@cohort/contracts';
import { StreamDeleted, WrongExpectedRevision, type EventStore, type StoredEvent } from '@cohort/event-store';

/** An event by which a worker ends what a request in the same stream began. */
export interface Completion {
  readonly type: string;
  readonly version: number;
  readonly data: object;
  /** The event's command, for its hash. */
  readonly command: string;
  readonly app: string;
  /** The id of the event because of which the work was done. */
  readonly cause: string;
  readonly request: StoredEvent;
  /** The revision of the stream's last event, as it was read. */
  readonly revision: number;
}

/** Appends the completion; false when the stream has changed since it was read. */
export async function appendCompletion(
  store: Pick<EventStore, 'append'>,
  { type, version, data, command, app, cause, request, revision }: Completion,
): Promise<boolean> {
  const { stream } = request;
  const commandId = derivedCommandId(cause, 'complete');
  const requested = request.metadata as unknown as EventMetadata;
  const metadata: EventMetadata = {
    $correlationId: typeof requested.$correlationId === 'string' ? requested.$correlationId : cause,
    $causationId: cause,
    app,
    actor: { type: 'service' },
    commandId,
    commandHash: commandHash(command, data),
    at: new Date(Math.max(Date.now(), Date.parse(requested.at))).toISOString(),
    schemaVersion: version,
    batch: { index: 0, size: 1 },
    ...(requested.traceparent === undefined ? {} : { traceparent: requested.traceparent }),
  };
  try {
    await store.append(stream, [{ id: eventId({ stream, index: 0, ...metadata }), type, data, metadata }], revision);
    return true;
  } catch (error) {
    if (error instanceof WrongExpectedRevision || error instanceof StreamDeleted) return false;
    throw error;
  }
}
