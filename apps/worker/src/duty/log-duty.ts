import { comparePositions, isPosition, START, type BackoffOptions, type Position } from '@cohort/contracts';
import type { EventStore, EventStoreLog, StoredEvent } from '@cohort/event-store';
import type { FollowerWatch } from '@cohort/process';
import { Checkpoint } from './checkpoint';
import { DutyLoop } from './duty-loop';

export interface LogDutyOptions {
  readonly store: Pick<EventStore, 'append' | 'read' | 'head' | 'follow' | 'setMaxCount'>;
  readonly log: EventStoreLog;
  readonly subscription: FollowerWatch;
  /**
   * Called when `handle` throws, which no stored event can cause: it is a defect of this build. To skip the event would
   * lose work, so the process must end.
   */
  onFault(error: unknown): never;
}

interface Mark {
  readonly position: Position;
}

const isAfter = (a: Mark, b: Mark): boolean => comparePositions(a.position, b.position) > 0;
const isMark = (data: unknown): data is Mark =>
  typeof data === 'object' && data !== null && isPosition((data as Partial<Mark>).position);

interface LogDutySettings {
  /** Names the checkpoint, and the duty in the log. */
  readonly duty: string;
  /** Streams to follow, by the beginning of their names. */
  readonly prefixes: readonly string[];
  readonly stopWithinMs: number;
}

const SAVE_EVERY_MS = 5_000;
/** Between attempts to read the checkpoint; a broken subscription has pauses of its own. */
const PAUSES: BackoffOptions = { first: 100, longest: 2_000 };

/**
 * A duty that follows the log from its checkpoint. The checkpoint never passes unfinished work, so that the next worker
 * reads again what this one leaves undone.
 */
export abstract class LogDuty extends DutyLoop {
  /** Whether the log was followed to its end once. */
  caughtUp = false;
  private readonly checkpoint: Checkpoint<Mark>;
  private handledUpTo: Position = START;
  /** Whether something happened since the last save: without it, saving would only fill the log. */
  private moved = false;

  constructor(
    private readonly follower: LogDutyOptions,
    private readonly settings: LogDutySettings,
  ) {
    const { duty, stopWithinMs } = settings;
    super({ duty, log: follower.log, pauses: PAUSES, stopWithinMs, saveEveryMs: SAVE_EVERY_MS });
    this.checkpoint = new Checkpoint(follower.store, duty, isAfter, isMark, follower.log);
  }

  /** Takes on the work that an event means. The event is read again when the log is followed from `since`. */
  protected abstract handle(event: StoredEvent, since: Position): void;

  /** Resolves when there is room for more work. */
  protected abstract room(): Promise<void>;

  /** Where unfinished work begins; undefined when all is finished. */
  protected abstract get unfinishedSince(): Position | undefined;

  protected override async run(): Promise<void> {
    const { store, subscription } = this.follower;
    this.handledUpTo = await this.begin();
    this.goesOn();
    try {
      await store.follow({
        from: this.handledUpTo,
        prefixes: this.settings.prefixes,
        onBatch: (events, upTo) => this.handleBatch(events, upTo),
        onCaughtUp: () => {
          this.caughtUp = true;
        },
        ...subscription,
        signal: this.signal,
      });
    } catch (error) {
      this.follower.onFault(error);
    }
  }

  /** Where to continue. A position beyond the log's end is none of this log: its events would be skipped. */
  private async begin(): Promise<Position> {
    const position = (await this.checkpoint.read())?.position ?? START;
    return comparePositions(position, await this.follower.store.head()) > 0 ? START : position;
  }

  protected override async save(): Promise<void> {
    if (!this.moved) return;
    const position = this.unfinishedSince ?? this.handledUpTo;
    // Unfinished work moves the checkpoint when it is finished, also when no event follows.
    this.moved = this.unfinishedSince !== undefined;
    try {
      await this.checkpoint.advance({ position });
    } catch (error) {
      this.moved = true;
      throw error;
    }
  }

  private async handleBatch(events: readonly StoredEvent[], upTo: Position): Promise<void> {
    for (const event of events) this.handle(event, this.handledUpTo);
    this.handledUpTo = upTo;
    this.moved ||= events.length > 0;
    await this.room();
  }
}
