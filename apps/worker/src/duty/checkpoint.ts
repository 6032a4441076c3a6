import { randomUUID } from 'node:crypto';
import { checkpointStream, comparePositions } from '@cohort/contracts';
import {
  readOne,
  StreamDeleted,
  WrongExpectedRevision,
  type EventStore,
  type EventStoreLog,
  type Place,
  type StoredEvent,
} from '@cohort/event-store';

/**
 * How far a duty has come with the log, stored in a stream of its own: everything up to the mark is finished, whichever
 * worker did it. The checkpoint only moves forward. Each write names the revision it replaces, so that a worker that lags
 * behind another adopts the other's mark instead of winding it back.
 *
 * A stored mark that isn't one counts as none, and so does one that names a place after its own event, and a stream that an
 * operator deleted for ever. The duty then begins anew, which its work allows. Without its stream nothing is stored.
 */
export class Checkpoint<Mark extends Place> {
  private readonly stream: string;
  private revision: number | undefined;
  private mark: Mark | undefined;
  private deleted = false;

  constructor(
    private readonly store: Pick<EventStore, 'append' | 'read' | 'setMaxCount'>,
    duty: string,
    /** Whether the first mark is further than the second. */
    private readonly isAfter: (a: Mark, b: Mark) => boolean,
    private readonly isMark: (data: unknown) => data is Mark,
    private readonly log?: EventStoreLog,
  ) {
    this.stream = checkpointStream(duty);
  }

  /** The mark to continue from; undefined in a new store. */
  async read(): Promise<Mark | undefined> {
    try {
      const last = await readOne(this.store, this.stream, { backwards: true });
      if (last) {
        this.revision = last.revision;
        this.mark = this.markOf(last);
      }
    } catch (error) {
      if (!(error instanceof StreamDeleted)) throw error;
      this.deleted = true;
    }
    return this.mark;
  }

  /** Stores that everything up to this mark is finished. Writes nothing when the stored mark is as far. */
  async advance(to: Mark): Promise<void> {
    while (!this.deleted && (this.mark === undefined || this.isAfter(to, this.mark))) {
      const event = { id: randomUUID(), type: 'checkpointed', data: to, metadata: { schemaVersion: 1 } };
      try {
        if (this.revision === undefined) await this.store.setMaxCount(this.stream, 1);
        const { revision } = await this.store.append(this.stream, [event], this.revision ?? 'none');
        this.revision = revision;
        this.mark = to;
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) && !(error instanceof StreamDeleted)) throw error;
        await this.read();
      }
    }
  }

  /** Stores this mark in place of the one that was read, although that one is further: it was found to be wrong. */
  async replace(to: Mark): Promise<void> {
    this.mark = undefined;
    await this.advance(to);
  }

  private markOf({ data, position, revision }: StoredEvent): Mark | undefined {
    if (this.isMark(data) && comparePositions(data.position, position) < 0) return data;
    this.log?.warn({ stream: this.stream, revision }, 'the stored checkpoint can not be right: it counts as none');
    return undefined;
  }
}
