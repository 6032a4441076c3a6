import { isPosition, START, type Position } from '@cohort/contracts';
import type { PublishedEvent } from './cloud-event';

/** How far the feed is known to be complete: stored in the event store's stream `checkpoint-relay`. */
export interface FeedMark {
  /** Everything in the log up to it is published. */
  readonly position: Position;
  /** The event at that position; empty before the first. */
  readonly eventId: string;
  /** The stream's last sequence at that time. */
  readonly sequence: number;
  /** When the stream was created: sequences of different streams can't be compared. */
  readonly streamCreated: string;
}

/** Whether stored data are a mark. */
export function isMark(data: unknown): data is FeedMark {
  if (typeof data !== 'object' || data === null) return false;
  const { position, eventId, sequence, streamCreated } = data as Partial<Record<keyof FeedMark, unknown>>;
  return (
    isPosition(position) &&
    typeof eventId === 'string' &&
    Number.isSafeInteger(sequence) &&
    (sequence as number) >= 0 &&
    typeof streamCreated === 'string'
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
 * Where to continue, by the stream's content (`last` is its last message of a relay) and the newest mark. The stream counts
 * more than the mark, because JetStream may lose acknowledged messages in a power cut. Expiry and purge remove from the
 * front: a message that is missing behind others may have been lost, at whichever sequence the stream continues, and is
 * published again.
 */
export function resume(
  stream: { readonly created: string; readonly firstSequence: number; readonly lastSequence: number },
  last: Pick<PublishedEvent, 'position' | 'id' | 'sequence'> | undefined,
  mark: FeedMark | undefined,
  refill: Refill,
): Resume {
  const streamCreated = stream.created;
  const sequence = stream.lastSequence;
  if (mark?.streamCreated === streamCreated && mark.sequence <= sequence) {
    const isPurged = last === undefined || (mark.sequence > last.sequence && mark.sequence < stream.firstSequence);
    if (isPurged) return { mark: { ...mark, sequence }, why: sequence === 0 ? 'new' : 'purged' };
  }
  if (last) return { mark: { position: last.position, eventId: last.id, sequence, streamCreated }, why: 'tail' };
  const beginning = { position: START, eventId: '', sequence, streamCreated };
  if (mark === undefined) return { mark: beginning, why: 'new' };
  const { position, eventId } = mark;
  return { mark: refill === 'all' ? beginning : { position, eventId, sequence, streamCreated }, why: 'lost' };
}
