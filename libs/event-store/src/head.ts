import { randomUUID } from 'node:crypto';
import { HEAD_STREAM, START, type Position } from '@cohort/contracts';
import { OutcomeUnknown, StoreUnavailable } from './errors';
import { HEAD_MARK, reaches } from './selection';
import type { EventStore, Selection, StoredEvent } from './types';

/** The end of the log, as a follower of some events sees it. */
export interface Newest {
  readonly position: Position;
  /** Whether a follower of these events is sent the event at this position. */
  readonly isSelected: boolean;
}

/** The events at the end of the log that are looked at, whatever is in the store. */
const LOOKED_AT = 16;

/**
 * Finds the end of the log in bounded work. A store may be shared with other applications, and writes events of its own, so
 * the newest event of some streams may be any distance away from the end. If it isn't among the last few events, an event is
 * appended to `HEAD_STREAM`, which every follower is sent: its position is after all earlier events, and every follower
 * reaches it.
 */
export class LogHead {
  /** The append in flight, and the one that begins after it. */
  #marking: Promise<unknown> = Promise.resolve();
  #next: Promise<Position> | undefined;
  #trimmed: Promise<void> | undefined;

  constructor(
    private readonly store: Pick<EventStore, 'append' | 'setMaxCount'>,
    /** Reads this many events of the whole log, from its end backwards. */
    private readonly last: (count: number) => AsyncIterable<StoredEvent>,
  ) {}

  /** Looks at the last few events. */
  async newest(selection: Selection): Promise<Newest> {
    const selectsAll = selection.prefixes.length === 0 && selection.types === undefined;
    const count = selectsAll ? 1 : LOOKED_AT;
    let newest: Newest | undefined;
    let seen = 0;
    // The loop reads to the end, because cancelling a read costs the connection.
    for await (const event of this.last(count)) {
      const { position } = event;
      seen += 1;
      if (newest?.isSelected) continue;
      if (reaches(selection, event)) newest = { position, isSelected: true };
      else newest ??= { position, isSelected: false };
    }
    if (newest?.isSelected || (newest !== undefined && seen === count)) return newest;
    return { position: START, isSelected: true };
  }

  /** Returns a position that a follower of these streams reaches, at or after their newest event. */
  async reachable(prefixes: readonly string[]): Promise<Position> {
    const { position, isSelected } = await this.newest({ prefixes });
    return isSelected ? position : this.#mark();
  }

  /** Appends a mark. Calls that come during an append share the next one: the mark must be after what they know of. */
  #mark(): Promise<Position> {
    this.#next ??= this.#marking.then(() => {
      this.#next = undefined;
      const appended = this.#append();
      this.#marking = appended.catch(() => undefined);
      return appended;
    });
    return this.#next;
  }

  async #append(): Promise<Position> {
    try {
      this.#trimmed ??= this.store.setMaxCount(HEAD_STREAM, 1);
      await this.#trimmed;
      const mark = { id: randomUUID(), type: HEAD_MARK, data: {}, metadata: { schemaVersion: 1 } };
      return (await this.store.append(HEAD_STREAM, [mark], 'any')).position;
    } catch (error) {
      this.#trimmed = undefined;
      if (error instanceof OutcomeUnknown) throw new StoreUnavailable(error.message);
      throw error;
    }
  }
}
