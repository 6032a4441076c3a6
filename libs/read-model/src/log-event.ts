import type { Position } from '@cohort/contracts';

/** An event as the log holds it, upcast to the newest shape this build knows: what the event store's `follow` gives. */
export interface LogEvent {
  readonly stream: string;
  /** Place in its stream, from 0. */
  readonly revision: number;
  readonly position: Position;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Where in one append the event stands; an event without `batch` was appended alone. */
function placeInAppend({ metadata }: LogEvent): { index: number; size: number } {
  const { index, size } = (metadata.batch ?? {}) as { index?: unknown; size?: unknown };
  return typeof index === 'number' && typeof size === 'number' ? { index, size } : { index: 0, size: 1 };
}

/** Whether `next` belongs to the same append as `event`, which stands right before it. */
function continues(event: LogEvent, next: LogEvent): boolean {
  const place = placeInAppend(event);
  const nextPlace = placeInAppend(next);
  return next.stream === event.stream && nextPlace.size === place.size && nextPlace.index === place.index + 1;
}

/** How many rows an event touches, about: its members, at least one. */
function weight({ data }: LogEvent): number {
  const members = typeof data === 'object' && data !== null && 'members' in data ? data.members : undefined;
  return Array.isArray(members) ? members.length + 1 : 1;
}

/**
 * Cuts events of the log into slices that end where an append ends, each of about `maxRows` rows but of one append at
 * least; `rest` are the events of an append whose end isn't here yet. An append that is followed by anything else has
 * ended, whatever its metadata say: nothing more of it can come.
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
