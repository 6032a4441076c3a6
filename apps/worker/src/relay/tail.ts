import { FEED_STREAM, FEED_SUBJECTS } from '@cohort/contracts';
import type { StoredMessage, StreamState } from '@cohort/bus';
import { placeOf, type EventStore, type Place } from '@cohort/event-store';
import type { FollowerWatch } from '@cohort/process';
import { claimOf, difference, judge, shown, type Claim } from './claim';
import { feedMessage } from './cloud-event';
import { LogCursor } from './log-cursor';
import type { FeedMark } from './mark';

/** The messages that are read at the same time. */
const AT_ONCE = 64;
/** Most messages that are passed over from the stream's end, if nothing but the stream shows what is published. */
const MOST_FOREIGN = 10_000;

export interface TailParts {
  readonly store: Pick<EventStore, 'read' | 'follow' | 'storeId'>;
  readonly jetStream: { messageAt(stream: string, sequence: number): Promise<StoredMessage | undefined> };
  readonly subscription: FollowerWatch;
  readonly signal: AbortSignal;
}

/** An event that is in the feed, and the sequence of its message. */
export interface PublishedEvent extends Place {
  readonly id: string;
  readonly sequence: number;
}

export interface Tail {
  /** The last event that is published; undefined if the stream doesn't have its message, or no message at all. */
  readonly last: PublishedEvent | undefined;
  /** Up to this sequence, the stream has no messages that repeat or anticipate events. */
  readonly examined: number;
}

/** A message of the stream can't come from this log. Only an operator knows which of the two is wrong. */
export class StrangeMessage extends Error {
  override readonly name = 'StrangeMessage';

  constructor(
    readonly sequence: number,
    id: string,
    why: string,
  ) {
    super(
      `message ${sequence} of the stream ${FEED_STREAM} claims to be event ${shown(id)}, but ${why}. If somebody else ` +
        `published it, remove it (nats stream rmm ${FEED_STREAM} ${sequence}) and let only the worker publish to ` +
        `${FEED_SUBJECTS}. If the event store was replaced or restored to an older state, delete the stream ` +
        `${FEED_STREAM}, and the relay fills it again from the log`,
    );
  }
}

/**
 * Determines which event of the log is the last one in the stream. Whoever may publish to the feed's subjects can put any
 * message there, also a copy of a real one. So a message counts only if the log has its event at that very place, and if
 * everything before it is published too: from the newest mark on, stream and log are read side by side, and a message
 * counts if it carries the log's next event.
 *
 * @throws StrangeMessage a message claims to be an event, and the log shows that it isn't
 */
export async function findTail(parts: TailParts, stream: StreamState, mark: FeedMark | undefined): Promise<Tail> {
  const anchor = await anchorOf(parts, stream, mark);
  return anchor ? readOn(parts, stream, anchor) : searchBack(parts, stream);
}

interface Anchor {
  readonly mark: FeedMark;
  /** The mark's own event, if its message is at the mark's sequence. */
  readonly last: PublishedEvent | undefined;
}

/** The mark, if the stream doesn't contradict it: JetStream may have lost messages and taken others in their places. */
async function anchorOf(
  { store, jetStream }: TailParts,
  { created, firstSequence, lastSequence }: StreamState,
  mark: FeedMark | undefined,
): Promise<Anchor | undefined> {
  if (mark?.streamCreated !== created || mark.sequence > lastSequence) return undefined;
  const { sequence, eventId, position } = mark;
  if (sequence < Math.max(1, firstSequence) || eventId === '') return { mark, last: undefined };
  const message = await jetStream.messageAt(FEED_STREAM, sequence);
  if (!message) return undefined;
  const claim = claimOf(message);
  if (!claim) return { mark, last: undefined };
  if (claim.store === store.storeId && claim.id === eventId && claim.position === position) {
    return { mark, last: { ...placeOf(mark), id: eventId, sequence } };
  }
  const judgement = await judge(claim, store);
  if (judgement.kind === 'strange') throw new StrangeMessage(sequence, claim.id, judgement.why);
  return judgement.kind === 'erased' ? { mark, last: undefined } : undefined;
}

/** Reads stream and log side by side from a mark to the stream's end. */
async function readOn(parts: TailParts, { lastSequence }: StreamState, anchor: Anchor): Promise<Tail> {
  const { store, subscription, signal } = parts;
  let { last } = anchor;
  let examined = lastSequence;
  let log: LogCursor | undefined;
  try {
    for await (const claim of claims(parts, anchor.mark.sequence + 1, lastSequence)) {
      log ??= new LogCursor(store, anchor.mark, subscription, signal);
      const { sequence } = claim.message;
      const published = await next(log, claim, store.storeId);
      if (published) {
        last = published;
        continue;
      }
      const judgement = await judge(claim, store);
      if (judgement.kind === 'strange') throw new StrangeMessage(sequence, claim.id, judgement.why);
      if (judgement.kind === 'event') examined = Math.min(examined, sequence - 1);
    }
  } finally {
    await log?.close();
  }
  // A log that was read only in part would look like one that ends there.
  signal.throwIfAborted();
  return { last, examined: last ? Math.max(examined, last.sequence) : examined };
}

/** The log's next event, if the message carries it. Events that no relay publishes are passed over. */
async function next(log: LogCursor, claim: Claim, storeId: string): Promise<PublishedEvent | undefined> {
  for (let event = await log.peek(); event; event = await log.peek()) {
    if (difference(claim, event, storeId) === undefined) {
      log.advance();
      return { ...placeOf(event), id: event.id, sequence: claim.message.sequence };
    }
    if (feedMessage(event, storeId)) return undefined;
    log.advance();
  }
  return undefined;
}

/** Searches from the stream's end for the last message that carries an event, without a mark to begin from. */
async function searchBack(parts: TailParts, { firstSequence, lastSequence }: StreamState): Promise<Tail> {
  const end = Math.max(firstSequence, lastSequence - MOST_FOREIGN, 1);
  for (let to = lastSequence; to >= end; to -= AT_ONCE) {
    const found: Claim[] = [];
    for await (const claim of claims(parts, Math.max(end, to - AT_ONCE + 1), to)) found.push(claim);
    for (const claim of found.reverse()) {
      const { sequence } = claim.message;
      const judgement = await judge(claim, parts.store);
      if (judgement.kind === 'strange') throw new StrangeMessage(sequence, claim.id, judgement.why);
      if (judgement.kind === 'erased') continue;
      const { event } = judgement;
      return { last: { ...placeOf(event), id: event.id, sequence }, examined: lastSequence };
    }
  }
  if (end > Math.max(firstSequence, 1)) {
    throw new Error(
      `the last ${MOST_FOREIGN} messages of the stream ${FEED_STREAM} aren't from a relay, and the checkpoint is missing: ` +
        `let only the worker publish to ${FEED_SUBJECTS}, and delete the stream; the relay fills it again from the log`,
    );
  }
  return { last: undefined, examined: lastSequence };
}

/** The messages between two sequences that claim to be events, in order. */
async function* claims({ jetStream, signal }: TailParts, from: number, to: number): AsyncGenerator<Claim> {
  for (let start = from; start <= to; start += AT_ONCE) {
    signal.throwIfAborted();
    const count = Math.min(AT_ONCE, to - start + 1);
    const sequences = Array.from({ length: count }, (_, i) => start + i);
    const messages = await Promise.all(sequences.map((sequence) => jetStream.messageAt(FEED_STREAM, sequence)));
    for (const message of messages) {
      const claim = message && claimOf(message);
      if (claim) yield claim;
    }
  }
}
