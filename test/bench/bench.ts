import type { Window } from './load';
import type { Service } from './service';

/** Default number of calls in flight, for Cohort and for the programs that it is compared with. */
export const IN_FLIGHT = 256;

/** What every figure is measured with. */
export interface Bench {
  readonly service: Service;
  readonly quick: boolean;
  readonly window: Window;
  /** How often a figure and what is beside it take turns; the medians count. */
  readonly rounds: number;
}
