import { comparePositions, PositionQueue, type Position, type QueryNodeApplied } from '@cohort/contracts';

/** Most query nodes that are waited for. Announcements of further nodes are ignored. */
const MOST_NODES = 64;
/** Longest lease that counts. A node announces itself at least once a second. */
const LONGEST_LEASE_MS = 5_000;

interface Waiter {
  readonly position: Position;
  readonly done: (visible: boolean) => void;
}

interface Node {
  position: Position;
  lease: NodeJS.Timeout;
}

/**
 * Knows the position that each live query node has applied, from the nodes' announcements. A write is answered after all
 * of them have applied it, because the vendors' SDKs carry no position and the next read may reach any node.
 *
 * A node is live until its lease ends without a new announcement. With no live node there is no wait: nothing would
 * answer a read. At the start, and after the leases of all nodes have ended (NATS was unreachable), not all nodes are known
 * yet. For `settleMs`, in which every node announces itself, each wait therefore acts as if another node were behind.
 *
 * Nodes of one event store count, because positions of two stores can't be compared. The work for an announcement doesn't
 * grow with the number of waiting writes, and the number of nodes is bounded.
 */
export class QueryNodes {
  private readonly nodes = new Map<string, Node>();
  private readonly waiters = new PositionQueue<Waiter>();
  private store: string | undefined;
  /** The lowest position of a live node. */
  private lowest: Position | undefined;
  private settledAt: number;
  /** Whether the last live node ended without announcing it. */
  private lostAll = false;
  private settling?: NodeJS.Timeout;

  constructor(private readonly settleMs: number) {
    this.settledAt = performance.now() + settleMs;
  }

  /** Live nodes, by id. */
  get live(): ReadonlyMap<string, Position> {
    return new Map([...this.nodes].map(([id, { position }]) => [id, position]));
  }

  /** The number of live nodes. */
  get size(): number {
    return this.nodes.size;
  }

  /** Whether every live node must be known by now. */
  get settled(): boolean {
    return performance.now() >= this.settledAt;
  }

  /** Applies one announcement. */
  applied({ node: id, store, position, leaseMs }: QueryNodeApplied): void {
    if (this.nodes.size > 0 && store !== this.store) return;
    const node = this.nodes.get(id);
    if (leaseMs <= 0) {
      if (node) this.remove(id, node);
      return;
    }
    if (!node && this.nodes.size >= MOST_NODES) return;
    const lease = setTimeout(() => this.leaseEnded(id), Math.min(leaseMs, LONGEST_LEASE_MS));
    if (node) {
      const before = node.position;
      clearTimeout(node.lease);
      Object.assign(node, { position, lease });
      if (before === this.lowest && before !== position) this.lowest = this.findLowest();
    } else {
      if (this.lostAll) this.settledAt = performance.now() + this.settleMs;
      this.lostAll = false;
      this.store = store;
      this.nodes.set(id, { position, lease });
    }
    if (this.lowest === undefined || comparePositions(position, this.lowest) < 0) this.lowest = position;
    this.release();
  }

  /** Resolves with `true` when every live query node has applied the position, or with `false` after `boundMs`. */
  waitFor(position: Position, boundMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const bound = setTimeout(() => {
        this.waiters.remove(waiter);
        resolve(false);
      }, boundMs);
      const done = (visible: boolean): void => {
        clearTimeout(bound);
        resolve(visible);
      };
      const waiter: Waiter = { position, done };
      this.waiters.add(waiter);
      this.release();
    });
  }

  /** Ends all waiting. */
  close(): void {
    for (const { done } of this.waiters.take()) done(false);
    for (const { lease } of this.nodes.values()) clearTimeout(lease);
    clearTimeout(this.settling);
  }

  private leaseEnded(id: string): void {
    const node = this.nodes.get(id);
    if (!node) return;
    this.lostAll = this.nodes.size === 1;
    this.remove(id, node);
  }

  private remove(id: string, { position, lease }: Node): void {
    clearTimeout(lease);
    this.nodes.delete(id);
    if (position === this.lowest) this.lowest = this.findLowest();
    this.release();
  }

  private findLowest(): Position | undefined {
    let lowest: Position | undefined;
    for (const { position } of this.nodes.values()) {
      if (lowest === undefined || comparePositions(position, lowest) < 0) lowest = position;
    }
    return lowest;
  }

  /** Ends the waits for which every live node has the position. */
  private release(): void {
    if (this.waiters.size === 0) return;
    const left = this.settledAt - performance.now();
    if (left <= 0) {
      for (const { done } of this.waiters.take(this.lowest)) done(true);
      return;
    }
    // The end of the settling time releases waiters without any announcement.
    this.settling ??= setTimeout(() => {
      this.settling = undefined;
      this.release();
    }, Math.ceil(left));
  }
}
