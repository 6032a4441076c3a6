import { Command, OnGroup, onGroup, onUser } from '../command';
import { type Page, PagedQuery, query } from '../query';
import { LEAVING_POLICIES, type LeavingPolicy, type Role } from '../terms';
import { IsId, IsOneOf, IsWhole, Optional } from '../validation';

/**
 * Erases a user: they leave all their groups, disabled ones too, their pending applications and invitations are withdrawn,
 * and their personal texts become unreadable everywhere. The worker carries it out; `userSync` returns whether it is done.
 * What the user writes before that may be erased, too. The id may be used again. For service actors.
 */
export class EraseUser extends Command {
  @IsId()
  userId!: string;

  /** What becomes of the user's own groups. Default: the tenant's policy; `oldestAdmin` if that is `refuse`. */
  @Optional()
  @IsOneOf(LEAVING_POLICIES)
  ownerPolicy?: LeavingPolicy;
}

/** One group's part of an erasure: the user leaves it, also if it is disabled. For the worker. */
export class EraseMember extends OnGroup {
  @IsId()
  userId!: string;

  /** As of `eraseUser`. */
  @Optional()
  @IsOneOf(LEAVING_POLICIES)
  ownerPolicy?: LeavingPolicy;

  /** The number of the erasure that this belongs to. */
  @Optional()
  @IsWhole(0)
  sync?: number;
}

/**
 * One group's part of an erasure: the user's pending application, and the pending invitations to them and by them, are
 * withdrawn, also if the group is disabled. At most 2,500 invitations at a time. For the worker.
 */
export class EraseRequests extends OnGroup {
  @IsId()
  userId!: string;
}

/** What the tables have of a user: all their memberships, those that are over included, the latest joined first. */
export class ExportUser extends PagedQuery {
  @IsId()
  userId!: string;
}

/** The live groups in which a pending application or invitation names a user, as applicant, invitee or inviter. */
export class ListOpenRequests extends PagedQuery {
  @IsId()
  userId!: string;
}

/** Answer of `eraseUser`. */
export interface EraseUserAnswer {
  readonly userId: string;
  /** Number of the erasure: the query `userSync` takes it and returns whether the erasure is done. */
  readonly sync: number;
  /** Revision of the user's stream that the answer is based on. */
  readonly revision: string;
  /** Pass it as `after` to the query `userSync`. */
  readonly position: string;
}

/** `current`; `left`: the user left or was removed; `dismissed`: the group ended while they were a member. */
export type MembershipStatus = 'current' | 'left' | 'dismissed';

/** A membership with all that belongs to the member. A user who left a group and came again has several. */
export interface ExportedMembership {
  readonly groupId: string;
  /** Name of the group now, or when it ended. */
  readonly name: string;
  readonly status: MembershipStatus;
  /** The last one of the membership. */
  readonly role: Role;
  /** ISO 8601 UTC. */
  readonly joinedAt: string;
  /** How the user joined. */
  readonly joinedVia: string;
  /** The other user who brought them in. */
  readonly joinedBy?: string;
  /** When they left, or the group ended. ISO 8601 UTC. */
  readonly endedAt?: string;
  /** What belonged to a member who left is only in their history. */
  readonly displayName?: string;
  readonly muteMode?: number;
  readonly pushMode?: number;
  readonly extra?: Readonly<Record<string, string>>;
}

export interface ExportUserAnswer extends Page {
  readonly memberships: readonly ExportedMembership[];
}

export interface OpenRequestsAnswer extends Page {
  readonly groups: readonly { readonly groupId: string }[];
}

export const wholeUser = {
  commands: { eraseMember: onGroup(EraseMember), eraseRequests: onGroup(EraseRequests) },
  userCommands: { eraseUser: onUser<EraseUser, EraseUserAnswer>(EraseUser) },
  queries: {
    exportUser: query<ExportUser, ExportUserAnswer>(ExportUser, ['memberships', 'list']),
    openRequests: query<ListOpenRequests, OpenRequestsAnswer>(ListOpenRequests, ['groups', 'list']),
  },
} as const;
