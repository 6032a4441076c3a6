/** Shared by every process of Cohort: settings, tenants, logging, health, metrics, start and stop. */
export { Apps, DEMO_APP, loadApps, namingApps } from './apps';
export { waitedFor, type Dependency } from './dependency';
export { followerWatch, type FollowerWatch } from './followers';
export { createLogger } from './logging';
export { createMetrics, overloads, requestDurations, type Observe } from './metrics';
export { natsOptions } from './nats-options';
export type { ProcessContext } from './process-context';
export { Readiness, type Check } from './readiness';
export { kindOf, RepeatedLines } from './repeated-lines';
export type { ReadyMessage, ServedDialect } from './ready-message';
export { SetAside, type StoredPlace } from './set-aside';
export {
  BaseSettings,
  EventStoreSettings,
  IsListenHost,
  IsPort,
  IsPortOrOff,
  IsReplyPrefixes,
  IsWhole,
  readSettings,
} from './settings';
export { closeHttp, listenHttp, type Address } from './listen';
export { listenError, needed, StartError } from './start-error';
export { startProcess, type ProcessOptions, type Serving } from './start-process';
export { TenantShares } from './tenant-shares';
export { VERSION } from './version';
