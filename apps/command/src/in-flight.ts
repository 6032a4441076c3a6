import { CohortError } from '@cohort/contracts';

export interface InFlightLimits {
  /** Commands in flight for one app. Default 5,000. */
  readonly perApp: number;
  /** Commands in flight for one group. Default 2,000. */
  readonly perGroup: number;
  /** Syncs of one user in flight: they are written one after the other. Default 200. */
  readonly perUser: number;
}

/** Which limit a command met. */
export type InFlightLimit = 'app' | 'group' | 'user';

/**
 * Counts the commands that are waiting or being carried out, and refuses those beyond an app's, a group's or a user's
 * share. The whole node's bound is the NATS server's, which refuses before a request costs anything.
 */
export class InFlight {
  readonly #limits: InFlightLimits;
  readonly #ofApp = new Map<string, number>();
  #count = 0;

  constructor(
    limits: Partial<InFlightLimits> = {},
    private readonly onOverloaded: (limit: InFlightLimit) => void = () => undefined,
  ) {
    this.#limits = { perApp: 5_000, perGroup: 2_000, perUser: 200, ...limits };
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Counts a command in that finds so many of its group or user before it; the function that comes back counts it out.
   * Throws `OVERLOADED`.
   */
  enter(app: string, of: 'group' | 'user', before: number): () => void {
    const { perApp, perGroup, perUser } = this.#limits;
    const ofApp = this.#ofApp.get(app) ?? 0;
    if (ofApp >= perApp) this.#refuse('app', perApp);
    const limit = of === 'group' ? perGroup : perUser;
    if (before >= limit) this.#refuse(of, limit);
    this.#count += 1;
    this.#ofApp.set(app, ofApp + 1);
    return () => {
      this.#count -= 1;
      const left = this.#ofApp.get(app)! - 1;
      if (left === 0) this.#ofApp.delete(app);
      else this.#ofApp.set(app, left);
    };
  }

  #refuse(what: InFlightLimit, limit: number): never {
    this.onOverloaded(what);
    const message = `Too many commands are in flight for the ${what} (${limit}); try again later.`;
    throw new CohortError('OVERLOADED', message, { limit });
  }
}
