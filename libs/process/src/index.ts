/** What every process of Cohort shares: settings, apps, logging, health, metrics, start and stop. */
export { AppShares } from './app-shares';
export { Apps, DEMO_APP, loadApps } from './apps';
export { createLogger } from './logging';
export { createMetrics, overloads, requestDurations, type Observe } from './metrics';
export { Readiness, type Check } from './readiness';
export { BaseSettings, EventStoreSettings, IsPort, IsUrls, IsWhole, readSettings } from './settings';
export { codeOf, needed, StartError } from './start-error';
export { startProcess, type ProcessContext, type ProcessOptions, type Serving } from './start-process';
export { VERSION } from './version';
