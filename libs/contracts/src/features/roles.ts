import { LIMITS, OnGroup, onGroup } from '../command';
import { event, type EventMember, notification } from '../event';
import { members } from '../event-members';
import { id, word } from '../shape';
import { IsFlag, IsId, IsList, Optional } from '../validation';

/** Another member becomes owner, and the old owner a plain member; by the owner or a service. A user that isn't a member is
 * `NOT_A_MEMBER`, unless `addIfMissing` is given. */
export class Transfer extends OnGroup {
  @IsId()
  newOwner!: string;

  /** A user that isn't a member is added first; the group must have room for them. */
  @Optional()
  @IsFlag()
  addIfMissing?: boolean;
}

/**
 * Makes members admins; by the owner or a service. Each user has a result: `NOT_A_MEMBER`, `OWNER_CANNOT_BE_ADMIN`, or
 * `ADMIN_CAP_REACHED` for those after the tenant's `maxAdmins`.
 */
export class GrantAdmins extends OnGroup {
  @IsList(LIMITS.usersPerCommand)
  @IsId({ each: true })
  userIds!: string[];
}

/** Makes admins plain members; by the owner or a service. Other users stay as they are. */
export class RevokeAdmins extends OnGroup {
  @IsList(LIMITS.usersPerCommand)
  @IsId({ each: true })
  userIds!: string[];
}

/** `ownerTransferred`: the group has another owner, who was a member. The old owner stays as a plain member. */
export interface OwnerTransferred {
  readonly from: string;
  readonly to: string;
  readonly reason: 'requested' | 'ownerLeft';
}

/** `adminGranted` */
export interface AdminGranted {
  readonly members: readonly EventMember[];
}

/** `adminRevoked` */
export interface AdminRevoked {
  readonly members: readonly EventMember[];
}

export const roles = {
  commands: {
    transfer: onGroup(Transfer),
    grantAdmins: onGroup(GrantAdmins, { names: 'userIds' }),
    revokeAdmins: onGroup(RevokeAdmins, { names: 'userIds' }),
  },
  events: {
    ownerTransferred: event<OwnerTransferred>({ from: id, to: id, reason: word }),
    adminGranted: event<AdminGranted>({ members }),
    adminRevoked: event<AdminRevoked>({ members }),
  },
  notifications: {
    /** The user is the owner now (`to`), or no longer (`from`). */
    ownerTransferred: notification<OwnerTransferred>(),
    adminGranted: notification(),
    adminRevoked: notification(),
  },
} as const;
