/** The contract between Cohort and its users: events, commands, queries, subjects, names, errors. No framework, no I/O. */
// class-transformer reads types through it, and a consumer of this library may be the first to need it.
import 'reflect-metadata';
export * from './apps';
export * from './backoff';
export * from './command';
export * from './errors';
export * from './event';
export * from './event-ids';
export * from './features/history';
export * from './features/info';
export * from './features/lifecycle';
export * from './features/membership';
export * from './features/node';
export * from './features/roles';
export * from './features/user-sync';
export * from './feed';
export * from './ids';
export * from './notifications';
export * from './once-per';
export * from './positions';
export * from './query';
export * from './registry';
export * from './streams';
export * from './subjects';
export * from './terms';
export * from './turn-end';
export * from './validation';
export * from './views';
