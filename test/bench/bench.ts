import type { Window } from './load';
import type { Service } from './service';

/** Calls in flight wherever a figure doesn't say otherwise, in Cohort and in what stands beside it. */
export const IN_FLIGHT = 256;

/** What every figure is measured with. */
export interface Bench {
  readonly service: Service;
  readonly quick: boolean;
  readonly window: Window;
  /** How often a figure and what is beside it take turns; the medians count. */
  readonly rounds: number;
}
