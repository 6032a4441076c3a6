/** The typed client that other services install. */
export { allUserGroups, type UserGroups } from './all-user-groups';
export { CohortClient, type CallOptions, type CohortClientOptions } from './cohort-client';
export { groupEvents, type GroupEventsOptions } from './group-events';
export { CohortError } from '@cohort/contracts';
