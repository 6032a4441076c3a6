import { comparePositions, type Position } from '@cohort/contracts';
import type { EventStore } from '@cohort/event-store';

/**
 * The newest position of the log that this process has seen: the log's head at its first append, then the positions of its
 * own appends. An append that is answered with a position up to it is a repeat of something written before.
 */
export class NewestPosition {
  #position: Position | undefined;
  #first: Promise<void> | undefined;

  constructor(private readonly store: Pick<EventStore, 'head'>) {}

  /** Reads the log's head once in the life of the process. Throws `StoreUnavailable`. */
  async get(): Promise<Position> {
    while (this.#position === undefined) {
      this.#first ??= this.store
        .head()
        .then((head) => this.saw(head))
        .finally(() => (this.#first = undefined));
      await this.#first;
    }
    return this.#position;
  }

  saw(position: Position): void {
    if (this.#position === undefined || comparePositions(position, this.#position) > 0) this.#position = position;
  }
}
