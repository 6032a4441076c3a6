/** The typed client that other services install. */
export { CohortClient, type CallOptions, type CohortClientOptions } from './cohort-client';
export { CohortError } from '@cohort/contracts';
