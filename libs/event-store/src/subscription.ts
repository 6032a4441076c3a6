import { setImmediate as yieldToOthers, setTimeout as sleep } from 'node:timers/promises';
import { START, type AllStreamSubscription } from '@eventstore/db-client';
import { comparePositions, START as START_POSITION, type Position } from '@cohort/contracts';
import type { Connection } from './connection';
import { storedEvent } from './convert';
import { StoreUnavailable } from './errors';
import type { Newest } from './head';
import { comparePlaces, placeAt, ReadSoFar, serverPosition } from './place';
import { filterOf, selects } from './selection';
import type { Place, Selection, StoredEvent } from './types';

/** The most events of one step. */
const BATCH = 512;
/** The server sends a checkpoint after this many non-matching events. */
const CHECKPOINT_EVENTS = 512;
/** How long an event that is in the log may take to arrive. */
const ARRIVES_WITHIN_MS = 2_000;
/** The number of quiet times in a row after which a subscription is renewed if it can't be shown to be alive. */
const MOST_QUIET = 6;

/** What a subscription reads, and how it knows whether the server still sends. */
export interface Subscribed {
  readonly from: Place;
  readonly selection: Selection;
  readonly signal: AbortSignal;
  /** Milliseconds without an event or a checkpoint after which the end of the log is looked at. */
  readonly quietMs: number;
  newest(): Promise<Newest>;
}

/** The next part of the log. */
export interface Step {
  readonly events: readonly StoredEvent[];
  /** Every event up to this position is in this step or an earlier one. */
  readonly upTo: Position;
  /** Where a subscription continues after this step. */
  readonly place: Place;
  readonly caughtUp: boolean;
}

/**
 * Yields the events of one subscription, as many at a time as are available. Ends when aborted, or when it should be renewed
 * for no fault; throws when it breaks.
 */
export async function* steps(connection: Connection, subscribed: Subscribed): AsyncGenerator<Step> {
  const { from, selection, signal } = subscribed;
  let checkpoint: Place | undefined;
  let caughtUp = false;
  let failure: Error | undefined;
  let over = false;
  let wake = (): void => undefined;

  const filter = filterOf(selection, {
    maxSearchWindow: CHECKPOINT_EVENTS,
    checkpointReached: (_subscription, position) => {
      checkpoint = placeAt(position);
      wake();
      return Promise.resolve();
    },
  });
  const subscription: AllStreamSubscription = connection.client.subscribeToAll(
    {
      fromPosition: from.position === START_POSITION ? START : serverPosition(from),
      ...(filter ? { filter } : {}),
    },
    { highWaterMark: BATCH },
  );
  const end = (error?: Error): void => {
    failure ??= error;
    over = true;
    wake();
  };
  const onClosed = (): void => end(connection.closed.reason as Error);
  const onAborted = (): void => end();
  subscription
    .on('error', end)
    .on('end', () => end(new StoreUnavailable('the event store ended the subscription')))
    .on('caughtUp', () => {
      caughtUp = true;
      wake();
    })
    .on('readable', () => wake());
  connection.closed.addEventListener('abort', onClosed);
  signal.addEventListener('abort', onAborted);
  if (connection.closed.aborted) onClosed();

  try {
    const read = new ReadSoFar(from);
    let yielded = from;
    let quietTimes = 0;
    for (;;) {
      // Both are copied before the read. All events before them are in the buffer by then, so none is yielded later.
      const step = { checkpoint, caughtUp };
      const events: StoredEvent[] = [];
      while (events.length < BATCH) {
        const resolved = subscription.read() as { event?: Parameters<typeof storedEvent>[0] } | null;
        if (resolved === null) break;
        if (!resolved.event) continue;
        const event = storedEvent(resolved.event);
        // The server may send the event at the start position again.
        if (read.advance(event) && selects(selection, event)) events.push(event);
      }
      const drained = events.length < BATCH;
      if (drained && step.checkpoint !== undefined) read.advance(step.checkpoint);
      const caught = drained && step.caughtUp;
      if (caught) {
        caughtUp = false;
        read.atEnd();
      }
      const { place, complete: upTo } = read;
      if (events.length > 0 || caught || comparePlaces(place, yielded) > 0) {
        yielded = place;
        quietTimes = 0;
        yield { events, upTo, place, caughtUp: caught };
        continue;
      }
      if (over) {
        if (failure !== undefined) throw failure;
        return;
      }
      const quiet = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(true), subscribed.quietMs);
        wake = () => {
          clearTimeout(timer);
          resolve(false);
        };
        // A change between the read and this wait called the old `wake`.
        if (over || subscription.readableLength > 0 || caughtUp || checkpoint !== step.checkpoint) wake();
      });
      // Lets all events of one packet arrive, so that they are yielded together.
      if (!quiet) await yieldToOthers();
      else if (await isAtEnd(subscribed, place.position, () => over || subscription.readableLength > 0)) quietTimes = 0;
      else if (++quietTimes >= MOST_QUIET) return;
    }
  } finally {
    connection.closed.removeEventListener('abort', onClosed);
    signal.removeEventListener('abort', onAborted);
    await subscription.unsubscribe().catch(() => undefined);
  }
}

/**
 * Whether a quiet subscription has nothing to send. If the log ends with events that aren't selected, that isn't known.
 *
 * @throws StoreUnavailable the log has an event that the server didn't send
 */
async function isAtEnd(subscribed: Subscribed, position: Position, hasReceived: () => boolean): Promise<boolean> {
  const { signal } = subscribed;
  // A server that can't be reached is noticed by the connection.
  const end = await subscribed.newest().catch(() => undefined);
  if (end === undefined || comparePositions(end.position, position) <= 0) return true;
  if (!end.isSelected) return false;
  await sleep(ARRIVES_WITHIN_MS, undefined, { signal }).catch(() => undefined);
  if (hasReceived() || signal.aborted) return true;
  throw new StoreUnavailable(`the subscription was silent, although the log has events after position ${position}`);
}
