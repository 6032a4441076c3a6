import { groupStream } from '@cohort/contracts';
import type { EventStore } from '@cohort/event-store';
import { record, type RecordedGroup } from './recorded-group';

export interface GroupKey {
  readonly app: string;
  readonly groupId: string;
}

/** Reads groups from the event store. */
export class GroupStore {
  constructor(private readonly store: Pick<EventStore, 'read'>) {}

  /** The group with the events after those it has. */
  async catchUp({ app, groupId }: GroupKey, group: RecordedGroup): Promise<RecordedGroup> {
    let caughtUp = group;
    for await (const event of this.store.read(groupStream(app, groupId), { from: group.revision + 1 })) {
      caughtUp = record(caughtUp, event);
    }
    return caughtUp;
  }
}
