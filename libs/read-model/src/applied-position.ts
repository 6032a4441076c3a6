import { CohortError, comparePositions, PositionQueue, type Position } from '@cohort/contracts';

interface Waiter {
  readonly position: Position;
  readonly wake: () => void;
}

/** How far the log has been applied. Queries wait here for a position. */
export class AppliedPosition {
  private readonly waiters = new PositionQueue<Waiter>();

  constructor(private position: Position) {}

  get current(): Position {
    return this.position;
  }

  /** Number of queries that wait now. */
  get waiting(): number {
    return this.waiters.size;
  }

  /** A commit brought the read model to this position: the queries that waited for it continue. */
  advance(position: Position): void {
    if (comparePositions(position, this.position) <= 0) return;
    this.position = position;
    for (const { wake } of this.waiters.take(position)) wake();
  }

  /** Resolves once the position is applied; rejects with `READ_MODEL_BEHIND` after `timeoutMs`. */
  async waitFor(position: Position, timeoutMs: number): Promise<void> {
    if (comparePositions(position, this.position) <= 0) return;
    let timer: NodeJS.Timeout | undefined;
    let waiter: Waiter | undefined;
    const reached = await new Promise<boolean>((resolve) => {
      waiter = { position, wake: () => resolve(true) };
      this.waiters.add(waiter);
      timer = setTimeout(() => resolve(false), timeoutMs);
    });
    clearTimeout(timer);
    if (reached) return;
    this.waiters.remove(waiter!);
    throw new CohortError(
      'READ_MODEL_BEHIND',
      `This node has applied position ${this.position} and did not reach ${position} within ${timeoutMs} ms. Try again.`,
      { position: this.position, after: position },
    );
  }
}
