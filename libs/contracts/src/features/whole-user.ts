import { Command, OnGroup, onGroup, onUser } from '../command';
import { type Page, PagedQuery, query } from '../query';
import { LEAVING_POLICIES, type LeavingPolicy, type Role } from '../terms';
import { IsId, IsOneOf, IsWhole, Optional } from '../validation';

/**
 * Erases a user: they leave all their groups, disabled ones too, and their personal texts become unreadable everywhere. The
 * worker carries it out; `userSync` returns whether it is done. What the user writes before that may be erased, too. The id may be
 * used again. For service actors.
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

/** What the tables have of a user: their membership in each live group, the latest joined first. */
export class ExportUser extends PagedQuery {
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

/** A membership with all that belongs to the member. */
export interface ExportedMembership {
  readonly groupId: string;
  readonly name: string;
  readonly role: Role;
  /** ISO 8601 UTC. */
  readonly joinedAt: string;
  /** How the user joined. */
  readonly joinedVia: string;
  /** The other user who brought them in. */
  readonly joinedBy?: string;
  readonly displayName: string;
  readonly muteMode: number;
  readonly pushMode: number;
  readonly extra: Readonly<Record<string, string>>;
}

export interface ExportUserAnswer extends Page {
  readonly memberships: readonly ExportedMembership[];
}

export const wholeUser = {
  commands: { eraseMember: onGroup(EraseMember) },
  userCommands: { eraseUser: onUser<EraseUser, EraseUserAnswer>(EraseUser) },
  queries: { exportUser: query<ExportUser, ExportUserAnswer>(ExportUser, ['memberships', 'list']) },
} as const;
