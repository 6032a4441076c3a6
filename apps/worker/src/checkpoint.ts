import { randomUUID } from 'node:crypto';
import { comparePositions, START, type Position } from '@cohort/contracts';
import { WrongExpectedRevision, type EventStore } from '@cohort/event-store';

/**
 * How far a follower of the log has come, kept in the event store: everything up to it is finished, by whichever worker
 * did it. It only moves forward: each write names the revision it replaces, so that a worker that lags behind another
 * takes over the other's instead of winding it back.
 */
export class Checkpoint {
  private readonly stream: string;
  private revision: number | undefined;
  private position: Position = START;

  constructor(
    private readonly store: Pick<EventStore, 'append' | 'read' | 'setMaxCount'>,
    name: string,
  ) {
    this.stream = `checkpoint-${name}`;
  }

  /** Where to go on from; `START` on a new store. */
  async read(): Promise<Position> {
    for await (const { revision, data } of this.store.read(this.stream, { backwards: true, limit: 1 })) {
      this.revision = revision;
      this.position = (data as { position: Position }).position;
    }
    return this.position;
  }

  /** Takes down that everything up to this position is finished. */
  async advance(to: Position): Promise<void> {
    while (comparePositions(to, this.position) > 0) {
      const event = { id: randomUUID(), type: 'checkpointed', data: { position: to }, metadata: { schemaVersion: 1 } };
      try {
        if (this.revision === undefined) await this.store.setMaxCount(this.stream, 1);
        const { revision } = await this.store.append(this.stream, [event], this.revision ?? 'none');
        this.revision = revision;
        this.position = to;
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        await this.read();
      }
    }
  }
}
