import { LIMITS, OnGroup, onGroup } from '../command';
import { event, MAX_MEMBERS_PER_EVENT, notification } from '../event';
import { type PersonalText, personalText } from '../personal-text';
import type { Position } from '../positions';
import { type ListPart, MirroredQuery, query } from '../query';
import { decimal, id, listOf, maybe, Shape, shaped, time } from '../shape';
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

/** Users whose invitations one `expireInvitations` ends. Each may need an event of its own. */
export const MAX_EXPIRED_INVITATIONS = 500;

/**
 * Invites users; by the owner, an admin, a service and, if the group's settings allow it, by a member. Where invitations
 * need no consent, the users are members at once: all of them, or none if the group would be over its capacity. The inviter
 * is the acting user, and the group's owner for a service. A new invitation replaces the inviter's earlier one.
 */
export class Invite extends OnGroup {
  @IsList(LIMITS.usersPerCommand)
  @IsId({ each: true })
  userIds!: string[];

  /** For the invitees. */
  @Optional()
  @IsPersonalText(LIMITS.reason, { of: 'actor' })
  reason?: PersonalText;
}

/** The invitee accepts or declines. Several users may have invited them: a decline without `inviter` declines all. */
export class HandleInvitation extends OnGroup {
  /** The invitee. */
  @IsId()
  userId!: string;

  @IsFlag()
  approve!: boolean;

  /** The invitation of this user. Default: the newest one that is pending. */
  @Optional()
  @IsId()
  inviter?: string;
}

/**
 * Takes pending invitations of users back: those that the actor made, or all of them if the actor is the owner, an admin or
 * a service. Without a pending one nothing changes.
 */
export class WithdrawInvitations extends OnGroup {
  @IsList(LIMITS.usersPerCommand)
  @IsId({ each: true })
  userIds!: string[];
}

/** Announces that invitations have run out; for the worker. One that is still open stays. */
export class ExpireInvitations extends OnGroup {
  @IsList(MAX_EXPIRED_INVITATIONS)
  @IsId({ each: true })
  userIds!: string[];
}

/** `pending` until it is answered or runs out. `joined`: the invitee became a member in another way meanwhile. */
export const INVITATION_STATUSES = ['pending', 'accepted', 'declined', 'expired', 'withdrawn', 'joined'] as const;
export type InvitationStatus = (typeof INVITATION_STATUSES)[number];

/** The last invitation of each inviter to each invitee: of one group, or to one user. The newest first. */
export class ListInvitations extends MirroredQuery {
  /** Its invitations; `GROUP_DISMISSED` for a dismissed group. */
  @OptionalWith('userId')
  @IsId()
  @NotBeside('userId')
  groupId?: string;

  /** The invitations of this user to live groups. */
  @Optional()
  @IsId()
  userId?: string;

  /** Default: all. */
  @Optional()
  @IsOneOf(INVITATION_STATUSES)
  status?: InvitationStatus;

  /** Entries that changed since the answer with this `position`. Needs that answer's `basis`. */
  @Optional()
  @IsPosition()
  @NeedsBeside('basis')
  @NotBeside('cursor', 'status')
  sincePosition?: Position;
}

export interface InvitationView {
  readonly groupId: string;
  /** Counts the group's invitations from "1". */
  readonly invitationId: string;
  /** The invitee. */
  readonly userId: string;
  readonly inviter: string;
  /** Empty if there was none, or if it was erased. */
  readonly reason: string;
  /** An invitation that has run out is `expired` at once, also before the event that announces it. */
  readonly status: InvitationStatus;
  /** Times are ISO 8601 UTC. */
  readonly invitedAt: string;
  readonly expiresAt: string;
  readonly updatedAt: string;
}

export type InvitationsAnswer = {
  readonly invitations: readonly InvitationView[];
  readonly total: number;
  readonly position: Position;
} & ListPart;

/** An invitee, and the number of the invitation. */
export interface Invitee {
  readonly userId: string;
  readonly invitationId: string;
}

/** `invited`: the users may become members by accepting. Earlier pending invitations of the same inviter are replaced. */
export interface Invited {
  readonly invitees: readonly Invitee[];
  readonly inviter: string;
  readonly reason?: PersonalText;
  /** ISO 8601 UTC. */
  readonly expiresAt: string;
}

/** `invitationAccepted`: the `memberJoined` after it, in the same append, makes the user a member. */
export interface InvitationAccepted extends Invitee {
  readonly inviter: string;
}

/** `invitationDeclined` */
export interface InvitationDeclined extends Invitee {
  readonly inviter: string;
}

/** `invitationWithdrawn`: by their inviters, or by an admin. */
export interface InvitationWithdrawn {
  readonly invitees: readonly Invitee[];
}

/** `invitationExpired`: nobody answered them in time. */
export interface InvitationExpired {
  readonly invitees: readonly Invitee[];
  /** When they ended: ISO 8601 UTC. */
  readonly endedAt: string;
}

const invitee = { userId: id, invitationId: decimal };
const invitees = listOf(MAX_MEMBERS_PER_EVENT, shaped(new Shape<Invitee>(invitee)));

export const invitations = {
  commands: {
    invite: onGroup(Invite, { names: 'userIds' }),
    handleInvitation: onGroup(HandleInvitation),
    withdrawInvitations: onGroup(WithdrawInvitations, { names: 'userIds' }),
    expireInvitations: onGroup(ExpireInvitations, { names: 'userIds' }),
  },
  queries: {
    invitations: query<ListInvitations, InvitationsAnswer>(ListInvitations, ['invitations', 'list']),
  },
  events: {
    invited: event<Invited>({ invitees, inviter: id, reason: maybe(personalText(LIMITS.reason)), expiresAt: time }),
    invitationAccepted: event<InvitationAccepted>({ ...invitee, inviter: id }),
    invitationDeclined: event<InvitationDeclined>({ ...invitee, inviter: id }),
    invitationWithdrawn: event<InvitationWithdrawn>({ invitees }),
    invitationExpired: event<InvitationExpired>({ invitees, endedAt: time }),
  },
  notifications: {
    /** To the invitee. */
    invited: notification<{
      readonly invitationId: string;
      readonly inviter: string;
      readonly reason: string;
      readonly expiresAt: string;
    }>(),
    /** To the inviter: the user is a member now. */
    invitationAccepted: notification<{ readonly invitationId: string; readonly userId: string }>(),
    /** To the inviter. */
    invitationDeclined: notification<{ readonly invitationId: string; readonly userId: string }>(),
    /** To the invitee: the invitation was taken back. */
    invitationWithdrawn: notification<{ readonly invitationId: string }>(),
  },
} as const;
