import { Command, LIMITS, type CommandDeclaration } from '../command';
import { event } from '../event';
import { isPosition, type Position } from '../positions';
import { type Page, PagedQuery, Query, query } from '../query';
import { id, listOf, maybe, time, wholeNumber } from '../shape';
import { boundsOf, IsId, IsWhole, Optional, type Class } from '../validation';

/** Groups that a completion lists as skipped. */
const MOST_SKIPPED = 1_000;

/**
 * The user may not speak in any of their groups until the ban ends. The worker carries it out, also in groups that the user
 * joins meanwhile. In a group in which the user is banned for longer, the longer ban stays. The last request wins. For service
 * actors.
 */
export class BanUserEverywhere extends Command {
  @IsId()
  userId!: string;

  /** Milliseconds until the ban ends by itself. Without it, the ban lasts until it is lifted. */
  @Optional()
  @IsWhole(1, LIMITS.banMs)
  durationMs?: number;
}

/** Lifts all bans of the user, in their groups and in groups that they have left. For service actors. */
export class UnbanUserEverywhere extends Command {
  @IsId()
  userId!: string;
}

/** Answer of `banUserEverywhere` and `unbanUserEverywhere`. */
export interface BanEverywhereAnswer {
  readonly userId: string;
  /** Number of the request: the query `banEverywhere` takes it and returns whether it is done. */
  readonly request: number;
  readonly revision: string;
  /** The position of the request's event. Pass it as `after` to the query `banEverywhere`. */
  readonly position: Position;
}

/** Whether a user's ban or unban in all groups is done. The answer may wait for that, bounded. */
export class GetBanEverywhere extends Query {
  @IsId()
  userId!: string;

  @IsWhole(0)
  request!: number;

  /** Longest wait for completion, in milliseconds; default 0, at most 10,000. */
  @Optional()
  @IsWhole(0, 10_000)
  waitMs?: number;
}

export interface GetBanEverywhereAnswer {
  /** Whether this request, or a later one of the user, is done. */
  readonly completed: boolean;
  /** Position of the read model. The effects of the request are before it. */
  readonly position: Position;
}

/** The live groups in which a user is banned now, whether or not they are a member, in the order in which the groups began. */
export class ListUserBans extends PagedQuery {
  @IsId()
  userId!: string;
}

export interface UserBanView {
  readonly groupId: string;
  /** ISO 8601 UTC; absent: the ban doesn't end by itself. */
  readonly until?: string;
}

export interface UserBansAnswer extends Page {
  readonly bans: readonly UserBanView[];
}

/** `banEverywhereRequested`: the user shall be banned in all their groups. The request's number is this event's revision. */
export interface BanEverywhereRequested {
  /** ISO 8601 UTC; absent: the ban doesn't end by itself. */
  readonly until?: string;
}

/** `unbanEverywhereRequested`: all bans of the user shall be lifted. */
export type UnbanEverywhereRequested = Readonly<Record<string, never>>;

/** `banEverywhereCompleted`: the request was carried out in all groups that the user had at this position. */
export interface BanEverywhereCompleted {
  readonly request: number;
  readonly position: Position;
  /** Groups that could not be changed: dismissed, disabled or damaged meanwhile. At most 1,000 are listed. */
  readonly skipped: readonly string[];
}

/** Declares a command that the stream of a user's bans in all groups decides. */
const onUserBan = <T extends Command>(
  dto: Class<T>,
): CommandDeclaration<T, BanEverywhereAnswer> & { readonly on: 'userBan' } => ({
  dto,
  bounds: boundsOf(dto),
  on: 'userBan',
});

export const banEverywhere = {
  userBanCommands: {
    banUserEverywhere: onUserBan(BanUserEverywhere),
    unbanUserEverywhere: onUserBan(UnbanUserEverywhere),
  },
  queries: {
    banEverywhere: query<GetBanEverywhere, GetBanEverywhereAnswer>(GetBanEverywhere, ['completed', 'boolean']),
    userBans: query<ListUserBans, UserBansAnswer>(ListUserBans, ['bans', 'list']),
  },
  userBanEvents: {
    banEverywhereRequested: event<BanEverywhereRequested>({ until: maybe(time) }),
    unbanEverywhereRequested: event<UnbanEverywhereRequested>({}),
    banEverywhereCompleted: event<BanEverywhereCompleted>({
      request: wholeNumber,
      position: isPosition,
      skipped: listOf(MOST_SKIPPED, id),
    }),
  },
} as const;
