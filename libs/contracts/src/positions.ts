/**
 * A place in the event store's log: an opaque, ordered decimal string. `0` is before every event. Positions of two stores
 * can't be compared. Answers that a client may keep a copy of carry a `basis`, which names the store.
 */
export type Position = string;

/** The position before every event. */
export const START: Position = '0';

/** Whether the value is a position: a decimal of at most 20 digits. */
export const isPosition = (value: unknown): value is Position =>
  typeof value === 'string' && /^(0|[1-9][0-9]{0,19})$/.test(value);

/** Negative if `a` is before `b`, 0 if they are equal, positive if `a` is after `b`. */
export function comparePositions(a: Position, b: Position): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}
