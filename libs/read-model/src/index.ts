/** The read model: what queries are answered from. The only folder, beside the embedded event store, that knows SQLite. */
export { ReadModelFileError, sqliteCode } from './database';
export type { GroupHandlers } from './group-projection';
export { GROUP_HANDLERS } from './group-projection';
export type { LogEvent } from './log-event';
export type { Anchor, Applied } from './projection';
export { MAX_ANSWER_BYTES } from './pages';
export type { TableQueries, TableQueryName } from './queries';
export { ReadModel, type CommitListener, type ReadModelSettings } from './read-model';
