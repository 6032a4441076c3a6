import { comparePositions, type Position } from '@cohort/contracts';

export interface Waiter {
  readonly position: Position;
  readonly done: (visible: boolean) => void;
}

/** Waiters in the order of their positions, so that a step of the log costs only the waiters that it releases. */
export class Waiters {
  private readonly sorted: Waiter[] = [];

  get size(): number {
    return this.sorted.length;
  }

  add(waiter: Waiter): void {
    this.sorted.splice(this.after(waiter.position), 0, waiter);
  }

  remove(waiter: Waiter): void {
    for (let i = this.after(waiter.position) - 1; i >= 0; i--) {
      if (this.sorted[i] === waiter) return void this.sorted.splice(i, 1);
      if (this.sorted[i]!.position !== waiter.position) return;
    }
  }

  /** Removes and returns the waiters whose position is at most this one; all without a position. */
  take(upTo?: Position): Waiter[] {
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
