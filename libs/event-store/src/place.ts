import { comparePositions, type Position } from '@cohort/contracts';
import type { Place } from './types';

/** A place in the log as the server counts it. */
interface ServerPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

/** Converts a position of the server. `prepare` is left out if it is the same as `commit`, as for nearly all events. */
export const placeAt = ({ commit, prepare }: ServerPosition): Place =>
  commit === prepare ? { position: String(commit) } : { position: String(commit), prepare: String(prepare) };

/** The place of something that has one, such as an event. */
export const placeOf = ({ position, prepare }: Place): Place =>
  prepare === undefined ? { position } : { position, prepare };

/** The position to pass to the server. */
export function serverPosition({ position, prepare = position }: Place): ServerPosition {
  return { commit: BigInt(position), prepare: BigInt(prepare) };
}

/** Negative if `a` is before `b`, 0 if they are equal, positive if `a` is after `b`. */
export const comparePlaces = (a: Place, b: Place): number =>
  comparePositions(a.position, b.position) || comparePositions(a.prepare ?? a.position, b.prepare ?? b.position);

/**
 * How far a follower has read. All events of a transaction have the same commit position, and a subscription may break
 * between two of them. So the exact place is kept in addition to the last position that is complete.
 */
export class ReadSoFar {
  /** The exact place of the last event or checkpoint. */
  place: Place;
  /** Every event up to this commit position was read. */
  complete: Position;

  constructor(from: Place) {
    this.place = from;
    this.complete = from.position;
  }

  /** Advances to a later place. Returns false if it was read before. */
  advance(to: Place): boolean {
    if (comparePlaces(to, this.place) <= 0) return false;
    const before = this.place.position;
    if (before !== to.position && comparePositions(before, this.complete) > 0) this.complete = before;
    this.place = to;
    if (to.prepare === undefined) this.complete = to.position;
    return true;
  }

  /** The log was read to its end. */
  atEnd(): void {
    this.complete = this.place.position;
  }
}
