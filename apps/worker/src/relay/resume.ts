import { START } from '@cohort/contracts';
import { placeOf } from '@cohort/event-store';
import type { FeedMark } from './mark';
import type { Tail } from './tail';

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
