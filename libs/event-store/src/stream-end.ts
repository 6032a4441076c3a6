import { readStored } from '@cohort/contracts';
import type { EventStore, StoredEvent } from './types';

/** Most events of a stream's end that are looked at behind strange ones. */
const MOST_LOOKED_AT = 100;

/** The end of a stream. Another program may have written there, too. */
export interface StreamEnd {
  /** The last event of all. */
  readonly last: StoredEvent;
  /** The last event that a build of this service wrote; undefined if there is none among the last 100. */
  readonly ours: StoredEvent | undefined;
}

/** Reads the end of a stream. Returns undefined if the stream has no events. */
export async function streamEnd(store: Pick<EventStore, 'read'>, stream: string): Promise<StreamEnd | undefined> {
  let last: StoredEvent | undefined;
  let ours: StoredEvent | undefined;
  // Events may be large, so more than one is read only behind a strange one.
  for (const limit of [1, MOST_LOOKED_AT]) {
    for await (const event of store.read(stream, { backwards: true, limit })) {
      last ??= event;
      if (readStored(event).kind !== 'strange') ours ??= event;
    }
    if (last === undefined || ours !== undefined) break;
  }
  return last && { last, ours };
}
