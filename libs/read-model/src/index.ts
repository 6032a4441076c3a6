/** The read model: the tables that queries are answered from. */
export { Behind } from './behind';
export { decodeCursor, encodeCursor, type CursorScope } from './cursor';
export { isDamage, ReadModelFileError, sqliteCode } from './database';
export type { ReadFeature } from './feature';
export type { JoinCodeBasis } from './features/join-keys';
export type { LogEvent } from './log-event';
export type { HistoryPlace } from './features/history/user-events';
export type { HotQuery } from './open-features';
export { fitting, MAX_ANSWER_BYTES } from './pages';
export type { Anchor, Applied } from './projection';
export { ReadModel, type CommitListener, type ReadModelSettings } from './read-model';
export { isoTime, type GroupRecord } from './tables/group-reader';
export { SCHEMA_VERSION } from './tables/schema';
export type { GroupStanding } from './tables/unusable';
export { FEATURES, type TableQueries, type TableQueryName } from './registry';
