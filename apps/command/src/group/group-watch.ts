import { GROUP_STREAM_PREFIX, METADATA_STREAM_PREFIX, type Position } from '@cohort/contracts';
import { hasLimit, standingOf, type EventStore, type EventStoreLog, type StoredEvent } from '@cohort/event-store';
import type { FollowerWatch } from '@cohort/process';
import { messageOf } from '@cohort/surroundings';
import { LRUCache } from 'lru-cache';

/** Most streams with limits that are remembered. */
const MOST_LIMITED = 100_000;
/** Events of a group after which its stream's beginning is looked at: a limit may hide it at any later event. */
const LOOK_EVERY = 100;
const PREFIX = `${METADATA_STREAM_PREFIX}${GROUP_STREAM_PREFIX}`;

export interface GroupWatchOptions {
  readonly store: Pick<EventStore, 'read'>;
  readonly log?: EventStoreLog;
  /** Called when a group's stream may have lost its first event. */
  forget(stream: string): void;
}

export interface WatchedFrom {
  readonly from: Position;
  readonly signal: AbortSignal;
  readonly subscription?: FollowerWatch;
}

/**
 * Notices that an operator deletes a group's stream or sets a limit on it, so that this process doesn't continue with the
 * group in its memory. A stream with a limit isn't kept in memory: each of its commands reads it from its beginning.
 */
export class GroupWatch {
  readonly #limited = new LRUCache<string, true>({ max: MOST_LIMITED });
  readonly #looking = new Set<string>();

  constructor(private readonly options: GroupWatchOptions) {}

  /** Whether a group's stream is known to have a limit, or to be deleted. */
  isLimited(stream: string): boolean {
    return this.#limited.has(stream);
  }

  /** Follows streams' metadata from a position until the signal is aborted. Nothing may be in memory yet. */
  async follow(store: Pick<EventStore, 'follow'>, { from, signal, subscription }: WatchedFrom): Promise<void> {
    const onBatch = (events: readonly StoredEvent[]): Promise<void> => {
      for (const { stream, data } of events) this.#noticed(stream.slice(METADATA_STREAM_PREFIX.length), data);
      return Promise.resolve();
    };
    await store.follow({
      from,
      prefixes: [PREFIX],
      onBatch,
      onDropped: (error) => subscription?.onDropped(error),
      onLevelAgain: (afterMs) => subscription?.onLevelAgain(afterMs),
      signal,
    });
  }

  /** To be called when a group in memory has newer events: looks at the stream's beginning now and then. */
  advanced(stream: string, before: number, after: number): void {
    if (Math.floor(before / LOOK_EVERY) === Math.floor(after / LOOK_EVERY) || this.#looking.has(stream)) return;
    this.#looking.add(stream);
    void this.#look(stream).finally(() => this.#looking.delete(stream));
  }

  #noticed(stream: string, metadata: unknown): void {
    if (hasLimit(metadata)) this.#limited.set(stream, true);
    else this.#limited.delete(stream);
    this.options.forget(stream);
  }

  async #look(stream: string): Promise<void> {
    try {
      if ((await standingOf(this.options.store, stream)) === 'whole') return;
      this.#limited.set(stream, true);
      this.options.forget(stream);
    } catch (error) {
      // It is looked at again after further events.
      this.options.log?.warn({ stream, error: messageOf(error) }, "a group's first event could not be looked at");
    }
  }
}
