import { Query, query } from '../query';

/** State of the answering query node. It takes a tenant only because the subject needs one. */
export class GetStatus extends Query {}

export interface StatusAnswer {
  /** The event store's UUID. */
  readonly store: string;
  /** How far the log has been applied. */
  readonly position: string;
  /** Seconds the read model is behind the event store's newest event, as far as the node knows; 0 at the end. */
  readonly lagSeconds: number;
  /** Why answers may be incomplete: events that failed, or are of types this version doesn't know. */
  readonly degraded: readonly string[];
}

/** The subject on which a query node announces how far it has applied the log (core NATS, no reply). */
export const QUERY_APPLIED_SUBJECT = 'group.v1.node.query.applied';

/**
 * A query node's announcement on `QUERY_APPLIED_SUBJECT`: after every applied batch, at least twice a lease, and at least
 * once a second. A new listener therefore knows all nodes after one second.
 */
export interface QueryNodeApplied {
  /** One query process. A restarted one has another id. */
  readonly node: string;
  /** The store's UUID. Positions of another store can't be compared. */
  readonly store: string;
  readonly position: string;
  /** Milliseconds for which this node counts as live without another announcement; 0: the node is stopping. */
  readonly leaseMs: number;
}

export const node = {
  queries: { status: query<GetStatus, StatusAnswer>(GetStatus) },
} as const;
