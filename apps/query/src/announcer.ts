import { QUERY_APPLIED_SUBJECT, type Position, type QueryNodeApplied } from '@cohort/contracts';

/** Milliseconds for which an announcement counts. The node makes three in that time. */
export const LEASE_MS = 2_400;
/** Milliseconds between two announcements of commits, at least. */
const COALESCE_MS = 5;

/** Announces how far this node has applied the log: at each commit, and three times a lease. */
export class Announcer {
  private timer?: NodeJS.Timeout;
  private soon?: NodeJS.Timeout;
  private last = -Infinity;

  constructor(
    private readonly publish: (subject: string, value: QueryNodeApplied) => void,
    private readonly node: string,
    private readonly store: string,
    private readonly position: () => Position,
  ) {}

  /** The fields by which a listener recognises this node in discovery. */
  get identity(): { readonly node: string; readonly store: string } {
    return { node: this.node, store: this.store };
  }

  /** From now on this node counts as live. */
  start(): void {
    this.timer = setInterval(() => this.announce(LEASE_MS), LEASE_MS / 3);
    this.announce(LEASE_MS);
  }

  /** Announces a commit: immediately, or together with those of the next milliseconds. */
  committed(): void {
    if (this.timer === undefined || this.soon !== undefined) return;
    const wait = this.last + COALESCE_MS - performance.now();
    if (wait <= 0) return this.announce(LEASE_MS);
    this.soon = setTimeout(() => this.announce(LEASE_MS), wait);
  }

  /** Announces the node's end: no writer waits for it any more. */
  stop(): void {
    if (this.timer === undefined) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.announce(0);
  }

  private announce(leaseMs: number): void {
    clearTimeout(this.soon);
    this.soon = undefined;
    this.last = performance.now();
    this.publish(QUERY_APPLIED_SUBJECT, { node: this.node, store: this.store, position: this.position(), leaseMs });
  }
}
