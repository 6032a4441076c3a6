import { isPosition } from '../positions';
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

/** The name of the query nodes in discovery. In their answers, `metadata` has the `node` and `store` of their announcements. */
export const QUERY_SERVICE = 'cohort-query';

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

/** Longest announcement, in bytes. Longer messages needn't be parsed. */
export const MAX_APPLIED_BYTES = 1_024;
/** Longest lease of an announcement, in milliseconds. Nodes announce much shorter ones. */
const MAX_LEASE_MS = 60_000;

const NAME = /^[A-Za-z0-9_-]{1,128}$/;
const FIELDS: ReadonlySet<string> = new Set([
  'node',
  'store',
  'position',
  'leaseMs',
] satisfies (keyof QueryNodeApplied)[]);

/** Whether the value is an announcement. Any client that may publish on the subject can send one. */
export function isQueryNodeApplied(value: unknown): value is QueryNodeApplied {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { node, store, position, leaseMs } = value as Partial<QueryNodeApplied>;
  return (
    Object.keys(value).every((field) => FIELDS.has(field)) &&
    typeof node === 'string' &&
    NAME.test(node) &&
    typeof store === 'string' &&
    NAME.test(store) &&
    isPosition(position) &&
    typeof leaseMs === 'number' &&
    Number.isInteger(leaseMs) &&
    leaseMs >= 0 &&
    leaseMs <= MAX_LEASE_MS
  );
}

export const node = {
  queries: { status: query<GetStatus, StatusAnswer>(GetStatus, ['position', 'string']) },
} as const;
