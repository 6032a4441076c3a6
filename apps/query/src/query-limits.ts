import { FairTurns } from '@cohort/bus';
import { CohortError } from '@cohort/contracts';
import { TenantShares, overloads } from '@cohort/process';
import type { Registry } from 'prom-client';

/** Most queries of one tenant in flight. Of that many, most would be waiting for a position. */
const PER_APP = 5_000;

/** Entries and groups of an answer above which a query waits for its tenant's turn. */
const LARGE = { entries: 200, groups: 50 } as const;

/** The fields of queries that determine the size of the answer. */
interface Asked {
  readonly app: string;
  readonly limit?: number;
  readonly groupIds?: readonly string[];
}

/**
 * Limits the queries of one tenant, so that others are still served while its queries wait. The limit of the whole node is
 * in `NatsServer` (`libs/bus`).
 */
export class QueryLimits {
  readonly #shares = new TenantShares(PER_APP);
  /** The order of large answers. Large messages have one of their own: a message in work may wait here for its answer. */
  readonly #turns = new FairTurns();
  /** Counts a query that is rejected because too many are in flight. */
  readonly onOverloaded: (limit: 'app' | 'node') => void;

  constructor(registry: Registry) {
    this.onOverloaded = overloads(registry, 'queries', ['node', 'app']);
  }

  /** Counts a query in; the returned function counts it out. Throws `OVERLOADED`. */
  enter(app: string): () => void {
    const leave = this.#shares.take(app);
    if (leave) return leave;
    this.onOverloaded('app');
    const message = `Too many queries are in flight for the app (${PER_APP}); try again later.`;
    throw new CohortError('OVERLOADED', message, { limit: PER_APP });
  }

  /** The tenant's turn, if the answer may be large. */
  async turn({ app, limit = 0, groupIds = [] }: Asked): Promise<void> {
    if (limit > LARGE.entries || groupIds.length > LARGE.groups) await this.#turns.next(app);
  }
}
