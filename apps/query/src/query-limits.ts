import { CohortError } from '@cohort/contracts';
import { TenantShares, overloads } from '@cohort/process';
import type { Registry } from 'prom-client';

/** Queries of one app that may be in work at once: most of them would wait for a position. */
const PER_APP = 5_000;

/**
 * Keeps one app's queries, which may wait for seconds each, from taking the node from the others. The whole node's bound
 * is the NATS server's, which refuses before a request costs anything.
 */
export class QueryLimits {
  readonly #shares = new TenantShares(PER_APP);
  /** Hears of each query that is refused because too many are in work. */
  readonly onOverloaded: (limit: 'app' | 'node') => void;

  constructor(registry: Registry) {
    this.onOverloaded = overloads(registry, 'queries', ['node', 'app']);
  }

  /** Counts a query in; the function that comes back counts it out. Throws `OVERLOADED`. */
  enter(app: string): () => void {
    const leave = this.#shares.take(app);
    if (leave) return leave;
    this.onOverloaded('app');
    const message = `Too many queries are in work for the app (${PER_APP}); try again later.`;
    throw new CohortError('OVERLOADED', message, { limit: PER_APP });
  }
}
