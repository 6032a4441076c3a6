import { CohortError } from '@cohort/contracts';
import { AppShares } from '@cohort/process';
import { Counter, type Registry } from 'prom-client';

/** Queries of one app that may be in work at once: most of them would wait for a position. */
const PER_APP = 5_000;

/**
 * Keeps one app's queries, which may wait for seconds each, from taking the node from the others. The whole node's bound
 * is the NATS server's, which refuses before a request costs anything.
 */
export class QueryLimits {
  readonly #shares = new AppShares(PER_APP);
  readonly #overloaded: Counter<'limit'>;

  constructor(registry: Registry) {
    this.#overloaded = new Counter({
      name: 'cohort_overloaded_total',
      help: 'Queries refused because too many were in work, by whose limit it was.',
      labelNames: ['limit'],
      registers: [registry],
    });
    for (const limit of ['node', 'app'] as const) this.#overloaded.inc({ limit }, 0);
  }

  readonly onNodeOverloaded = (): void => this.#overloaded.inc({ limit: 'node' });

  /** Counts a query in; the function that comes back counts it out. Throws `OVERLOADED`. */
  enter(app: string): () => void {
    const leave = this.#shares.take(app);
    if (leave) return leave;
    this.#overloaded.inc({ limit: 'app' });
    const message = `Too many queries are in work for the app (${PER_APP}); try again later.`;
    throw new CohortError('OVERLOADED', message, { limit: PER_APP });
  }
}
