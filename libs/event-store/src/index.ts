/** The one way to the event store: append with exact revisions, read, follow the log. */
export * from './connect';
export * from './errors';
export * from './json';
export * from './read-one';
export * from './types';
