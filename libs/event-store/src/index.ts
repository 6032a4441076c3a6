/** The adapter of the event store: append with optimistic concurrency, read streams, follow the log. */
export * from './connect';
export * from './errors';
export * from './json';
export { placeOf } from './place';
export * from './read-one';
export * from './standing';
export * from './stream-end';
export * from './types';
export * from './user-keys';
