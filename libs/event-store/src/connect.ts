import type { EventStore, EventStoreSettings } from './types';

/**
 * Connects the one event store of this process, and awaits a first round trip. The store's UUID is made when the store
 * is new.
 *
 * @throws StoreUnavailable the server can't be reached
 */
export function connectEventStore(settings: EventStoreSettings): Promise<EventStore> {
  return Promise.reject(new Error(`not connected to ${settings.url}`));
}
