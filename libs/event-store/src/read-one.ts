import type { EventStore, ReadOptions, StoredEvent } from './types';
import { upcast } from '@cohort/contracts';

/** The first event of what a read would yield, in its newest version; undefined when there is none. */
export async function readOne(
  store: Pick<EventStore, 'read'>,
  stream: string,
  options: Omit<ReadOptions, 'limit'> = {},
): Promise<StoredEvent | undefined> {
  let one: StoredEvent | undefined;
  // To its end: a read that is broken off costs the connection.
  for await (const event of store.read(stream, { ...options, limit: 1 })) one = upcast(event);
  return one;
}
