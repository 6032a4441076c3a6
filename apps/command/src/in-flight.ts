import { CohortError } from '@cohort/contracts';
import { TenantShares } from '@cohort/process';

export interface InFlightLimits {
  /** Commands in flight for one tenant. Default 5,000. */
  readonly perApp: number;
  /** Commands in flight for one group. Default 2,000. */
  readonly perGroup: number;
  /** Commands in flight for one user. They are written one after the other. Default 200. */
  readonly perUser: number;
}

/** The limit that a command met. */
export type InFlightLimit = 'app' | 'group' | 'user';

/**
 * Counts the commands that are waiting or being carried out, and rejects those beyond a tenant's, a group's or a user's
 * share. The NATS server bounds the whole node: it rejects before a request costs anything.
 */
export class InFlight {
  readonly #limits: InFlightLimits;
  readonly #ofApps: TenantShares;
  #count = 0;

  constructor(
    limits: Partial<InFlightLimits> = {},
    private readonly onOverloaded: (limit: InFlightLimit) => void = () => undefined,
  ) {
    this.#limits = { perApp: 5_000, perGroup: 2_000, perUser: 200, ...limits };
    this.#ofApps = new TenantShares(this.#limits.perApp);
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Counts a command in, with this many commands of its group or user before it. Returns a function that counts it out.
   * Throws `OVERLOADED`.
   */
  enter(app: string, of: 'group' | 'user', before: number): () => void {
    const leave = this.#ofApps.take(app);
    if (!leave) this.#refuse('app', this.#ofApps.most);
    const limit = of === 'group' ? this.#limits.perGroup : this.#limits.perUser;
    if (before >= limit) {
      leave();
      this.#refuse(of, limit);
    }
    this.#count += 1;
    return () => {
      this.#count -= 1;
      leave();
    };
  }

  #refuse(what: InFlightLimit, limit: number): never {
    this.onOverloaded(what);
    const message = `Too many commands are in flight for the ${what} (${limit}); try again later.`;
    throw new CohortError('OVERLOADED', message, { limit });
  }
}
