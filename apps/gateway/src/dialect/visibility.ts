import { comparePositions, type Position, type QueryNodeApplied } from '@cohort/contracts';

interface Node {
  readonly position: Position;
  /** On the clock of `performance.now()`. */
  readonly expiresAt: number;
}

interface Waiter {
  readonly position: Position;
  readonly done: (visible: boolean) => void;
}

/**
 * Knows the position that each live query node has applied, from the nodes' announcements. A write is answered after all
 * of them have applied it, because the vendors' SDKs carry no position and the next read may reach any node.
 *
 * A node is live until its lease ends without a new announcement. With no live node there is no wait: nothing would
 * answer a read. At the start, and after NATS was unreachable, not all nodes are known yet. For the first `settleMs`, in which
 * every node announces itself, each wait therefore acts as if another node were behind.
 */
export class QueryNodes {
  private readonly nodes = new Map<string, Node>();
  private readonly waiters = new Set<Waiter>();
  private settledAt: number;
  private timer?: NodeJS.Timeout;

  constructor(private readonly settleMs: number) {
    this.settledAt = performance.now() + settleMs;
  }

  /** Live nodes, by id. */
  get live(): ReadonlyMap<string, Position> {
    const now = performance.now();
    return new Map(
      [...this.nodes].filter(([, node]) => node.expiresAt > now).map(([id, { position }]) => [id, position]),
    );
  }

  /** Whether every live node must be known by now. */
  get settled(): boolean {
    return performance.now() >= this.settledAt;
  }

  /** Applies one announcement. */
  applied({ node, position, leaseMs }: QueryNodeApplied): void {
    const now = performance.now();
    if (this.live.size === 0) this.settledAt = now + this.settleMs;
    this.nodes.set(node, { position, expiresAt: now + leaseMs });
    this.release();
  }

  /** Resolves with `true` when every live query node has applied the position, or with `false` after `boundMs`. */
  waitFor(position: Position, boundMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        position,
        done: (visible) => {
          clearTimeout(bound);
          this.waiters.delete(waiter);
          resolve(visible);
        },
      };
      const bound = setTimeout(() => waiter.done(false), boundMs);
      this.waiters.add(waiter);
      this.release();
    });
  }

  /** Ends all waiting. */
  close(): void {
    for (const { done } of this.waiters) done(false);
    clearTimeout(this.timer);
  }

  private release(): void {
    const now = performance.now();
    for (const [id, node] of this.nodes) if (node.expiresAt <= now) this.nodes.delete(id);
    if (this.waiters.size === 0) return;
    if (now >= this.settledAt) {
      const lagging = (wanted: Position) =>
        [...this.nodes.values()].some((n) => comparePositions(n.position, wanted) < 0);
      for (const { position, done } of this.waiters) if (!lagging(position)) done(true);
    }
    if (this.waiters.size > 0) this.releaseAgainBy(now);
  }

  /** The end of a lease or of the settling time releases waiters too, without any announcement. */
  private releaseAgainBy(now: number): void {
    const due = now < this.settledAt ? [this.settledAt] : [...this.nodes.values()].map(({ expiresAt }) => expiresAt);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.release(), Math.max(1, Math.ceil(Math.min(...due) - now)));
  }
}
