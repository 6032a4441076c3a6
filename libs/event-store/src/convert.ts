import type { RecordedEvent } from '@eventstore/db-client';
import { placeAt } from './place';
import type { StoredEvent } from './types';

/** Converts an event of the client. Metadata that isn't a JSON object (written by other software) becomes empty. */
export function storedEvent({
  streamId,
  revision,
  position,
  id,
  type,
  data,
  metadata,
  created,
}: RecordedEvent): StoredEvent {
  return {
    stream: streamId,
    revision: Number(revision),
    ...placeAt(position ?? { commit: 0n, prepare: 0n }),
    id,
    type,
    data,
    metadata: isRecord(metadata) ? metadata : {},
    created: Number.isNaN(created.getTime()) ? new Date(0) : created,
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
