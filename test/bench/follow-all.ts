import { setTimeout as delay } from 'node:timers/promises';
import {
  BACKWARDS,
  END,
  START,
  type AllStreamResolvedEvent,
  type EventStoreDBClient,
  type Filter,
  type Position,
} from '@eventstore/db-client';

const RESUBSCRIBE_AFTER_MS = 50;

export interface Followed {
  /** How often the server has ended the subscription. */
  drops(): number;
  stop(): Promise<void>;
}

export interface FollowAllOptions {
  /** Default: the end of the log at this moment. */
  readonly from?: typeof START | Position;
  readonly filter?: Filter;
  readonly onEvent: (resolved: AllStreamResolvedEvent) => void;
  readonly onDropped?: (error: Error) => void;
}

/**
 * A bare subscription to `$all`, for what the service is compared with. A server drops every subscriber that falls behind a
 * burst of events ("Consumer too slow"), so this one subscribes again from its last event. Resolves when it is subscribed.
 */
export async function followAll(client: EventStoreDBClient, options: FollowAllOptions): Promise<Followed> {
  const { filter, onEvent, onDropped } = options;
  let last = options.from ?? (await endOf(client));
  let drops = 0;
  let stopped = false;
  let current = subscribe();
  try {
    await current.subscribed;
  } catch (error) {
    stopped = true;
    throw error;
  }
  return {
    drops: () => drops,
    stop: async () => {
      stopped = true;
      await current.subscription.unsubscribe().catch(() => undefined);
    },
  };

  function subscribe() {
    const subscription = client.subscribeToAll({ fromPosition: last, ...(filter && { filter }) });
    const subscribed = new Promise<void>((resolve, reject) => {
      subscription.once('confirmation', resolve).once('error', reject);
    });
    // Only the caller of `followAll` waits for the first one.
    subscribed.catch(() => undefined);
    let isOver = false;
    const again = (error: Error): void => {
      if (isOver || stopped) return;
      isOver = true;
      drops += 1;
      onDropped?.(error);
      void delay(RESUBSCRIBE_AFTER_MS).then(() => {
        if (!stopped) current = subscribe();
      });
    };
    subscription
      .on('error', again)
      .on('end', () => again(new Error('the server ended the subscription')))
      .on('data', (resolved) => {
        if (resolved.event) last = resolved.event.position;
        onEvent(resolved);
      });
    return { subscription, subscribed };
  }
}

async function endOf(client: EventStoreDBClient): Promise<typeof START | Position> {
  let end: typeof START | Position = START;
  // To its end: the client can't be disposed of while a read is left half read.
  for await (const { event } of client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 })) {
    if (event) end = event.position;
  }
  return end;
}
