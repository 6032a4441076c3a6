import type { Position, Reading, StoredForm } from '@cohort/contracts';

/** An event of the log, as it is stored. */
export interface LogEvent extends StoredForm {
  readonly position: Position;
  readonly id: string;
}

/** An event, and what it is worth. */
export interface LogEntry {
  readonly event: LogEvent;
  readonly reading: Reading<LogEvent>;
}

/** The event's place in its append. An event that can't be read stands alone. */
const placeInAppend = ({ reading }: LogEntry): { readonly index: number; readonly size: number } =>
  reading.kind === 'usable' || reading.kind === 'unknown' ? reading.place : { index: 0, size: 1 };

/** Whether `next` belongs to the append of `entry`, which is right before it in the log. */
function continues(entry: LogEntry, next: LogEntry): boolean {
  const place = placeInAppend(entry);
  const nextPlace = placeInAppend(next);
  return (
    next.event.stream === entry.event.stream && nextPlace.size === place.size && nextPlace.index === place.index + 1
  );
}

/** About the number of rows that an event writes: its members, at least one. */
function weight({ reading }: LogEntry): number {
  if (reading.kind !== 'usable') return 1;
  const { members } = reading.event.data as { readonly members?: readonly unknown[] };
  return members === undefined ? 1 : members.length + 1;
}

/**
 * Cuts events of the log into slices that end where an append ends. Each has about `maxRows` rows, and at least one append.
 * `rest` has the events of an append whose end isn't here yet. An append also ends where another one begins, even if its
 * metadata name more events: no more of it can come.
 */
export function sliceAtAppendEnds(
  entries: readonly LogEntry[],
  maxRows: number,
): { slices: LogEntry[][]; rest: LogEntry[] } {
  const slices: LogEntry[][] = [];
  let append: LogEntry[] = [];
  let rows = 0;
  for (const [i, entry] of entries.entries()) {
    append.push(entry);
    const next = entries[i + 1];
    const { index, size } = placeInAppend(entry);
    if (next === undefined ? index < size - 1 : continues(entry, next)) continue;
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
