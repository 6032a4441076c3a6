import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  CohortError,
  groupStream,
  ListEvents,
  PAGE,
  readStored,
  type EventMetadata,
  type EventView,
  type GroupEvent,
  type QueryAnswers,
} from '@cohort/contracts';
import { KeyReader, readOne, StreamDeleted, type StoredEvent } from '@cohort/event-store';
import { MAX_ANSWER_BYTES, ReadModel } from '@cohort/read-model';
import { EVENT_READER, type EventReader } from '../event-reader';
import { histories } from '../history/histories';
import { moments } from '../history/moments';

/** A group's events, from the event store itself: the read model doesn't keep them. */
@QueryHandler(ListEvents)
class EventsHandler implements IQueryHandler<ListEvents, QueryAnswers['events']> {
  constructor(
    private readonly model: ReadModel,
    @Inject(EVENT_READER) private readonly store: EventReader,
  ) {}

  async execute(query: ListEvents): Promise<QueryAnswers['events']> {
    const { app, groupId } = query;
    this.model.groups.mustBeUsable(app, groupId);
    if (this.model.groups.isBeingImported(app, groupId)) throw groupNotFound(groupId);
    try {
      return await this.page(query);
    } catch (error) {
      if (!(error instanceof StreamDeleted)) throw error;
      throw new CohortError('DATA_ERASED', `An operator deleted the stored events of group ${groupId}.`, { groupId });
    }
  }

  private async page({
    app,
    groupId,
    fromRevision = '0',
    limit = PAGE.defaultLimit,
  }: ListEvents): Promise<QueryAnswers['events']> {
    const from = Number(fromRevision);
    const events: SealedView[] = [];
    let bytes = 0;
    let seen = 0;
    for await (const stored of this.store.read(groupStream(app, groupId), {
      from,
      limit: limit + 1,
    })) {
      if (from === 0 && seen === 0 && stored.revision > 0) {
        throw new CohortError('DATA_DAMAGED', `The first events of group ${groupId} were deleted.`, { groupId });
      }
      seen += 1;
      const nextRevision = String(stored.revision);
      if (seen > limit) return { events: await this.opened(events), nextRevision };
      const reading = readStored(stored);
      // An event that is set aside isn't one of the group's.
      if (reading.kind !== 'usable' && reading.kind !== 'unknown') continue;
      const event = eventView(reading.event);
      bytes += Buffer.byteLength(JSON.stringify(event)) + 1;
      if (events.length > 0 && bytes > MAX_ANSWER_BYTES) return { events: await this.opened(events), nextRevision };
      events.push(event);
    }
    if (seen === 0 && !(await this.hasGroup(app, groupId, from))) {
      throw groupNotFound(groupId);
    }
    return { events: await this.opened(events) };
  }

  /** The events with their personal texts, whose keys are read from the event store, too: the read model may be behind. */
  private async opened(events: readonly SealedView[]): Promise<EventView[]> {
    const data = await new KeyReader(this.store).open(events.map((event) => event.data));
    return events.map((event, i) => ({ ...event, data: data[i]! }));
  }

  /**
   * Whether the group exists, although it has no events from this revision on. The read model may not know the group yet, so the event
   * store is asked too: a client that has events of a group must not get `GROUP_NOT_FOUND`.
   */
  private async hasGroup(app: string, groupId: string, from: number): Promise<boolean> {
    if (this.model.groups.find(app, groupId) !== undefined) return true;
    return from > 0 && (await readOne(this.store, groupStream(app, groupId))) !== undefined;
  }
}

const groupNotFound = (groupId: string): CohortError =>
  new CohortError('GROUP_NOT_FOUND', `There is no group ${groupId}.`, { groupId });

type SealedView = Omit<EventView, 'data'> & { readonly data: GroupEvent['data'] };

function eventView({ id, revision, position, type, data, metadata }: StoredEvent): SealedView {
  const { actor, commandId, at, notice } = metadata as unknown as EventMetadata;
  return {
    id,
    revision: String(revision),
    position,
    type: type as EventView['type'],
    data: data as GroupEvent['data'],
    actor,
    commandId,
    at,
    ...(notice === undefined ? {} : { notice }),
  };
}

export const history = { events: EventsHandler, ...histories, ...moments };
