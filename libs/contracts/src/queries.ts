import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsIn, IsInt, Max, Min } from 'class-validator';
import type { Actor, GroupEvent } from './events';
import { IsAppId, IsId, IsPosition, IsRevision, IsText, NeedsBeside, NotBeside, Optional } from './validation';

/** Bounds of pages. */
export const PAGE = { defaultLimit: 100, maxLimit: 1_000, maxGroupIds: 100 } as const;

export const ROLES = ['owner', 'admin', 'member'] as const;
export type Role = (typeof ROLES)[number];

/** What every query carries. */
export abstract class Query {
  @IsAppId()
  app!: string;

  /** Answer only when the read model has this position (bounded, then `READ_MODEL_BEHIND`): read your own writes. */
  @Optional()
  @IsPosition()
  after?: string;
}

abstract class LimitedQuery extends Query {
  /** Entries of a page: 1 to 1,000, default 100. A page may have fewer, and go on, where they would be over 768 KiB. */
  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(PAGE.maxLimit)
  limit?: number;
}

abstract class PagedQuery extends LimitedQuery {
  /** The `cursor` of the page before. Opaque; belongs to this list, app and store. */
  @Optional()
  @IsText(1_024, 1)
  cursor?: string;
}

export class GetGroup extends Query {
  @IsId()
  groupId!: string;
}

export class GetGroups extends Query {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(PAGE.maxGroupIds)
  @IsId({ each: true })
  groupIds!: string[];
}

/**
 * A list that a client can keep a copy of, by asking what has changed since an answer it has (docs/lists.md). See
 * `ListPart` for what is answered then.
 */
abstract class MirroredQuery extends PagedQuery {
  /** The `basis` of that answer. */
  @Optional()
  @IsText(200, 1)
  basis?: string;
}

/** Live groups of the app, newest first. Who keeps a copy of them has the feed: every event of the app changes one. */
export class ListAppGroups extends PagedQuery {}

/** Members in the order they joined. */
export class ListMembers extends MirroredQuery {
  @IsId()
  groupId!: string;

  @Optional()
  @IsIn(ROLES)
  role?: Role;

  /** Who has changed since the answer that had this `revision`, of whatever role; its `basis` beside it. */
  @Optional()
  @IsRevision()
  @NeedsBeside('basis')
  @NotBeside('cursor', 'role')
  sinceRevision?: string;
}

export class GetMember extends Query {
  @IsId()
  groupId!: string;

  @IsId()
  userId!: string;
}

export class IsMember extends GetMember {}

/**
 * Live groups of a user, the latest joined first. By cursor, or by page (`page` from 0), not both. A page by number costs
 * the pages before it, and moves when groups are joined or left meanwhile; cursors do neither.
 */
export class ListUserGroups extends MirroredQuery {
  @IsId()
  userId!: string;

  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  @NotBeside('cursor', 'sincePosition')
  page?: number;

  /**
   * What has changed since the answer that had this `position` (several groups have no common revision); its `basis`
   * beside it. A group changes with each of its events.
   */
  @Optional()
  @IsPosition()
  @NeedsBeside('basis')
  @NotBeside('cursor')
  sincePosition?: string;
}

export class CountJoined extends Query {
  @IsId()
  userId!: string;
}

/** A group's events, oldest first, from a revision on: what the feed no longer keeps. */
export class ListEvents extends LimitedQuery {
  @IsId()
  groupId!: string;

  /** First revision wanted; default "0". */
  @Optional()
  @IsRevision()
  fromRevision?: string;
}

/** Whether a user's sync is done; waits for it, bounded. */
export class GetUserSync extends Query {
  @IsId()
  userId!: string;

  @IsInt()
  @Min(0)
  sync!: number;

  /** Milliseconds to wait for completion at most; default 0, at most 10,000. */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(10_000)
  waitMs?: number;
}

/** State of the answering query node. Takes an app for the subject's sake only. */
export class GetStatus extends Query {}

/** All queries, by the name they have in their subject. */
export const QUERIES = {
  group: GetGroup,
  groups: GetGroups,
  appGroups: ListAppGroups,
  members: ListMembers,
  member: GetMember,
  isMember: IsMember,
  userGroups: ListUserGroups,
  joinedCount: CountJoined,
  events: ListEvents,
  userSync: GetUserSync,
  status: GetStatus,
} as const satisfies { readonly [N in keyof QueryAnswers]: new () => Query };

export type QueryName = keyof typeof QUERIES;
export type QueryData<N extends QueryName> = InstanceType<(typeof QUERIES)[N]>;
export const isQueryName = (name: string): name is QueryName => Object.hasOwn(QUERIES, name);

export interface GroupView {
  readonly groupId: string;
  readonly numericId: string;
  readonly name: string;
  readonly description: string;
  readonly avatar: string;
  readonly ext: string;
  readonly owner: string;
  readonly capacity: number;
  /** Of a dismissed group: as it was when it ended. */
  readonly memberCount: number;
  readonly status: 'live' | 'dismissed';
  /** ISO 8601 UTC. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly revision: string;
}

export interface MemberView {
  readonly userId: string;
  readonly role: Role;
  /** ISO 8601 UTC. */
  readonly joinedAt: string;
}

interface Page {
  /** Where the next page begins; absent on the last one. */
  readonly cursor?: string;
}

/**
 * Which part of a list an answer holds: a page of all of it, or, on being asked what has changed since an answer, a page of
 * the changes: each entry that is new or other than it was, as it is now, once, the longest unchanged first.
 *
 * The changes are answered as a page of all (`full`) when they are no longer known: a group's log covers its last 1,000
 * events, or as many as it has members; a user's log the last 1,000 groups he left; an app's everything. And when the
 * `basis` is no longer the node's.
 */
export type ListPart = (WholePage | ChangesPage) & {
  /** What the answer rests on: the event store, and what this version of the service makes of its events. Opaque. */
  readonly basis: string;
};

interface WholePage extends Page {
  readonly full: true;
  readonly removed?: undefined;
  readonly more?: undefined;
}

interface ChangesPage {
  readonly full: false;
  /** Ids of the entries that are no longer in the list; some may never have been in the asker's copy. */
  readonly removed: readonly string[];
  /** Whether more has changed: ask again, since this answer. */
  readonly more: boolean;
  readonly cursor?: undefined;
}

export interface EventView {
  readonly id: string;
  readonly revision: string;
  readonly position: string;
  readonly type: GroupEvent['type'];
  readonly data: GroupEvent['data'];
  readonly actor: Actor;
  readonly commandId: string;
  readonly at: string;
}

export interface QueryAnswers {
  /** `GROUP_NOT_FOUND` for an unknown one; a dismissed one is answered with its status. */
  group: GroupView;
  /**
   * Those that exist, in the asked-for order, repeats once, and the ids of those that don't. `TOO_LARGE` when they would
   * be over 768 KiB: ask for fewer.
   */
  groups: { readonly groups: readonly GroupView[]; readonly missing: readonly string[] };
  appGroups: { readonly groups: readonly GroupView[] } & Page;
  /**
   * Of a dismissed group: `GROUP_DISMISSED`. Who stays a member while the pages are read is in them exactly once; who came
   * or went meanwhile is told by what has changed since `revision`.
   */
  members: {
    readonly members: readonly MemberView[];
    /** Members of the asked-for role, now. */
    readonly total: number;
    /**
     * The group's revision at the first page; the same on all that follow. Of changes: up to where they are told, the
     * group's own revision when there are no more.
     */
    readonly revision: string;
  } & ListPart;
  /** `NOT_A_MEMBER` for another user. */
  member: MemberView & { readonly groupId: string; readonly revision: string };
  /** False, too, for an unknown or dismissed group. */
  isMember: { readonly isMember: boolean; readonly role?: Role };
  userGroups: {
    readonly groups: readonly (GroupView & { readonly role: Role; readonly joinedAt: string })[];
    readonly total: number;
    /** Position of the read model at the first page. Of changes: up to where they are told. */
    readonly position: string;
  } & ListPart;
  joinedCount: { readonly count: number };
  /** `nextRevision` is where to go on; absent at the end of what there is. */
  events: { readonly events: readonly EventView[]; readonly nextRevision?: string };
  userSync: {
    /** Whether this sync, or a later one of the user, is done. */
    readonly completed: boolean;
    /** Position of the read model: what the sync did is before it. */
    readonly position: string;
  };
  status: {
    readonly store: string;
    readonly position: string;
    /** Seconds the read model is behind the event store's newest event, as far as it knows; 0 when it has all. */
    readonly lagSeconds: number;
    /** Why answers may be incomplete: events that failed, or are of types this version doesn't know. */
    readonly degraded: readonly string[];
  };
}
