import type { Actor } from '../event';
import { LimitedQuery, type Page, PagedQuery, Query } from '../query';
import { ROLES, type Role } from '../terms';
import { IsId, IsOneOf, IsRevision, IsTime, NotBeside, Optional } from '../validation';
import type { GroupView } from '../views';

/** A group's events, oldest first, from a revision on. It returns events that the feed no longer keeps. */
export class ListEvents extends LimitedQuery {
  @IsId()
  groupId!: string;

  /** First revision wanted; default "0". */
  @Optional()
  @IsRevision()
  fromRevision?: string;
}

/** What happened in a group, the newest first: who did what to whom, and when. */
export class GroupHistory extends PagedQuery {
  @IsId()
  groupId!: string;
}

/**
 * What a user did and what was done to them, in all groups of the tenant, the newest first. A group's end is not listed for
 * each of its members.
 */
export class UserHistory extends PagedQuery {
  @IsId()
  userId!: string;
}

/** A moment of a group: a revision or a time. Without either, it is the group's newest revision. */
export class GroupAt extends Query {
  @IsId()
  groupId!: string;

  /** After the event of this revision. */
  @Optional()
  @IsRevision()
  revision?: string;

  /** After the last event at or before this time (ISO 8601 UTC, such as "2026-11-26T09:30:00.000Z"). */
  @Optional()
  @IsTime()
  @NotBeside('revision')
  at?: string;
}

/**
 * The members at a moment, in the order they joined. A page may have fewer entries than `limit`, or none, and still have a
 * next page. With a cursor, revision and time are those of the first page.
 */
export class MembersAt extends PagedQuery {
  @IsId()
  groupId!: string;

  /** After the event of this revision. */
  @Optional()
  @IsRevision()
  @NotBeside('cursor')
  revision?: string;

  /** After the last event at or before this time. */
  @Optional()
  @IsTime()
  @NotBeside('revision', 'cursor')
  at?: string;

  /** Default: members of all roles. */
  @Optional()
  @IsOneOf(ROLES)
  role?: Role;
}

/** An event of a history. The query `events` returns its whole data. */
export interface HistoryEntry<Type extends string = string> {
  readonly groupId: string;
  readonly revision: string;
  readonly position: string;
  readonly type: Type;
  /** Who did it. */
  readonly actor: Actor;
  /** The users that the event names: the first 20. In a user's history, the user is among them if it names them. */
  readonly users: readonly string[];
  /** All users that the event names. */
  readonly userCount: number;
  /** The event's data without lists. */
  readonly details: Readonly<Record<string, unknown>>;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** `GROUP_NOT_FOUND` for an unknown group. A dismissed group has its history. */
export interface GroupHistoryAnswer extends Page {
  readonly entries: readonly HistoryEntry[];
}

export interface UserHistoryAnswer extends Page {
  readonly entries: readonly HistoryEntry[];
}

/**
 * The group as it was then; `revision` is that moment's. `GROUP_NOT_FOUND` for an unknown group, and for a time before its
 * first event. A revision after its newest event is `READ_MODEL_BEHIND`, once the answering node has waited for it.
 */
export type GroupAtAnswer = GroupView;

/** `GROUP_DISMISSED` if the group was dismissed then. */
export interface MembersAtAnswer extends Page {
  readonly members: readonly MemberThen[];
  /** Members of the requested role then. */
  readonly total: number;
  readonly revision: string;
}

/** A member as they were then. A user who came again is there with the latest time of joining until then. */
export interface MemberThen {
  readonly userId: string;
  readonly role: Role;
  /** ISO 8601 UTC. */
  readonly joinedAt: string;
  /** How they joined: see `JoinVia`. */
  readonly joinedVia: string;
  /** The other user who brought them in. */
  readonly joinedBy?: string;
}
