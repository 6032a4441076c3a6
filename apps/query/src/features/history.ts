import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  CohortError,
  groupStream,
  ListEvents,
  PAGE,
  upcast,
  type EventMetadata,
  type EventView,
  type QueryAnswers,
} from '@cohort/contracts';
import { readOne, type StoredEvent } from '@cohort/event-store';
import { MAX_ANSWER_BYTES, ReadModel } from '@cohort/read-model';
import { EVENT_READER, type EventReader } from '../event-reader';

/** A group's events, from the event store itself: the read model doesn't keep them. */
@QueryHandler(ListEvents)
class EventsHandler implements IQueryHandler<ListEvents, QueryAnswers['events']> {
  constructor(
    private readonly model: ReadModel,
    @Inject(EVENT_READER) private readonly store: EventReader,
  ) {}

  async execute({
    app,
    groupId,
    fromRevision = '0',
    limit = PAGE.defaultLimit,
  }: ListEvents): Promise<QueryAnswers['events']> {
    const from = Number(fromRevision);
    const events: EventView[] = [];
    let bytes = 0;
    for await (const stored of this.store.read(groupStream(app, groupId), {
      from,
      limit: limit + 1,
    })) {
      const event = eventView(upcast(stored));
      bytes += Buffer.byteLength(JSON.stringify(event)) + 1;
      const isFull = events.length === limit || (events.length > 0 && bytes > MAX_ANSWER_BYTES);
      if (isFull) return { events, nextRevision: event.revision };
      events.push(event);
    }
    if (events.length === 0 && !(await this.hasGroup(app, groupId, from))) {
      throw new CohortError('GROUP_NOT_FOUND', `There is no group ${groupId}.`, { groupId });
    }
    return { events };
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

function eventView({ id, revision, position, type, data, metadata }: StoredEvent): EventView {
  const { actor, commandId, at } = metadata as unknown as EventMetadata;
  return {
    id,
    revision: String(revision),
    position,
    type: type as EventView['type'],
    data: data as EventView['data'],
    actor,
    commandId,
    at,
  };
}

export const history = { events: EventsHandler };
