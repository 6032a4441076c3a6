import type { CohortError } from '@cohort/contracts';

/** The error of a query that is rejected; undefined if it is answered. */
export function refused(ask: () => unknown): Pick<CohortError, 'code' | 'message' | 'details'> | undefined {
  try {
    ask();
    return undefined;
  } catch (error) {
    return error as CohortError;
  }
}
