/** The typed NATS client of Cohort, for other services. */
export { allUserGroups, type UserGroups } from './all-user-groups';
export { CohortClient, type CallOptions, type CohortClientOptions } from './cohort-client';
export { everyPage } from './every-page';
export { exportUser, type UserExportPage } from './export-user';
export { Mirror } from './mirror';
export { mirror, type MirroredEntry, type MirroredList, type MirrorOf } from './mirrors';
export { groupEvents, type GroupEventsOptions } from './group-events';
export { CohortError } from '@cohort/contracts';
export { importGroups, type ImportOptions, type ImportProgress } from './import/import-groups';
export { ImportLineError } from './import/lines';
