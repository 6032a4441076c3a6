import { eventTypeFilter, streamNameFilter, type Filter } from '@eventstore/db-client';
import { HEAD_STREAM } from '@cohort/contracts';
import type { Selection, StoredEvent } from './types';

/** The type of the only events in `HEAD_STREAM`, which every follower is sent. */
export const HEAD_MARK = 'headMarked';

type Named = Pick<StoredEvent, 'stream' | 'type'>;

/** Whether a follower is handed an event. */
export const selects = ({ prefixes, types }: Selection, { stream, type }: Named): boolean =>
  (types === undefined || types.includes(type)) &&
  (prefixes.length === 0 || prefixes.some((prefix) => stream.startsWith(prefix)));

/** Whether a follower is handed an event, or is sent it as a mark of the log's end. */
export const reaches = (selection: Selection, event: Named): boolean =>
  event.stream === HEAD_STREAM || selects(selection, event);

/**
 * What the server is asked to send; undefined for everything. A server selects by streams or by types, and by types it sends
 * more than is selected.
 */
export function filterOf(
  { prefixes, types }: Selection,
  options: Pick<Filter, 'maxSearchWindow' | 'checkpointReached'>,
): Filter | undefined {
  if (types !== undefined) return eventTypeFilter({ prefixes: [...types, HEAD_MARK], ...options });
  return prefixes.length === 0 ? undefined : streamNameFilter({ prefixes: [...prefixes, HEAD_STREAM], ...options });
}
