import { Command, LIMITS, onTenant } from '../command';
import { event } from '../event';
import type { Position } from '../positions';
import { Query, query } from '../query';
import { decimal } from '../shape';
import { IsDecimal, IsId, IsList } from '../validation';

/** Most ids or numbers of one command or query. */
const MOST = LIMITS.usersPerCommand;

/**
 * Gives each of these users a number, if they have none: an alias from 2^52 to 2^53-1, unique in the tenant. A user whose id
 * is a canonical decimal below 2^52 has this number by their id. A number never changes, so a repeat gets the same
 * numbers. For service actors.
 */
export class AssignNumbers extends Command {
  @IsList(MOST)
  @IsId({ each: true })
  userIds!: string[];
}

/** The users' numbers. Users who have none yet get one now, as `assignNumbers` gives it. */
export class GetUserNumbers extends Query {
  @IsList(MOST)
  @IsId({ each: true })
  userIds!: string[];
}

/** The users with these numbers. A number below 2^52 is the id itself, whether or not there is such a user. */
export class GetUsersByNumber extends Query {
  @IsList(MOST)
  @IsDecimal({ each: true })
  numbers!: string[];
}

/** The groups with these numbers, live or dismissed. */
export class GetGroupsByNumber extends Query {
  @IsList(MOST)
  @IsDecimal({ each: true })
  numbers!: string[];
}

/** A user's number: a decimal of at most 2^53-1, exact as a JavaScript number. */
export interface UserNumber {
  readonly userId: string;
  readonly number: string;
}

export interface GroupNumber {
  readonly groupId: string;
  readonly number: string;
}

/** Answer of `assignNumbers`. */
export interface AssignNumbersAnswer {
  /** One entry for each user, in the given order, repeats once. */
  readonly numbers: readonly UserNumber[];
  /** Users who can have no number, because an operator deleted the stream of theirs. */
  readonly missing: readonly string[];
  /** The position of the newest of these numbers, for `after`; `0` if all follow from the ids. */
  readonly position: Position;
}

export interface UserNumbersAnswer {
  /** One entry for each user, in the given order, repeats once. */
  readonly numbers: readonly UserNumber[];
  /** Users who can have no number, because an operator deleted the stream of theirs. */
  readonly missing: readonly string[];
  /** If a user got their number for this answer: the position from which every node knows it. */
  readonly assigned?: Position;
}

export interface UsersByNumberAnswer {
  /** One entry for each known number, in the given order, repeats once. */
  readonly users: readonly UserNumber[];
  readonly missing: readonly string[];
}

export interface GroupsByNumberAnswer {
  /** One entry for each known number, in the given order, repeats once. */
  readonly groups: readonly GroupNumber[];
  readonly missing: readonly string[];
}

/** `numberAssigned`: the user of the stream has this number. It is the stream's first event. */
export interface NumberAssigned {
  readonly number: string;
}

export const numbers = {
  tenantCommands: { assignNumbers: onTenant<AssignNumbers, AssignNumbersAnswer>(AssignNumbers) },
  queries: {
    userNumbers: query<GetUserNumbers, UserNumbersAnswer>(GetUserNumbers, ['numbers', 'list']),
    usersByNumber: query<GetUsersByNumber, UsersByNumberAnswer>(GetUsersByNumber, ['users', 'list']),
    groupsByNumber: query<GetGroupsByNumber, GroupsByNumberAnswer>(GetGroupsByNumber, ['groups', 'list']),
  },
  userNumberEvents: { numberAssigned: event<NumberAssigned>({ number: decimal }) },
} as const;
