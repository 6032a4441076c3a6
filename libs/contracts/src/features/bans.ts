import { LIMITS, OnGroup, onGroup } from '../command';
import { event, type EventMember, notification } from '../event';
import { members } from '../event-members';
import { type ListPart, MirroredOfGroup, type Page, PagedQuery, Query, query } from '../query';
import { maybe, time, word } from '../shape';
import { IsId, IsList, IsTime, IsWhole, NotBeside, Optional } from '../validation';

/** Users whose bans one `expireBans` ends. Each may need an event of its own. */
export const MAX_EXPIRED_BANS = 500;

abstract class Named extends OnGroup {
  @IsList(LIMITS.usersPerCommand)
  @IsId({ each: true })
  userIds!: string[];
}

abstract class Timed extends Named {
  /** Milliseconds until the ban ends by itself. Without it, the ban lasts until it is lifted. */
  @Optional()
  @IsWhole(1, LIMITS.banMs)
  durationMs?: number;
}

/**
 * Members may not speak until the ban ends; by the owner, an admin or a service. A new ban replaces an older one. It stays
 * when the user leaves, and holds again when they come back. Only the owner or a service bans an admin, only a service the
 * owner.
 */
export class Ban extends Timed {
  /**
   * In place of `durationMs`: the ban lasts at least until this time, and a longer one stays. For the worker, whose repeats must
   * mean the same time.
   */
  @Optional()
  @NotBeside('durationMs')
  @IsTime()
  until?: string;
}

/** Lifts the bans of users; by the owner, an admin or a service. An admin can't lift the ban of an admin. */
export class Unban extends Named {}

/** Plain members may not speak until the ban-all ends, but for those on the allow-list. */
export class BanAll extends OnGroup {
  /** Milliseconds until the ban-all ends by itself. Without it, it lasts until it is lifted. */
  @Optional()
  @IsWhole(1, LIMITS.banMs)
  durationMs?: number;
}

/** Lifts the ban-all. */
export class UnbanAll extends OnGroup {}

/** Puts members on the allow-list: they may speak during a ban-all. Who leaves the group leaves the list. */
export class AllowToSpeak extends Named {}

/** Takes users off the allow-list. */
export class DisallowToSpeak extends Named {}

/** Announces that bans have run out; for the worker. A ban that still holds stays. */
export class ExpireBans extends OnGroup {
  @IsList(MAX_EXPIRED_BANS)
  @IsId({ each: true })
  userIds!: string[];
}

/** Announces that a ban-all has run out; for the worker. A ban-all that still holds stays. */
export class ExpireBanAll extends OnGroup {}

/** Users that are banned now, in the order of their ids. */
export class ListBanned extends MirroredOfGroup {}

/** Members on the allow-list, in the order of their ids. */
export class ListAllowed extends MirroredOfGroup {}

/**
 * Users that are banned now in a live group of the tenant, each once, in the order of their ids. This list reports no changes.
 * To keep a copy, follow the feed.
 */
export class ListBannedUsers extends PagedQuery {}

/** The tenant's live groups in which a ban-all holds now, in the order in which the groups began. This list reports no changes. */
export class ListBannedGroups extends PagedQuery {}

/** Whether a user may speak in a group now. A message service asks this before it delivers. */
export class CanSpeak extends Query {
  @IsId()
  groupId!: string;

  @IsId()
  userId!: string;

  /** A thread of the group. Its group decides. */
  @Optional()
  @IsId()
  threadId?: string;
}

export interface BanView {
  readonly userId: string;
  /** ISO 8601 UTC; absent: the ban doesn't end by itself. */
  readonly until?: string;
  /** ISO 8601 UTC. */
  readonly bannedAt: string;
}

/** A user with bans in one group or several. */
export interface BannedUserView {
  readonly userId: string;
  /** When the longest of the bans ends: ISO 8601 UTC; absent: it doesn't end by itself. */
  readonly until?: string;
  /** When the first of them began: ISO 8601 UTC. */
  readonly bannedAt: string;
}

export interface BannedGroupView {
  readonly groupId: string;
  /** ISO 8601 UTC; absent: the ban-all doesn't end by itself. */
  readonly until?: string;
}

export interface BannedUsersAnswer extends Page {
  readonly users: readonly BannedUserView[];
}

export interface BannedGroupsAnswer extends Page {
  readonly groups: readonly BannedGroupView[];
}

export interface AllowedView {
  readonly userId: string;
  /** ISO 8601 UTC. */
  readonly allowedAt: string;
}

/**
 * `GROUP_DISMISSED` for a dismissed group. Bans that have run out are not listed, also before the event that announces
 * their end. A copy of the list judges that by `until`.
 */
export type BannedAnswer = {
  readonly banned: readonly BanView[];
  readonly total: number;
  readonly revision: string;
} & ListPart;

/** `GROUP_DISMISSED` for a dismissed group. */
export type AllowListAnswer = {
  readonly members: readonly AllowedView[];
  readonly total: number;
  readonly revision: string;
} & ListPart;

/**
 * Why a user may not speak. `noGroup`: the group is unknown or dismissed. `disabled`: the group is. `banned`: the user is.
 * `allBanned`: a ban-all holds, and the user is a plain member and not on the allow-list.
 */
export type SilentBecause = 'noGroup' | 'disabled' | 'notAMember' | 'banned' | 'allBanned';

export interface CanSpeakAnswer {
  readonly canSpeak: boolean;
  readonly reason?: SilentBecause;
  /** When the ban or the ban-all ends by itself: ISO 8601 UTC. */
  readonly until?: string;
}

/** How a ban ended: it was `lifted`, or its time was over (`expired`). */
export type BanEnd = 'lifted' | 'expired';

/** `banned`: the users may not speak. */
export interface Banned {
  readonly users: readonly EventMember[];
  /** ISO 8601 UTC; absent: the ban doesn't end by itself. */
  readonly until?: string;
}

/** `unbanned` */
export interface Unbanned {
  readonly users: readonly EventMember[];
  readonly reason: BanEnd;
  /** Of expired bans: when they ended, ISO 8601 UTC. */
  readonly endedAt?: string;
}

/** `allBanned` */
export interface AllBanned {
  /** ISO 8601 UTC; absent: the ban-all doesn't end by itself. */
  readonly until?: string;
}

/** `allUnbanned` */
export interface AllUnbanned {
  readonly reason: BanEnd;
  /** Of an expired ban-all: when it ended, ISO 8601 UTC. */
  readonly endedAt?: string;
}

/** `allowListed` */
export interface AllowListed {
  readonly users: readonly EventMember[];
}

/** `allowListRemoved`. Members that leave the group leave the allow-list without this event. */
export interface AllowListRemoved {
  readonly users: readonly EventMember[];
}

export const bans = {
  commands: {
    ban: onGroup(Ban, { names: 'userIds' }),
    unban: onGroup(Unban, { names: 'userIds' }),
    banAll: onGroup(BanAll),
    unbanAll: onGroup(UnbanAll),
    allowToSpeak: onGroup(AllowToSpeak, { names: 'userIds' }),
    disallowToSpeak: onGroup(DisallowToSpeak, { names: 'userIds' }),
    expireBans: onGroup(ExpireBans, { names: 'userIds' }),
    expireBanAll: onGroup(ExpireBanAll),
  },
  queries: {
    banned: query<ListBanned, BannedAnswer>(ListBanned, ['banned', 'list']),
    allowList: query<ListAllowed, AllowListAnswer>(ListAllowed, ['members', 'list']),
    bannedUsers: query<ListBannedUsers, BannedUsersAnswer>(ListBannedUsers, ['users', 'list']),
    bannedGroups: query<ListBannedGroups, BannedGroupsAnswer>(ListBannedGroups, ['groups', 'list']),
    canSpeak: query<CanSpeak, CanSpeakAnswer>(CanSpeak, ['canSpeak', 'boolean']),
  },
  events: {
    banned: event<Banned>({ users: members, until: maybe(time) }),
    unbanned: event<Unbanned>({ users: members, reason: word, endedAt: maybe(time) }),
    allBanned: event<AllBanned>({ until: maybe(time) }),
    allUnbanned: event<AllUnbanned>({ reason: word, endedAt: maybe(time) }),
    allowListed: event<AllowListed>({ users: members }),
    allowListRemoved: event<AllowListRemoved>({ users: members }),
  },
  notifications: {
    /** The user may not speak. */
    banned: notification<{ readonly until?: string }>(),
    /** The user may speak again. */
    unbanned: notification<{ readonly reason: BanEnd; readonly endedAt?: string }>(),
  },
} as const;
