import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { groupStream, GroupHistory, PAGE, UserHistory, type HistoryEntry, type QueryAnswers } from '@cohort/contracts';
import { decodeCursor, encodeCursor, MAX_ANSWER_BYTES, ReadModel, type CursorScope } from '@cohort/read-model';
import { EVENT_READER, type EventReader } from '../event-reader';
import { QuerySettings } from '../settings';
import { entryOf, eventAt, mapSome, opened, orErased } from './entry';

/** What happened in a group: the event store's events backwards. */
@QueryHandler(GroupHistory)
class GroupHistoryHandler implements IQueryHandler<GroupHistory, QueryAnswers['groupHistory']> {
  constructor(
    private readonly model: ReadModel,
    private readonly settings: QuerySettings,
    @Inject(EVENT_READER) private readonly store: EventReader,
  ) {}

  async execute({
    app,
    groupId,
    limit = PAGE.defaultLimit,
    cursor,
  }: GroupHistory): Promise<QueryAnswers['groupHistory']> {
    const scope: CursorScope = { list: 'groupHistory', app, store: this.model.store, of: [groupId], key: ['number'] };
    const place = cursor === undefined ? undefined : decodeCursor(scope, cursor);
    const group = await this.model.look(
      (lookups) => lookups.groupNow(app, groupId, place?.revision),
      this.settings.QUERY_AFTER_TIMEOUT_MS,
    );
    const from = place === undefined ? group.revision : Number(place.key[0]) - 1;
    const first = place?.revision ?? String(group.revision);
    const entries: HistoryEntry[] = [];
    let bytes = 0;
    let last = from + 1;
    const read = async (): Promise<void> => {
      if (from < 0) return;
      for await (const stored of this.store.read(groupStream(app, groupId), { from, backwards: true, limit })) {
        if (bytes > MAX_ANSWER_BYTES) continue;
        const entry = entryOf(groupId, stored);
        if (entry !== undefined) bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
        if (bytes > MAX_ANSWER_BYTES && entries.length > 0) continue;
        last = stored.revision;
        if (entry !== undefined) entries.push(entry);
      }
    };
    await orErased(groupId, read);
    const shown = await opened(this.store, entries);
    // Nothing read: the stream has lost these events.
    if (last > from || last === 0) return { entries: shown };
    return { entries: shown, cursor: encodeCursor(scope, { key: [last], revision: first }) };
  }
}

/** What a user did and what was done to them: places from the read model, events from the event store. */
@QueryHandler(UserHistory)
class UserHistoryHandler implements IQueryHandler<UserHistory, QueryAnswers['userHistory']> {
  constructor(
    private readonly model: ReadModel,
    @Inject(EVENT_READER) private readonly store: EventReader,
  ) {}

  async execute({ app, userId, limit = PAGE.defaultLimit, cursor }: UserHistory): Promise<QueryAnswers['userHistory']> {
    const scope: CursorScope = {
      list: 'userHistory',
      app,
      store: this.model.store,
      of: [userId],
      key: ['number', 'string', 'number'],
    };
    const key = cursor === undefined ? undefined : decodeCursor(scope, cursor).key;
    const until = key && { at: Number(key[0]), groupId: String(key[1]), revision: Number(key[2]) };
    const places = this.model.lookups.eventsOfUser(app, userId, until, limit + 1);
    const wanted = places.slice(0, limit);
    const events = await mapSome(wanted, async ({ groupId, revision, hidden }) =>
      hidden ? undefined : eventAt(this.store, app, groupId, revision),
    );

    const entries: HistoryEntry[] = [];
    let bytes = 0;
    for (const [i, { at, groupId }] of wanted.entries()) {
      const event = events[i];
      const entry = event && entryOf(groupId, event, userId);
      if (entry === undefined) continue;
      // An imported membership has the time at which the user joined elsewhere.
      const shown = { ...entry, at: new Date(at).toISOString() };
      bytes += Buffer.byteLength(JSON.stringify(shown)) + 1;
      if (bytes > MAX_ANSWER_BYTES && entries.length > 0) return this.page(scope, entries, wanted[i - 1]!);
      entries.push(shown);
    }
    if (places.length > limit) return this.page(scope, entries, wanted.at(-1)!);
    return { entries: await opened(this.store, entries) };
  }

  private async page(
    scope: CursorScope,
    entries: readonly HistoryEntry[],
    { at, groupId, revision }: { at: number; groupId: string; revision: number },
  ): Promise<QueryAnswers['userHistory']> {
    const place = { key: [at, groupId, revision], revision: this.model.applied.current };
    return { entries: await opened(this.store, entries), cursor: encodeCursor(scope, place) };
  }
}

export const histories = { groupHistory: GroupHistoryHandler, userHistory: UserHistoryHandler };
