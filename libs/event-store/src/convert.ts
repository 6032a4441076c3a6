import type { RecordedEvent } from '@eventstore/db-client';
import type { StoredEvent } from './types';

/** The client's event as ours. Metadata that isn't a JSON object (not written by us) counts as none. */
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
    position: String(position?.commit ?? 0n),
    id,
    type,
    data,
    metadata: isRecord(metadata) ? metadata : {},
    created,
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value);
