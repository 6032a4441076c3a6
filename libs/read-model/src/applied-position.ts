import { CohortError, comparePositions, type Position } from '@cohort/contracts';

interface Waiter {
  readonly position: Position;
  readonly wake: () => void;
}

/** How far the log has been applied, for those who wait for a position. */
export class AppliedPosition {
  /** Ordered by position. */
  private readonly waiters: Waiter[] = [];

  constructor(private position: Position) {}

  get current(): Position {
    return this.position;
  }

  /** How many are waiting now. */
  get waiting(): number {
    return this.waiters.length;
  }

  /** Says that a commit brought the read model here, and wakes those who waited for it. */
  advance(position: Position): void {
    if (comparePositions(position, this.position) <= 0) return;
    this.position = position;
    const due = this.waiters.findIndex((waiter) => comparePositions(waiter.position, position) > 0);
    for (const { wake } of this.waiters.splice(0, due < 0 ? this.waiters.length : due)) wake();
  }

  /** Resolves at once, or when the position is applied; throws `READ_MODEL_BEHIND` after `timeoutMs`. */
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
      `The read model has position ${this.position} and did not reach ${position} within ${timeoutMs} ms; try again.`,
      { position: this.position, after: position },
    );
  }

  /** Most wait for the newest position, so the place is near the end. */
  private enqueue(waiter: Waiter): void {
    const before = this.waiters.findLastIndex((other) => comparePositions(other.position, waiter.position) <= 0);
    this.waiters.splice(before + 1, 0, waiter);
  }
}
