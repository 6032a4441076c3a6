import { LIMITS, OnGroup, onGroup } from '../command';
import { event, notification } from '../event';
import { type PersonalText, personalText } from '../personal-text';
import { type ListPart, MirroredQuery, PAGE, Query, query } from '../query';
import { decimal, id, maybe, time } from '../shape';
import type { Position } from '../positions';
import {
  IsFlag,
  IsId,
  IsList,
  IsOneOf,
  IsPersonalText,
  IsPosition,
  NeedsBeside,
  NotBeside,
  Optional,
  OptionalWith,
} from '../validation';

/** Users whose applications one `expireApplications` ends. Each needs an event of its own. */
export const MAX_EXPIRED_APPLICATIONS = 500;

/**
 * A user asks to become a member. In an open group and in a chatroom they are a member at once. A new application
 * replaces the user's earlier one.
 */
export class Apply extends OnGroup {
  @IsId()
  userId!: string;

  /** For the admins. */
  @Optional()
  @IsPersonalText(LIMITS.reason, { of: 'userId' })
  reason?: PersonalText;
}

/** Approves or declines the pending application of a user; by the owner, an admin or a service. */
export class HandleApplication extends OnGroup {
  @IsId()
  userId!: string;

  @IsFlag()
  approve!: boolean;
}

/** A user takes their application back. Without a pending one nothing changes. */
export class WithdrawApplication extends OnGroup {
  @IsId()
  userId!: string;
}

/** Announces that applications have run out; for the worker. One that is still open stays. */
export class ExpireApplications extends OnGroup {
  @IsList(MAX_EXPIRED_APPLICATIONS)
  @IsId({ each: true })
  userIds!: string[];
}

/**
 * `pending` until it is handled or runs out. `joined`: the user became a member in another way meanwhile.
 */
export const APPLICATION_STATUSES = ['pending', 'approved', 'declined', 'expired', 'withdrawn', 'joined'] as const;
export type ApplicationStatus = (typeof APPLICATION_STATUSES)[number];

/** Applications of some groups, or of all groups that a user administers. With both: of those that the user administers. */
abstract class OfGroups extends MirroredQuery {
  @Optional()
  @IsList(PAGE.maxGroupIds, 1)
  @IsId({ each: true })
  groupIds?: string[];

  /** The owner or an admin. */
  @OptionalWith('groupIds')
  @IsId()
  adminId?: string;
}

/**
 * The last application of each user, group by group, in each group the newest first. Groups that don't live have none.
 */
export class ListApplications extends OfGroups {
  /** Default: all. */
  @Optional()
  @IsOneOf(APPLICATION_STATUSES)
  status?: ApplicationStatus;

  /** Entries that changed since the answer with this `position`. Needs that answer's `basis`. */
  @Optional()
  @IsPosition()
  @NeedsBeside('basis')
  @NotBeside('cursor', 'status')
  sincePosition?: Position;
}

/** Number of pending applications. */
export class CountApplications extends Query {
  @Optional()
  @IsList(PAGE.maxGroupIds, 1)
  @IsId({ each: true })
  groupIds?: string[];

  /** The owner or an admin. */
  @OptionalWith('groupIds')
  @IsId()
  adminId?: string;
}

export interface ApplicationView {
  readonly groupId: string;
  /** Counts the group's applications from "1". */
  readonly applicationId: string;
  readonly userId: string;
  /** Empty if there was none, or if it was erased. */
  readonly reason: string;
  /** An application that has run out is `expired` at once, also before the event that announces it. */
  readonly status: ApplicationStatus;
  /** Times are ISO 8601 UTC. */
  readonly appliedAt: string;
  readonly expiresAt: string;
  readonly updatedAt: string;
  /** The user who approved or declined it; absent if a service did. */
  readonly handledBy?: string;
}

/** An answer for an `adminId` reports no changes: it is always a page of the whole list. */
export type ApplicationsAnswer = {
  readonly applications: readonly ApplicationView[];
  readonly total: number;
  readonly position: Position;
} & ListPart;

export interface ApplicationCountAnswer {
  readonly count: number;
}

/** `applied`: the user asks to become a member. An earlier pending application of the user is replaced. */
export interface Applied {
  readonly userId: string;
  readonly applicationId: string;
  readonly reason?: PersonalText;
  /** ISO 8601 UTC. */
  readonly expiresAt: string;
}

interface OfApplication {
  readonly userId: string;
  readonly applicationId: string;
}

/** `applicationApproved`: the `memberJoined` after it, in the same append, makes the user a member. */
export interface ApplicationApproved extends OfApplication {
  /** Absent if a service approved it. */
  readonly by?: string;
}

/** `applicationDeclined` */
export interface ApplicationDeclined extends OfApplication {
  /** Absent if a service declined it. */
  readonly by?: string;
}

/** `applicationWithdrawn`: by the applicant. */
export type ApplicationWithdrawn = OfApplication;

/** `applicationExpired`: nobody handled it in time. */
export interface ApplicationExpired extends OfApplication {
  /** When it ended: ISO 8601 UTC. */
  readonly endedAt: string;
}

const ofApplication = { userId: id, applicationId: decimal };

export const applications = {
  commands: {
    apply: onGroup(Apply),
    handleApplication: onGroup(HandleApplication),
    withdrawApplication: onGroup(WithdrawApplication),
    expireApplications: onGroup(ExpireApplications, { names: 'userIds' }),
  },
  queries: {
    applications: query<ListApplications, ApplicationsAnswer>(ListApplications, ['applications', 'list']),
    applicationCount: query<CountApplications, ApplicationCountAnswer>(CountApplications, ['count', 'number']),
  },
  events: {
    applied: event<Applied>({ ...ofApplication, reason: maybe(personalText(LIMITS.reason)), expiresAt: time }),
    applicationApproved: event<ApplicationApproved>({ ...ofApplication, by: maybe(id) }),
    applicationDeclined: event<ApplicationDeclined>({ ...ofApplication, by: maybe(id) }),
    applicationWithdrawn: event<ApplicationWithdrawn>(ofApplication),
    applicationExpired: event<ApplicationExpired>({ ...ofApplication, endedAt: time }),
  },
  notifications: {
    /** To the owner and the admins: a user asks to become a member. */
    applied: notification<{
      readonly userId: string;
      readonly applicationId: string;
      readonly reason: string;
      readonly expiresAt: string;
    }>(),
    /** To the applicant, who is a member now. */
    applicationApproved: notification<{ readonly applicationId: string }>(),
    /** To the applicant. */
    applicationDeclined: notification<{ readonly applicationId: string }>(),
  },
} as const;
