import { OnGroup, onGroup } from '../command';
import { event, type EventMember, notification } from '../event';
import { members } from '../event-members';
import { id, word } from '../shape';
import { IsId } from '../validation';

/** Another member becomes owner, and the old owner a plain member; by the owner or a service. Else `NOT_A_MEMBER`. */
export class Transfer extends OnGroup {
  @IsId()
  newOwner!: string;
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
  commands: { transfer: onGroup(Transfer) },
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
