/** What Cohort and its users agree on: events, commands, queries, subjects, names, errors. No framework, no I/O. */
// class-transformer reads types through it, and whoever imports this may be the first to need it.
import 'reflect-metadata';
export * from './apps';
export * from './backoff';
export * from './commands';
export * from './errors';
export * from './event-ids';
export * from './events';
export * from './feed';
export * from './ids';
export * from './notifications';
export * from './positions';
export * from './queries';
export * from './streams';
export * from './subjects';
export * from './validation';
