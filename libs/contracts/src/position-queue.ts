import { comparePositions, type Position } from './positions';

/**
 * Those that wait for a position, in its order. A step of the log costs only those that it releases, and the place of one is
 * found by halving, because callers choose positions.
 */
export class PositionQueue<W extends { readonly position: Position }> {
  private readonly sorted: W[] = [];

  get size(): number {
    return this.sorted.length;
  }

  /** Adds it behind those that wait for the same position. */
  add(waiter: W): void {
    this.sorted.splice(this.after(waiter.position), 0, waiter);
  }

  remove(waiter: W): void {
    for (let i = this.after(waiter.position) - 1; i >= 0; i--) {
      if (this.sorted[i] === waiter) return void this.sorted.splice(i, 1);
      if (this.sorted[i]!.position !== waiter.position) return;
    }
  }

  /** Removes and returns the waiters whose position is at most this one; all without a position. */
  take(upTo?: Position): W[] {
    return this.sorted.splice(0, upTo === undefined ? this.sorted.length : this.after(upTo));
  }

  /** The number of waiters whose position is at most this one. */
  private after(position: Position): number {
    let [low, high] = [0, this.sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comparePositions(this.sorted[middle]!.position, position) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
