import { groupStream } from '@cohort/contracts';
import { standingWithoutEvents, StreamDeleted, type EventStore, type StoredEvent } from '@cohort/event-store';
import { LRUCache } from 'lru-cache';
import type { GroupKey } from './group-key';
import { dataDamaged, dataErased, isUnusable } from '../refusals';
import { UNOBSERVED, type MailboxObserver } from '../mailbox/observer';
import { record, type RecordedGroup } from './recorded-group';
import type { Snapshots } from './snapshots';

/** Events of a group that are read before its snapshot is searched for: most groups have fewer. */
const FIRST_EVENTS = 200;

/** Milliseconds for which a group that can't be used is refused without another read, which may be long; and how many. */
const REFUSED = { ttl: 5_000, max: 10_000 } as const;

/** Reads groups from the event store. */
export class GroupStore {
  readonly #refused = new LRUCache<string, Error>(REFUSED);

  constructor(
    private readonly store: Pick<EventStore, 'read'>,
    private readonly snapshots: Pick<Snapshots, 'read'>,
    private readonly observer: Pick<MailboxObserver, 'onRead' | 'onSnapshotRead'> = UNOBSERVED,
  ) {}

  /**
   * Adds the events after those that the group has. A group without events is read from its newest usable snapshot. Throws
   * `DATA_ERASED` or `DATA_DAMAGED` for a group whose stored events can't be used.
   */
  async catchUp(key: GroupKey, group: RecordedGroup): Promise<RecordedGroup> {
    const stream = groupStream(key.app, key.groupId);
    const refused = this.#refused.get(stream);
    if (refused) throw refused;
    const started = performance.now();
    try {
      return await this.#catchUp(key, stream, group);
    } catch (error) {
      if (error instanceof StreamDeleted || isUnusable(error)) this.#refused.set(stream, error);
      throw error;
    } finally {
      this.observer.onRead((performance.now() - started) / 1_000);
    }
  }

  /** Whether the group is known not to be usable. */
  refuses(stream: string): boolean {
    return this.#refused.has(stream);
  }

  async #catchUp(key: GroupKey, stream: string, group: RecordedGroup): Promise<RecordedGroup> {
    if (group.revision >= 0) return this.#replay(stream, group);
    // Reading begins at the first event, also if there is a snapshot: a stream without its beginning is refused.
    const first = await this.#replay(stream, group, FIRST_EVENTS);
    if (first.revision < 0) await this.#mustBeNew(stream);
    if (first.revision < FIRST_EVENTS - 1) return first;
    const snapshot = await this.snapshots.read(key);
    if (!snapshot) return this.#replay(stream, first);
    const usable = snapshot.revision > first.revision ? await this.#fromSnapshot(stream, snapshot) : undefined;
    this.observer.onSnapshotRead(usable ? 'used' : 'stale');
    return usable ?? this.#replay(stream, first);
  }

  /** Throws if a stream that shows no events has had some. */
  async #mustBeNew(stream: string): Promise<void> {
    const standing = await standingWithoutEvents(this.store, stream);
    if (standing === 'erased') throw dataErased();
    if (standing === 'cut') throw dataDamaged('All of them were truncated.');
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
