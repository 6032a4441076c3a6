import { isPosition } from '@cohort/contracts';
import type { Place } from '@cohort/event-store';

/** How far the feed is known to be complete, up to a place of the log: stored in the event store's stream `checkpoint-relay`. */
export interface FeedMark extends Place {
  /** The event at that position; empty before the first. */
  readonly eventId: string;
  /** The stream's last sequence at that time: nothing after the place was published up to it. */
  readonly sequence: number;
  /** When the stream was created: sequences of different streams can't be compared. */
  readonly streamCreated: string;
}

/** A stream can't have been created so much later than now, milliseconds: the clocks of two machines differ. */
const MOST_AHEAD_MS = 86_400_000;

/** Whether stored data is a mark. Whoever may write to the event store can write anything. */
export function isMark(data: unknown): data is FeedMark {
  if (typeof data !== 'object' || data === null) return false;
  const { position, prepare, eventId, sequence, streamCreated } = data as Record<string, unknown>;
  return (
    isPosition(position) &&
    (prepare === undefined || isPosition(prepare)) &&
    typeof eventId === 'string' &&
    Number.isSafeInteger(sequence) &&
    (sequence as number) >= 0 &&
    typeof streamCreated === 'string' &&
    Date.parse(streamCreated) < Date.now() + MOST_AHEAD_MS
  );
}

/** Whether a mark is newer than another. */
export const isAfter = (a: FeedMark, b: FeedMark): boolean =>
  a.streamCreated === b.streamCreated ? a.sequence > b.sequence : a.streamCreated > b.streamCreated;
