import { LIMITS, OnGroup, onGroup } from '../command';
import { event, type EventMember, notification } from '../event';
import { members } from '../event-members';
import { type ListPart, MirroredQuery, Query, query } from '../query';
import { id, maybe, wholeNumber, word } from '../shape';
import { OWNER_POLICIES, type OwnerPolicy, type Role, ROLES, type Succession, SUCCESSIONS } from '../terms';
import {
  IsId,
  IsList,
  IsOneOf,
  IsPosition,
  IsRevision,
  IsWhole,
  NeedsBeside,
  NotBeside,
  Optional,
} from '../validation';
import type { GroupView } from '../views';

/** A user joins. A member stays a member. */
export class Join extends OnGroup {
  @IsId()
  userId!: string;
}

abstract class LeavePolicy extends OnGroup {
  /** For service actors: the policy of this command. Without it, and for users, the tenant's policy applies. */
  @Optional()
  @IsOneOf(OWNER_POLICIES)
  ownerPolicy?: OwnerPolicy;
}

/** A user leaves. If the user is the owner, the tenant's policy applies (see `OwnerPolicy`). */
export class Leave extends LeavePolicy {
  @IsId()
  userId!: string;
}

/**
 * Several users leave together: for dialects whose "quit" takes a list, and for syncs. None of them becomes owner. If
 * nobody remains, the group is dismissed. Under `refuse` only the owner stays (`OWNER_CANNOT_LEAVE` in `results`). A user
 * as actor may name themselves only.
 */
export class LeaveMany extends LeavePolicy {
  @IsList(LIMITS.usersPerCommand)
  @IsId({ each: true })
  userIds!: string[];

  /** The number of the sync that this belongs to; for the worker. */
  @Optional()
  @IsWhole(0)
  sync?: number;
}

/** Adds users; by the owner, an admin or a service. If the group would be over its capacity, nobody is added. */
export class AddMembers extends OnGroup {
  @IsList(LIMITS.usersPerCommand)
  @IsId({ each: true })
  userIds!: string[];
}

/**
 * Removes users; by the owner, an admin or a service. The owner stays, unless a service gives `succeededBy`; only the owner
 * or a service removes admins.
 */
export class Kick extends OnGroup {
  @IsList(LIMITS.usersPerCommand)
  @IsId({ each: true })
  userIds!: string[];

  /**
   * For service actors: the owner may be among the users. The admin or member that joined first of those that stay becomes
   * owner; if nobody stays, the owner does (`OWNER_CANNOT_BE_KICKED`).
   */
  @Optional()
  @IsOneOf(SUCCESSIONS)
  succeededBy?: Succession;
}

/** Members in the order they joined. */
export class ListMembers extends MirroredQuery {
  @IsId()
  groupId!: string;

  @Optional()
  @IsOneOf(ROLES)
  role?: Role;

  /** Members that changed since the answer with this `revision`, with any role. Needs that answer's `basis`. */
  @Optional()
  @IsRevision()
  @NeedsBeside('basis')
  @NotBeside('cursor', 'role')
  sinceRevision?: string;
}

/** One member. */
export class GetMember extends Query {
  @IsId()
  groupId!: string;

  @IsId()
  userId!: string;
}

/** Whether a user is a member. */
export class IsMember extends GetMember {}

/** Whether a user is a member, or was one when the group was dismissed. */
export class WasMember extends GetMember {}

/**
 * A user's live groups, the latest joined first. By cursor, or by page (`page` from 0), not both. A page by number costs
 * the pages before it, and shifts when the user joins or leaves groups meanwhile. Cursors have neither problem.
 */
export class ListUserGroups extends MirroredQuery {
  @IsId()
  userId!: string;

  @Optional()
  @IsWhole(0, 1_000_000, { orDecimal: true })
  @NotBeside('cursor', 'sincePosition')
  page?: number;

  /**
   * Changes since the answer with this `position` (several groups have no common revision). Needs that answer's `basis`.
   * Each event of a group changes its entry.
   */
  @Optional()
  @IsPosition()
  @NeedsBeside('basis')
  @NotBeside('cursor')
  sincePosition?: string;
}

/** Number of a user's live groups. */
export class CountJoined extends Query {
  @IsId()
  userId!: string;
}

/** How many live groups the tenant has, and how many some users own and are members of. For the command app. */
export class CountGroups extends Query {
  @IsList(LIMITS.usersPerCommand)
  @IsId({ each: true })
  userIds!: string[];

  /** The tenant's groups are counted up to this number. Default: not at all. */
  @Optional()
  @IsWhole(0)
  upTo?: number;
}

export interface MemberView {
  readonly userId: string;
  readonly role: Role;
  /** ISO 8601 UTC. */
  readonly joinedAt: string;
  /** How the member joined. */
  readonly joinedVia: JoinVia;
  /** The other user who brought the member in: see `MemberJoined.by`. */
  readonly joinedBy?: string;
  /** The member's name in this group; absent without one. */
  readonly displayName?: string;
}

/**
 * `GROUP_DISMISSED` for a dismissed group. A user who stays a member while the pages are read is on exactly one page. To
 * learn who joined or left meanwhile, ask for the changes since `revision`.
 */
export type MembersAnswer = {
  readonly members: readonly MemberView[];
  /** Members of the requested role, now. */
  readonly total: number;
  /**
   * The group's revision at the first page; the same on all pages that follow. Of changes: the revision up to which they
   * are listed, which is the group's own revision on the last page.
   */
  readonly revision: string;
} & ListPart;

/** `NOT_A_MEMBER` for any other user. */
export interface MemberAnswer extends MemberView {
  readonly groupId: string;
  readonly revision: string;
}

/** False also for an unknown or dismissed group. */
export interface IsMemberAnswer {
  readonly isMember: boolean;
  readonly role?: Role;
}

/** False also for an unknown group. */
export interface WasMemberAnswer {
  readonly wasMember: boolean;
}

export type UserGroupsAnswer = {
  readonly groups: readonly (GroupView & { readonly role: Role; readonly joinedAt: string })[];
  readonly total: number;
  /** Position of the read model at the first page. Of changes: the position up to which they are listed. */
  readonly position: string;
} & ListPart;

export interface JoinedCountAnswer {
  readonly count: number;
}

export interface GroupCountsAnswer {
  /** Live groups of the tenant, at most `upTo`. */
  readonly groups: number;
  /** For each user that was asked for, repeats once. `joined` includes `owned`. */
  readonly users: readonly { readonly userId: string; readonly owned: number; readonly joined: number }[];
}

/**
 * How a member joined: as a first member of a new group (`create`), by themselves (`join`), added by a user or a service
 * (`add`), by a sync of their groups (`sync`), by an invitation, by an application, by a join code
 * (`code`), or elsewhere, from where the group was imported.
 */
export type JoinVia = 'create' | 'join' | 'add' | 'sync' | 'invitation' | 'application' | 'code' | 'import';

/** `memberJoined` */
export interface MemberJoined {
  readonly members: readonly EventMember[];
  readonly via: JoinVia;
  /**
   * The user who added or invited the members, approved their application or shared the code. Absent if a service did, and
   * in events of version 1.
   */
  readonly by?: string;
  /** Members after this event. */
  readonly memberCount: number;
  readonly sync?: number;
}

/** `memberLeft` */
export interface MemberLeft {
  readonly members: readonly EventMember[];
  readonly memberCount: number;
  readonly sync?: number;
}

/** `memberKicked` */
export interface MemberKicked {
  readonly members: readonly EventMember[];
  readonly memberCount: number;
}

export const membership = {
  commands: {
    join: onGroup(Join),
    leave: onGroup(Leave),
    leaveMany: onGroup(LeaveMany, { names: 'userIds' }),
    addMembers: onGroup(AddMembers, { names: 'userIds' }),
    kick: onGroup(Kick, { names: 'userIds' }),
  },
  queries: {
    members: query<ListMembers, MembersAnswer>(ListMembers, ['members', 'list']),
    member: query<GetMember, MemberAnswer>(GetMember, ['userId', 'string']),
    isMember: query<IsMember, IsMemberAnswer>(IsMember, ['isMember', 'boolean']),
    wasMember: query<WasMember, WasMemberAnswer>(WasMember, ['wasMember', 'boolean']),
    userGroups: query<ListUserGroups, UserGroupsAnswer>(ListUserGroups, ['groups', 'list']),
    joinedCount: query<CountJoined, JoinedCountAnswer>(CountJoined, ['count', 'number']),
    groupCounts: query<CountGroups, GroupCountsAnswer>(CountGroups, ['users', 'list']),
  },
  events: {
    memberJoined: event<MemberJoined>(
      { members, via: word, by: maybe(id), memberCount: wholeNumber, sync: maybe(wholeNumber) },
      // Version 1 has no `by`.
      (data) => data,
    ),
    memberLeft: event<MemberLeft>({ members, memberCount: wholeNumber, sync: maybe(wholeNumber) }),
    memberKicked: event<MemberKicked>({ members, memberCount: wholeNumber }),
  },
  notifications: {
    /** Another actor made the user a member. `role` is `owner` for the first member of a new group. */
    added: notification<{
      readonly via: 'create' | 'add' | 'invitation';
      readonly role: 'owner' | 'member';
    }>(),
    /** Another actor removed the user. */
    kicked: notification(),
  },
} as const;
