/** What Cohort and its users agree on: events, commands, queries, subjects, names, errors. No framework, no I/O. */
export * from './apps';
export * from './commands';
export * from './errors';
export * from './event-ids';
export * from './events';
export * from './ids';
export * from './positions';
export * from './queries';
export * from './streams';
export * from './subjects';
export * from './validation';
