import {
  GROUP_EVENT_VERSIONS,
  type GroupEventData,
  type GroupEventType,
  type Owned,
  type Role,
} from '@cohort/contracts';
import type { LogEvent } from './log-event';
import type { Membership } from './membership-cache';
import type { GroupRow, GroupTable, MemberTable } from './tables';

/** Told of every change of who is in a group, while it is being applied. */
export interface MembershipObserver {
  changed(stream: string, user: string, membership: Membership): void;
  ended(stream: string): void;
}

/** Where and when an event of a group that has a row happened. */
interface Context {
  readonly group: GroupRow;
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

type Handler<T extends GroupEventType> = (
  projection: GroupProjection,
  context: Context,
  data: GroupEventData[T],
) => void;
export type GroupHandlers = { readonly [T in GroupEventType]?: Handler<T> };

/** A member's place in the order of joining, from his event's revision and his place in it. */
const seqOf = (revision: number, index: number): number => revision * SEQS_PER_EVENT + index;
const SEQS_PER_EVENT = 1_024;

/**
 * What each event does to the rows. Applying an event again, with all that follow it, ends in the same rows: replaying
 * depends on it.
 */
export const GROUP_HANDLERS: Required<GroupHandlers> = {
  created: (projection, { group, revision, at }, { owner }) =>
    projection.join(group, seqOf(revision, 0), owner, 'owner', at),

  infoChanged: (_projection, { group }, { name, description, avatar, ext }) => {
    if (name !== undefined) group.name = text(name);
    if (description !== undefined) group.description = text(description);
    if (avatar !== undefined) group.avatar = text(avatar);
    if (ext !== undefined) group.ext = text(ext);
  },

  memberJoined: (projection, { group, revision, at }, { members, memberCount }) => {
    if (members.length > SEQS_PER_EVENT) throw new Error(`${members.length} members in one event`);
    members.forEach(({ userId }, index) => projection.join(group, seqOf(revision, index), userId, 'member', at));
    group.memberCount = count(memberCount);
  },

  memberLeft: (projection, { group }, { members, memberCount }) => {
    for (const { userId } of members) projection.leave(group, userId);
    group.memberCount = count(memberCount);
  },

  memberKicked: (projection, { group }, { members, memberCount }) => {
    for (const { userId } of members) projection.leave(group, userId);
    group.memberCount = count(memberCount);
  },

  ownerTransferred: (projection, { group }, { from, to }) => {
    projection.setRole(group, from, 'member');
    projection.setRole(group, to, 'owner');
    group.owner = text(to);
  },

  adminGranted: (projection, { group }, { members }) => {
    for (const { userId } of members) projection.setRole(group, userId, 'admin');
  },

  adminRevoked: (projection, { group }, { members }) => {
    for (const { userId } of members) projection.setRole(group, userId, 'member');
  },

  dismissed: (projection, { group }) => {
    projection.end(group);
    group.live = false;
  },
};

/** Applies events of groups to the tables of groups and members. */
export class GroupProjection {
  constructor(
    private readonly groups: GroupTable,
    private readonly members: MemberTable,
    private readonly observer: MembershipObserver,
    private readonly handlers: GroupHandlers,
  ) {}

  knows(type: string, version: number): type is GroupEventType {
    return Object.hasOwn(this.handlers, type) && version <= GROUP_EVENT_VERSIONS[type as GroupEventType];
  }

  /** Throws when the event isn't what its type says, or its group has no row. */
  apply<T extends GroupEventType>(event: LogEvent & { type: T }, { app, id }: Owned): void {
    const at = timeOf(event);
    const data = event.data as GroupEventData[T];
    const group =
      event.type === 'created'
        ? this.create(event.stream, app, id, data as GroupEventData['created'], at)
        : this.groups.get(event.stream, app, id);
    if (group === undefined) throw new Error('the group has no "created" that could be applied');
    // `data` is the type's own, which the compiler can't follow through the table of handlers.
    const handler: Handler<T> | undefined = this.handlers[event.type];
    handler?.(this, { group, revision: event.revision, at }, data);
    this.touch(group, event.revision, at);
  }

  /** An event of an unknown type still moves the group's revision, which callers give back as the one they expect. */
  skip(event: LogEvent, { app, id }: Owned): void {
    const group = this.groups.get(event.stream, app, id);
    if (group !== undefined) this.touch(group, event.revision, timeOf(event));
  }

  join(group: GroupRow, seq: number, user: string, role: Role, at: number): void {
    this.members.put(group, seq, text(user), role, at);
    this.observer.changed(group.stream, user, role);
  }

  leave(group: GroupRow, user: string): void {
    this.members.remove(group, text(user));
    this.observer.changed(group.stream, user, null);
  }

  setRole(group: GroupRow, user: string, role: Role): void {
    if (this.members.setRole(group, text(user), role)) this.observer.changed(group.stream, user, role);
  }

  end(group: GroupRow): void {
    this.members.end(group);
    this.observer.ended(group.stream);
  }

  private touch(group: GroupRow, revision: number, at: number): void {
    group.revision = revision;
    group.updatedAt = at;
    this.groups.changed(group);
  }

  private create(stream: string, app: string, id: string, data: GroupEventData['created'], at: number): GroupRow {
    const fields = {
      numericId: text(data.numericId),
      name: text(data.name),
      owner: text(data.owner),
      capacity: count(data.capacity),
      memberCount: count(data.memberCount),
      live: true,
      createdAt: at,
      updatedAt: at,
      revision: 0,
      description: '',
      avatar: '',
      ext: '',
    };
    const row = this.groups.get(stream, app, id);
    return row === undefined ? this.groups.add(stream, app, id, fields) : Object.assign(row, fields);
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
