import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '@eventstore/db-client';
import { backoff, comparePositions, type Position } from '@cohort/contracts';
import { messageOf } from '@cohort/surroundings';
import type { Connection } from './connection';
import { StoreUnavailable } from './errors';
import type { Newest } from './head';
import { steps } from './subscription';
import type { FollowOptions, Place, Selection } from './types';

/** Between attempts at a subscription that brought nothing. */
const PAUSES = { first: 10, longest: 5_000 } as const;
/** Milliseconds without an event after which a follower checks that its subscription is alive. */
const QUIET_MS = 10_000;

/** The parts of the store that a follower uses. */
export interface FollowedStore {
  connection(): Connection;
  drop(failed: Connection, why: string): void;
  newest(selection: Selection): Promise<Newest>;
}

/**
 * Follows the log. It renews a broken subscription from the last handled place. Breaks are normal, because the server
 * drops every subscriber that falls behind a burst of events.
 */
export async function follow(store: FollowedStore, options: FollowOptions, quietMs = QUIET_MS) {
  const { prefixes, types, signal } = options;
  const selection: Selection = { prefixes, ...(types ? { types } : {}) };
  let handled: Place = typeof options.from === 'string' ? { position: options.from } : options.from;
  let upTo: Position = handled.position;
  let failures = 0;
  let brokeAt: number | undefined;
  const newest = (): Promise<Newest> => store.newest(selection);
  const stopped = (): boolean => signal.aborted;
  while (!stopped()) {
    const current = store.connection();
    let progressed = false;
    try {
      for await (const step of steps(current, { from: handled, selection, signal, quietMs, newest })) {
        if (stopped()) return;
        if (step.events.length > 0 || comparePositions(step.upTo, upTo) > 0) {
          await runHandler(() => options.onBatch(step.events, step.upTo));
          ({ upTo } = step);
          progressed = true;
          failures = 0;
        }
        handled = step.place;
        if (step.caughtUp) {
          failures = 0;
          await runHandler(() => options.onCaughtUp?.());
          if (brokeAt !== undefined) options.onLevelAgain?.(performance.now() - brokeAt);
          brokeAt = undefined;
        }
      }
      continue;
    } catch (error) {
      if (error instanceof HandlerFailed) throw error.cause as Error;
      if (stopped()) return;
      const broken = error instanceof StoreUnavailable ? error : new StoreUnavailable(messageOf(error));
      if (error instanceof UnavailableError) store.drop(current, broken.message);
      brokeAt ??= performance.now();
      options.onDropped(broken);
    }
    // A subscription that brought events is renewed at once, so that its follower isn't further behind than it must be.
    if (progressed) continue;
    failures += 1;
    await sleep(backoff(failures, PAUSES), undefined, { signal }).catch(() => undefined);
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
