import { Inject } from '@nestjs/common';
import { QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import {
  CohortError,
  GroupAt,
  groupStream,
  MembersAt,
  PAGE,
  readStored,
  type EventMetadata,
  type GroupEvent,
  type GroupView,
  type QueryAnswers,
  type Role,
} from '@cohort/contracts';
import { readOne, type StoredEvent } from '@cohort/event-store';
import { evolve, initialState, type GroupState, type LiveGroup } from '@cohort/group';
import {
  Behind,
  decodeCursor,
  encodeCursor,
  fitting,
  ReadModel,
  type CursorScope,
  type GroupRecord,
} from '@cohort/read-model';
import { EVENT_READER, type EventReader } from '../event-reader';
import { QuerySettings } from '../settings';
import { eventAt, mapSome, orErased } from './entry';

/** What a moment is read with. */
class Moments {
  constructor(
    private readonly model: ReadModel,
    private readonly settings: QuerySettings,
    private readonly store: EventReader,
  ) {}

  /**
   * The group as it is now. A revision that this node doesn't have yet is waited for, if the event store has it; throws
   * `VALIDATION_FAILED` if it doesn't.
   */
  async group(app: string, groupId: string, revision?: string): Promise<GroupRecord> {
    const now = (waitMs: number) => this.model.look((lookups) => lookups.groupNow(app, groupId, revision), waitMs);
    try {
      return await now(0);
    } catch (error) {
      if (!(error instanceof Behind) || revision === undefined) throw error;
      await this.mustExist(app, groupId, revision);
      return now(this.settings.QUERY_AFTER_TIMEOUT_MS);
    }
  }

  private async mustExist(app: string, groupId: string, revision: string): Promise<void> {
    if ((await eventAt(this.store, app, groupId, Number(revision))) !== undefined) return;
    const first = await orErased(groupId, () => readOne(this.store, groupStream(app, groupId)));
    if (first === undefined) throw new CohortError('GROUP_NOT_FOUND', `There is no group ${groupId}.`, { groupId });
    const message = `Group ${groupId} has no revision ${revision}.`;
    throw new CohortError('VALIDATION_FAILED', message, { groupId, fields: [{ field: 'revision', message }] });
  }

  /** The events of these revisions. */
  events(app: string, group: GroupRecord, revisions: readonly number[]): Promise<StoredEvent[]> {
    return mapSome(revisions, (revision) => existing(this.store, app, group, revision));
  }

  /** The revision that is meant; throws `GROUP_NOT_FOUND` for a time before the group. */
  async revision(app: string, group: GroupRecord, { revision, at }: Pick<GroupAt, 'revision' | 'at'>): Promise<number> {
    if (at !== undefined) return lastUntil(this.store, app, group, at);
    return revision === undefined ? group.revision : Number(revision);
  }

  /** Members after a revision, of all roles or of one. */
  async memberCount(app: string, group: GroupRecord, revision: number, role?: Role): Promise<number> {
    const { lookups } = this.model;
    const [event] = await this.events(app, group, [lookups.lastMembershipUntil(group, revision)]);
    const { memberCount = 0 } = event!.data as { readonly memberCount?: number };
    return role === undefined ? memberCount : lookups.countThen(group, revision, role, memberCount);
  }
}

async function existing(store: EventReader, app: string, group: GroupRecord, revision: number): Promise<StoredEvent> {
  const event = await eventAt(store, app, group.id, revision);
  if (event !== undefined) return event;
  throw new CohortError('DATA_DAMAGED', `Event ${revision} of group ${group.id} is missing.`, { groupId: group.id });
}

/** The revision of the last event at or before a time. Times of a group's events never go back, so it is searched by halves. */
async function lastUntil(store: EventReader, app: string, group: GroupRecord, at: string): Promise<number> {
  const isUntil = async (revision: number) =>
    ((await existing(store, app, group, revision)).metadata as unknown as EventMetadata).at <= at;
  if (!(await isUntil(0))) {
    throw new CohortError('GROUP_NOT_FOUND', `There was no group ${group.id} then.`, { groupId: group.id });
  }
  let low = 0;
  let high = group.revision + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isUntil(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** A group as it was: the events that decide it, applied by the domain. Their number doesn't grow with the group's history. */
@QueryHandler(GroupAt)
class GroupAtHandler implements IQueryHandler<GroupAt, QueryAnswers['groupAt']> {
  private readonly moments: Moments;

  constructor(
    private readonly model: ReadModel,
    settings: QuerySettings,
    @Inject(EVENT_READER) store: EventReader,
  ) {
    this.moments = new Moments(model, settings, store);
  }

  async execute(query: GroupAt): Promise<GroupView> {
    const { app, groupId } = query;
    const group = await this.moments.group(app, groupId, query.revision);
    const revision = await this.moments.revision(app, group, query);
    const turns = this.model.lookups.turnsUntil(group, revision);
    const [events, memberCount, [last]] = await Promise.all([
      this.moments.events(app, group, turns),
      this.moments.memberCount(app, group, revision),
      this.moments.events(app, group, [revision]),
    ]);
    const { state, dismissed } = replayed(events);
    return {
      groupId,
      numericId: state.info.numericId,
      name: state.info.name,
      description: state.info.description,
      avatar: state.info.avatar,
      ext: state.info.ext,
      owner: state.roles.owner,
      capacity: state.membership.capacity,
      memberCount,
      settings: state.settings,
      status: dismissed ? 'dismissed' : state.lifecycle.disabled ? 'disabled' : 'live',
      createdAt: importedTime(events) ?? timeIn(events[0]!),
      updatedAt: timeIn(last!),
      revision: String(revision),
    };
  }
}

/** When a group that was imported was made elsewhere. */
const importedTime = (events: readonly StoredEvent[]): string | undefined =>
  (events.find(({ type }) => type === 'importStarted')?.data as { readonly createdAt?: string } | undefined)?.createdAt;

const timeIn = ({ metadata }: StoredEvent): string => (metadata as unknown as EventMetadata).at;

/** The last live state that these events make, and whether the group was dismissed after it. */
function replayed(events: readonly StoredEvent[]): { readonly state: LiveGroup; readonly dismissed: boolean } {
  let state: GroupState = initialState;
  for (const stored of events) {
    const reading = readStored(stored);
    if (reading.kind !== 'usable') continue;
    const { type, data } = reading.event;
    const next = evolve(state, { type, data } as GroupEvent);
    if (next.status === 'dismissed' && state.status === 'live') return { state, dismissed: true };
    state = next;
  }
  if (state.status === 'live') return { state, dismissed: false };
  throw new CohortError('DATA_DAMAGED', 'The first events of the group are missing.');
}

/** The members of a group as they were. */
@QueryHandler(MembersAt)
class MembersAtHandler implements IQueryHandler<MembersAt, QueryAnswers['membersAt']> {
  private readonly moments: Moments;

  constructor(
    private readonly model: ReadModel,
    settings: QuerySettings,
    @Inject(EVENT_READER) store: EventReader,
  ) {
    this.moments = new Moments(model, settings, store);
  }

  async execute(query: MembersAt): Promise<QueryAnswers['membersAt']> {
    const { app, groupId, role, limit = PAGE.defaultLimit, cursor } = query;
    const scope: CursorScope = {
      list: 'membersAt',
      app,
      store: this.model.store,
      of: [groupId, role ?? ''],
      key: ['number'],
    };
    const place = cursor === undefined ? undefined : decodeCursor(scope, cursor);
    const group = await this.moments.group(app, groupId, place?.revision ?? query.revision);
    const revision = place === undefined ? await this.moments.revision(app, group, query) : Number(place.revision);
    if (this.model.lookups.wasDismissed(group, revision)) {
      throw new CohortError('GROUP_DISMISSED', `Group ${groupId} was dismissed then.`, { groupId });
    }
    const after = place === undefined ? -1 : Number(place.key[0]);
    const { members, places, next } = this.model.lookups.membersThen(group, revision, after, limit, role);
    const count = fitting(members);
    const key = count < members.length ? places[count - 1] : next;
    return {
      members: members.slice(0, count),
      total: await this.moments.memberCount(app, group, revision, role),
      revision: String(revision),
      ...(key === undefined ? {} : { cursor: encodeCursor(scope, { key: [key], revision: String(revision) }) }),
    };
  }
}

export const moments = { groupAt: GroupAtHandler, membersAt: MembersAtHandler };
