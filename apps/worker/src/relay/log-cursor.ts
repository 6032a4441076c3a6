import { GROUP_STREAM_PREFIX } from '@cohort/contracts';
import type { EventStore, Place, StoredEvent } from '@cohort/event-store';
import type { FollowerWatch } from '@cohort/process';

/** Reads the groups' events of the log one at a time, from a place to the present end. */
export class LogCursor {
  private readonly ending = new AbortController();
  private readonly following: Promise<void>;
  private events: readonly StoredEvent[] = [];
  private index = 0;
  private isOver = false;
  private wakeReader = (): void => undefined;
  private wakeFollower = (): void => undefined;

  constructor(store: Pick<EventStore, 'follow'>, from: Place, subscription: FollowerWatch, signal: AbortSignal) {
    const over = (): void => {
      this.isOver = true;
      this.wakeReader();
      this.wakeFollower();
    };
    this.following = store.follow({
      from,
      prefixes: [GROUP_STREAM_PREFIX],
      ...subscription,
      signal: AbortSignal.any([this.ending.signal, signal]),
      onBatch: async (events) => {
        this.events = events;
        this.index = 0;
        this.wakeReader();
        while (!this.isOver && this.index < this.events.length) await new Promise<void>((r) => (this.wakeFollower = r));
      },
      onCaughtUp: over,
    });
    this.following.then(over, over);
  }

  /** The next event; undefined at the end. */
  async peek(): Promise<StoredEvent | undefined> {
    while (this.index >= this.events.length) {
      if (this.isOver) return undefined;
      await new Promise<void>((resolve) => (this.wakeReader = resolve));
    }
    return this.events[this.index];
  }

  /** Goes on to the event after the one that `peek` returned. */
  advance(): void {
    this.index += 1;
    if (this.index >= this.events.length) this.wakeFollower();
  }

  async close(): Promise<void> {
    this.ending.abort();
    this.isOver = true;
    this.wakeFollower();
    await this.following;
  }
}
