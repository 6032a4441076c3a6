import { CohortError } from '@cohort/contracts';
import { TenantShares, overloads } from '@cohort/process';
import type { Registry } from 'prom-client';

/** Queries of one tenant that may be in work at once. Most of so many would be waiting for a position. */
const PER_APP = 5_000;

/**
 * Leaves room for other tenants when one tenant's queries wait for seconds each. The bound of the whole node is in the NATS
 * server of `libs/bus`, which rejects a request before it costs anything.
 */
export class QueryLimits {
  readonly #shares = new TenantShares(PER_APP);
  /** Counts a query that is rejected because too many are in work. */
  readonly onOverloaded: (limit: 'app' | 'node') => void;

  constructor(registry: Registry) {
    this.onOverloaded = overloads(registry, 'queries', ['node', 'app']);
  }

  /** Counts a query in; the returned function counts it out. Throws `OVERLOADED`. */
  enter(app: string): () => void {
    const leave = this.#shares.take(app);
    if (leave) return leave;
    this.onOverloaded('app');
    const message = `Too many queries are in work for the tenant (${PER_APP}); try again later.`;
    throw new CohortError('OVERLOADED', message, { limit: PER_APP });
  }
}
