import { CohortError, comparePositions, type Position } from '@cohort/contracts';

interface Waiter {
  readonly position: Position;
  readonly wake: () => void;
}

/** How far the log has been applied. Queries wait here for a position. */
export class AppliedPosition {
  /** Ordered by position. */
  private readonly waiters: Waiter[] = [];

  constructor(private position: Position) {}

  get current(): Position {
    return this.position;
  }

  /** Number of queries that wait now. */
  get waiting(): number {
    return this.waiters.length;
  }

  /** A commit brought the read model to this position: the queries that waited for it continue. */
  advance(position: Position): void {
    if (comparePositions(position, this.position) <= 0) return;
    this.position = position;
    const due = this.waiters.findIndex((waiter) => comparePositions(waiter.position, position) > 0);
    for (const { wake } of this.waiters.splice(0, due < 0 ? this.waiters.length : due)) wake();
  }

  /** Resolves once the position is applied; rejects with `READ_MODEL_BEHIND` after `timeoutMs`. */
  async waitFor(position: Position, timeoutMs: number): Promise<void> {
    if (comparePositions(position, this.position) <= 0) return;
    let timer: NodeJS.Timeout | undefined;
    let waiter: Waiter | undefined;
    const reached = await new Promise<boolean>((resolve) => {
      waiter = { position, wake: () => resolve(true) };
      this.enqueue(waiter);
      timer = setTimeout(() => resolve(false), timeoutMs);
    });
    clearTimeout(timer);
    if (reached) return;
    this.waiters.splice(this.waiters.indexOf(waiter!), 1);
    throw new CohortError(
      'READ_MODEL_BEHIND',
      `This node has applied position ${this.position} and did not reach ${position} within ${timeoutMs} ms. Try again.`,
      { position: this.position, after: position },
    );
  }

  /** Behind those that wait for the same position. Callers choose positions, so the place is found by halving. */
  private enqueue(waiter: Waiter): void {
    let [from, to] = [0, this.waiters.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (comparePositions(this.waiters[middle]!.position, waiter.position) <= 0) from = middle + 1;
      else to = middle;
    }
    this.waiters.splice(from, 0, waiter);
  }
}
