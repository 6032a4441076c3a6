import type { Position } from '@cohort/contracts';

/** An event of the log, upcast to the newest version that this build knows. */
export interface LogEvent {
  readonly stream: string;
  /** Place in the stream, from 0. */
  readonly revision: number;
  readonly position: Position;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** The event's place in its append. An event without `batch` was appended alone. */
function placeInAppend({ metadata }: LogEvent): { index: number; size: number } {
  const { index, size } = (metadata.batch ?? {}) as { index?: unknown; size?: unknown };
  return typeof index === 'number' && typeof size === 'number' ? { index, size } : { index: 0, size: 1 };
}

/** Whether `next` belongs to the append of `event`, which is right before it in the log. */
function continues(event: LogEvent, next: LogEvent): boolean {
  const place = placeInAppend(event);
  const nextPlace = placeInAppend(next);
  return next.stream === event.stream && nextPlace.size === place.size && nextPlace.index === place.index + 1;
}

/** About the number of rows that an event writes: its members, at least one. */
function weight({ data }: LogEvent): number {
  const members = typeof data === 'object' && data !== null && 'members' in data ? data.members : undefined;
  return Array.isArray(members) ? members.length + 1 : 1;
}

/**
 * Cuts events of the log into slices that end where an append ends. Each has about `maxRows` rows, and at least one append.
 * `rest` has the events of an append whose end isn't here yet. An append also ends where another one begins, even if its
 * metadata name more events: no more of it can come.
 */
export function sliceAtAppendEnds(
  events: readonly LogEvent[],
  maxRows: number,
): { slices: LogEvent[][]; rest: LogEvent[] } {
  const slices: LogEvent[][] = [];
  let append: LogEvent[] = [];
  let rows = 0;
  for (const [i, event] of events.entries()) {
    append.push(event);
    const next = events[i + 1];
    const { index, size } = placeInAppend(event);
    if (next === undefined ? index < size - 1 : continues(event, next)) continue;
    const appendRows = append.reduce((sum, each) => sum + weight(each), 0);
    const slice = slices.at(-1);
    if (slice !== undefined && rows + appendRows <= maxRows) {
      slice.push(...append);
      rows += appendRows;
    } else {
      slices.push(append);
      rows = appendRows;
    }
    append = [];
  }
  return { slices, rest: append };
}
