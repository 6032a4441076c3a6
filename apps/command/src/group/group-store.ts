import { groupStream } from '@cohort/contracts';
import type { EventStore, StoredEvent } from '@cohort/event-store';
import type { GroupKey } from './group-key';
import { UNOBSERVED, type MailboxObserver } from '../mailbox/observer';
import { record, type RecordedGroup } from './recorded-group';
import type { Snapshots } from './snapshots';

/** Events of a group that are read before its snapshot is searched for: most groups have fewer. */
const FIRST_EVENTS = 200;

/** Reads groups from the event store. */
export class GroupStore {
  constructor(
    private readonly store: Pick<EventStore, 'read'>,
    private readonly snapshots: Pick<Snapshots, 'read'>,
    private readonly observer: Pick<MailboxObserver, 'onRead' | 'onSnapshotRead'> = UNOBSERVED,
  ) {}

  /** Adds the events after those that the group has. A group without events is read from its newest usable snapshot. */
  async catchUp(key: GroupKey, group: RecordedGroup): Promise<RecordedGroup> {
    const started = performance.now();
    const caughtUp = await this.#catchUp(key, group);
    this.observer.onRead((performance.now() - started) / 1_000);
    return caughtUp;
  }

  async #catchUp(key: GroupKey, group: RecordedGroup): Promise<RecordedGroup> {
    const stream = groupStream(key.app, key.groupId);
    if (group.revision >= 0) return this.#replay(stream, group);
    const first = await this.#replay(stream, group, FIRST_EVENTS);
    if (first.revision < FIRST_EVENTS - 1) return first;
    const snapshot = await this.snapshots.read(key);
    if (!snapshot) return this.#replay(stream, first);
    const usable = snapshot.revision > first.revision ? await this.#fromSnapshot(stream, snapshot) : undefined;
    this.observer.onSnapshotRead(usable ? 'used' : 'stale');
    return usable ?? this.#replay(stream, first);
  }

  /** The group from a snapshot on; undefined if the snapshot's newest event isn't the group's. */
  async #fromSnapshot(stream: string, snapshot: RecordedGroup): Promise<RecordedGroup | undefined> {
    let group: RecordedGroup | undefined;
    for await (const event of this.store.read(stream, { from: snapshot.revision })) {
      if (group) group = record(group, event);
      else if (isNewestOf(snapshot, event)) group = snapshot;
      else return undefined;
    }
    return group;
  }

  async #replay(stream: string, group: RecordedGroup, limit?: number): Promise<RecordedGroup> {
    let caughtUp = group;
    const options = { from: group.revision + 1, ...(limit === undefined ? {} : { limit }) };
    for await (const event of this.store.read(stream, options)) caughtUp = record(caughtUp, event);
    return caughtUp;
  }
}

const isNewestOf = ({ revision, eventId }: RecordedGroup, event: StoredEvent): boolean =>
  event.revision === revision && event.id === eventId;
