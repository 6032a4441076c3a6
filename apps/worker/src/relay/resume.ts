import { START, type Position } from '@cohort/contracts';
import type { PublishedEvent } from './cloud-event';

/** How far the feed was known to be: kept in the event store's stream `checkpoint-relay`. */
export interface FeedMark {
  /** Everything of the log up to it is out. */
  readonly position: Position;
  /** The event there; empty before the first. */
  readonly eventId: string;
  /** The stream's sequence then. */
  readonly sequence: number;
  /** When the stream was made: sequences of another one mean nothing. */
  readonly streamCreated: string;
}

/** Whether a mark is newer than another. */
export const isAfter = (a: FeedMark, b: FeedMark): boolean =>
  a.streamCreated === b.streamCreated ? a.sequence > b.sequence : a.streamCreated > b.streamCreated;

/** What to do for a stream that was lost: publish the whole log again, or go on after what was out already. */
export type Refill = 'all' | 'none';

export interface Resume {
  readonly mark: FeedMark;
  /**
   * - `tail`: after the stream's last message.
   * - `purged`: its last messages expired or were purged: after what is known to have been out.
   * - `new`: a feed that begins.
   * - `lost`: what was out is no longer there, though nobody removed it.
   */
  readonly why: 'new' | 'tail' | 'purged' | 'lost';
}

/**
 * Where to go on, by what the stream holds (`last` is its last message that a relay published) and the newest mark. The
 * stream itself is believed before the mark, because JetStream may lose at a power cut what it has acknowledged. Expiry and
 * purge take from the front: a message that is missing behind others may have been lost, whatever sequence the stream
 * counts on from, and is published again.
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
