import { isPosition, START } from '@cohort/contracts';
import { placeOf, type Place } from '@cohort/event-store';
import type { Tail } from './tail';

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

/** What to do for a lost stream: publish the whole log again, or continue after the published events. */
export type Refill = 'all' | 'none';

export interface Resume {
  readonly mark: FeedMark;
  /**
   * - `tail`: continue after the stream's last message.
   * - `purged`: the stream's last messages expired or were purged; continue after the mark.
   * - `new`: the feed begins.
   * - `lost`: published messages are gone, and neither expiry nor a purge explains it.
   */
  readonly why: 'new' | 'tail' | 'purged' | 'lost';
}

/**
 * Where to continue, by the stream's content (`last` is its last published event) and the newest mark. The stream counts
 * more than the mark, because JetStream may lose acknowledged messages in a power cut. Expiry and purge remove from the
 * front: a message that is missing behind others may have been lost, at whichever sequence the stream continues, and is
 * published again.
 */
export function resume(
  stream: { readonly created: string; readonly firstSequence: number; readonly lastSequence: number },
  { last, examined }: Tail,
  mark: FeedMark | undefined,
  refill: Refill,
): Resume {
  const streamCreated = stream.created;
  const sequence = stream.lastSequence;
  if (mark?.streamCreated === streamCreated && mark.sequence <= sequence) {
    const isPurged = last === undefined || (mark.sequence > last.sequence && mark.sequence < stream.firstSequence);
    if (isPurged) return { mark: { ...mark, sequence: examined }, why: sequence === 0 ? 'new' : 'purged' };
  }
  if (last) return { mark: { ...placeOf(last), eventId: last.id, sequence: examined, streamCreated }, why: 'tail' };
  const beginning = { position: START, eventId: '', sequence, streamCreated };
  if (mark === undefined) return { mark: beginning, why: 'new' };
  return { mark: refill === 'all' ? beginning : { ...mark, sequence, streamCreated }, why: 'lost' };
}
