import { OnGroup, onGroup } from '../command';
import { event } from '../event';
import { MAX_JOIN_CODE_LENGTH } from '../join-codes';
import { Query, query } from '../query';
import { wholeNumber } from '../shape';
import { IsId, IsLine, IsWhole, Optional } from '../validation';

/** Validity of a join code if the query doesn't say: 7 days. The longest one: 366 days. */
export const JOIN_CODE_MS = { default: 7 * 86_400_000, longest: 366 * 86_400_000 } as const;

/** Revokes all join codes of the group; by the owner, an admin or a service. */
export class ChangeJoinKey extends OnGroup {}

/**
 * A user joins by a join code (the query `joinCode`), whatever the group's visibility and join policy. A member stays a
 * member. `JOIN_CODE_INVALID`: it isn't this group's. `JOIN_CODE_EXPIRED`: it has run out, or was revoked.
 */
export class JoinByCode extends OnGroup {
  @IsLine(MAX_JOIN_CODE_LENGTH, 1)
  code!: string;

  @IsId()
  userId!: string;
}

/** A text, such as for a QR code, by which users join the group until it ends. Nothing is stored. */
export class GetJoinCode extends Query {
  @IsId()
  groupId!: string;

  /**
   * The user who shares it, who must be allowed to invite (`NOT_A_MEMBER`, `ADMIN_ONLY`). Members who join by it have them
   * as `joinedBy`. Without it, a service shares it.
   */
  @Optional()
  @IsId()
  userId?: string;

  /** Milliseconds until it ends. Default: 7 days. */
  @Optional()
  @IsWhole(1_000, JOIN_CODE_MS.longest)
  validForMs?: number;
}

export interface JoinCodeAnswer {
  readonly groupId: string;
  readonly code: string;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
  readonly expiresAt: string;
}

/** `joinKeyChanged`: join codes from before it are worth nothing. */
export interface JoinKeyChanged {
  /** The number of the new key. A group begins with key 0. */
  readonly key: number;
}

export const joinKeys = {
  commands: { changeJoinKey: onGroup(ChangeJoinKey), joinByCode: onGroup(JoinByCode) },
  queries: { joinCode: query<GetJoinCode, JoinCodeAnswer>(GetJoinCode, ['code', 'string']) },
  events: { joinKeyChanged: event<JoinKeyChanged>({ key: wholeNumber }) },
} as const;
