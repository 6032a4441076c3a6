export { StoreStartError } from './lock';
export { startEmbeddedEventStore, type EmbeddedEventStore, type EmbeddedEventStoreOptions } from './server';
