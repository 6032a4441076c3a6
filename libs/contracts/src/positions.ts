/**
 * A place in the event store's log, as callers see it: an opaque, ordered decimal string. `0` is before every event.
 * Positions of two stores can't be compared; answers that may be mirrored carry a `basis` beside them, which names it.
 */
export type Position = string;

/** The position before every event. */
export const START: Position = '0';

/** Whether the value is a position: a decimal of at most 20 digits. */
export const isPosition = (value: unknown): value is Position =>
  typeof value === 'string' && /^(0|[1-9][0-9]{0,19})$/.test(value);

/** Negative when `a` is before `b`, 0 when they are the same, positive when it is after. */
export function comparePositions(a: Position, b: Position): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}
