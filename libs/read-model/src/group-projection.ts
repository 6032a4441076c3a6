import { GROUP_EVENTS, type GroupEventData, type GroupEventType, type Owned, type Role } from '@cohort/contracts';
import type { LogEvent } from './log-event';
import type { Membership } from './membership-cache';
import type { GroupRow, GroupTable, LeftTable, MemberTable } from './tables';

/** Told of every change of who is in a group, while it is being applied. */
export interface MembershipObserver {
  changed(stream: string, user: string, membership: Membership): void;
  ended(stream: string): void;
}

/** What an event does; its revision, time and position stand in the group's row already. */
type Handler<T extends GroupEventType> = (
  projection: GroupProjection,
  group: GroupRow,
  data: GroupEventData[T],
) => void;
export type GroupHandlers = { readonly [T in GroupEventType]?: Handler<T> };

/**
 * What each event does to the rows. Applying an event again, with all that follow it, ends in the same rows: replaying
 * depends on it.
 */
export const GROUP_HANDLERS: Required<GroupHandlers> = {
  created: (projection, group, { owner }) => projection.join(group, [owner], 'owner'),

  infoChanged: (_projection, group, { name, description, avatar, ext }) => {
    if (name !== undefined) group.name = text(name);
    if (description !== undefined) group.description = text(description);
    if (avatar !== undefined) group.avatar = text(avatar);
    if (ext !== undefined) group.ext = text(ext);
  },

  memberJoined: (projection, group, { members, memberCount }) => {
    projection.join(
      group,
      members.map(({ userId }) => userId),
      'member',
    );
    group.member_count = count(memberCount);
  },

  memberLeft: (projection, group, data) => projection.leave(group, data),

  memberKicked: (projection, group, data) => projection.leave(group, data),

  ownerTransferred: (projection, group, { from, to }) => {
    projection.setRole(group, 0, from, 'member');
    projection.setRole(group, 1, to, 'owner');
    group.owner = text(to);
  },

  adminGranted: (projection, group, { members }) =>
    members.forEach(({ userId }, index) => projection.setRole(group, index, userId, 'admin')),

  adminRevoked: (projection, group, { members }) =>
    members.forEach(({ userId }, index) => projection.setRole(group, index, userId, 'member')),

  dismissed: (projection, group) => projection.end(group),
};

/** Applies events of groups to the tables of groups and members. */
export class GroupProjection {
  constructor(
    private readonly groups: GroupTable,
    private readonly members: MemberTable,
    private readonly left: LeftTable,
    private readonly observer: MembershipObserver,
    private readonly handlers: GroupHandlers,
  ) {}

  knows(type: string, version: number): type is GroupEventType {
    return Object.hasOwn(this.handlers, type) && version <= GROUP_EVENTS[type as GroupEventType].version;
  }

  /** Throws when the event isn't what its type says, or its group has no row. */
  apply<T extends GroupEventType>(event: LogEvent & { type: T }, { app, id }: Owned): void {
    const data = event.data as GroupEventData[T];
    const group =
      event.type === 'created'
        ? this.create(event, app, id, data as GroupEventData['created'])
        : this.groups.get(event.stream, app, id);
    if (group === undefined) throw new Error('the group has no "created" that could be applied');
    this.touch(group, event);
    // `data` is the type's own, which the compiler can't follow through the table of handlers.
    const handler: Handler<T> | undefined = this.handlers[event.type];
    handler?.(this, group, data);
  }

  /** An event of an unknown type still moves the group's revision, which callers give back as the one they expect. */
  skip(event: LogEvent, { app, id }: Owned): void {
    const group = this.groups.get(event.stream, app, id);
    if (group !== undefined) this.touch(group, event);
  }

  join(group: GroupRow, users: readonly string[], role: Role): void {
    this.members.put(group, users.map(text), role);
    for (const user of users) this.observer.changed(group.stream, user, role);
  }

  leave(group: GroupRow, { members, memberCount }: GroupEventData['memberLeft' | 'memberKicked']): void {
    members.forEach(({ userId }, index) => {
      this.members.remove(group, text(userId));
      this.left.add(group, index, userId);
      this.observer.changed(group.stream, userId, null);
    });
    group.member_count = count(memberCount);
    this.left.trim(group);
  }

  setRole(group: GroupRow, index: number, user: string, role: Role): void {
    if (this.members.setRole(group, index, text(user), role)) this.observer.changed(group.stream, user, role);
  }

  end(group: GroupRow): void {
    group.live = 0;
    this.members.end(group);
    this.observer.ended(group.stream);
  }

  private touch(group: GroupRow, event: LogEvent): void {
    group.updated_at = timeOf(event);
    group.revision = event.revision;
    group.position = event.position;
    this.groups.changed(group);
  }

  private create(event: LogEvent, app: string, id: string, data: GroupEventData['created']): GroupRow {
    const at = timeOf(event);
    const fields = {
      app,
      id,
      numeric_id: text(data.numericId),
      name: text(data.name),
      owner: text(data.owner),
      capacity: count(data.capacity),
      member_count: count(data.memberCount),
      live: 1,
      created_at: at,
      updated_at: at,
      revision: 0,
      position: event.position,
      log_from: 0,
      description: '',
      avatar: '',
      ext: '',
    };
    const row = this.groups.get(event.stream, app, id);
    return row === undefined ? this.groups.add(event.stream, fields) : Object.assign(row, fields);
  }
}

// What is in the log may be anything. A value is checked where it is taken over, so that an event fails by itself, and
// not with the row it would have been written in: another event may be the last to change that.
function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`not a text: ${JSON.stringify(value)}`);
  return value;
}

function count(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new Error(`not a whole number: ${JSON.stringify(value)}`);
  return value as number;
}

/** When an event happened, in milliseconds since 1970; throws when its metadata don't say. */
function timeOf({ metadata }: LogEvent): number {
  const at = typeof metadata.at === 'string' ? Date.parse(metadata.at) : NaN;
  if (Number.isNaN(at)) throw new Error('metadata.at is not a time');
  return at;
}
