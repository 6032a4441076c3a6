import type { EventStore, ReadOptions, StoredEvent } from './types';

/** Returns the first event of a read as it is stored, or undefined if there is none. */
export async function readOne(
  store: Pick<EventStore, 'read'>,
  stream: string,
  options: Omit<ReadOptions, 'limit'> = {},
): Promise<StoredEvent | undefined> {
  let one: StoredEvent | undefined;
  // The loop reads to the end, because cancelling a read costs the connection.
  for await (const event of store.read(stream, { ...options, limit: 1 })) one = event;
  return one;
}
