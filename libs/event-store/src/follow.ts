import { setImmediate as yieldToOthers, setTimeout as sleep } from 'node:timers/promises';
import { START, streamNameFilter, UnavailableError, type AllStreamSubscription } from '@eventstore/db-client';
import { backoff, comparePositions, START as START_POSITION, type Position } from '@cohort/contracts';
import { messageOf } from '@cohort/surroundings';
import type { Connection } from './connection';
import { storedEvent } from './convert';
import { StoreUnavailable } from './errors';
import type { FollowOptions, StoredEvent } from './types';

/** The most events of one `onBatch`. */
const BATCH = 512;
/** The server sends a checkpoint after this many non-matching events. */
const CHECKPOINT_EVENTS = 512;
const PAUSES = { first: 50, longest: 5_000 } as const;

/**
 * Follows the log. It renews a broken subscription from the last handled position. Breaks are normal, because the server
 * drops every subscriber that falls behind a burst of events.
 */
export async function follow(
  connection: () => Connection,
  drop: (failed: Connection, why: string) => void,
  options: FollowOptions,
) {
  let handled = options.from;
  let failures = 0;
  const stopped = (): boolean => options.signal.aborted;
  while (!stopped()) {
    const current = connection();
    try {
      for await (const step of steps(current, handled, options)) {
        if (stopped()) return;
        if (step.upTo !== undefined && comparePositions(step.upTo, handled) > 0) {
          const { events, upTo } = step;
          await runHandler(() => options.onBatch(events, upTo));
          handled = upTo;
          failures = 0;
        }
        if (step.caughtUp) {
          failures = 0;
          await runHandler(() => options.onCaughtUp?.());
        }
      }
    } catch (error) {
      if (error instanceof HandlerFailed) throw error.cause as Error;
      if (stopped()) return;
      const broken = error instanceof StoreUnavailable ? error : new StoreUnavailable(messageOf(error));
      if (error instanceof UnavailableError) drop(current, broken.message);
      options.onDropped?.(broken);
    }
    failures += 1;
    await sleep(backoff(failures, PAUSES), undefined, { signal: options.signal }).catch(() => undefined);
  }
}

/** The handler rejected. This ends `follow`, while an error of the subscription only renews it. */
class HandlerFailed extends Error {}

async function runHandler(work: () => Promise<void> | void): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new HandlerFailed('the handler failed', { cause });
  }
}

interface Step {
  readonly events: readonly StoredEvent[];
  /** The log is read up to here after these events; undefined if no further than before. */
  readonly upTo?: Position;
  readonly caughtUp: boolean;
}

/** Yields the events of one subscription, as many at a time as are available. Ends when aborted; throws when it breaks. */
async function* steps(connection: Connection, from: Position, options: FollowOptions): AsyncGenerator<Step> {
  let checkpoint: Position | undefined;
  let caughtUp = false;
  let failure: Error | undefined;
  let over = false;
  let wake = (): void => undefined;

  const filter = streamNameFilter({
    prefixes: [...options.prefixes],
    maxSearchWindow: CHECKPOINT_EVENTS,
    checkpointReached: (_subscription, { commit }) => {
      checkpoint = String(commit);
      wake();
      return Promise.resolve();
    },
  });
  const commit = BigInt(from);
  const subscription: AllStreamSubscription = connection.client.subscribeToAll(
    {
      fromPosition: from === START_POSITION ? START : { commit, prepare: commit },
      ...(options.prefixes.length > 0 ? { filter } : {}),
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
  options.signal.addEventListener('abort', onAborted);
  if (connection.closed.aborted) onClosed();

  try {
    let last = from;
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
        if (comparePositions(event.position, last) <= 0) continue;
        last = event.position;
        events.push(event);
      }
      const drained = events.length < BATCH;
      if (drained && step.checkpoint !== undefined && comparePositions(step.checkpoint, last) > 0)
        last = step.checkpoint;
      if (drained && step.caughtUp) caughtUp = false;
      const caught = drained && step.caughtUp;
      if (events.length > 0 || caught || comparePositions(last, from) > 0) {
        from = last;
        yield { events, upTo: last, caughtUp: caught };
        continue;
      }
      if (over) {
        if (failure !== undefined) throw failure;
        return;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        // A change between the read and this wait called the old `wake`.
        if (over || subscription.readableLength > 0 || caughtUp || checkpoint !== step.checkpoint) resolve();
      });
      // Lets all events of one packet arrive, so that they are yielded together.
      await yieldToOthers();
    }
  } finally {
    connection.closed.removeEventListener('abort', onClosed);
    options.signal.removeEventListener('abort', onAborted);
    await subscription.unsubscribe().catch(() => undefined);
  }
}
