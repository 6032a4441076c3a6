import type {
  GroupEventData,
  Owned,
  QueryAnswers,
  QueryData,
  QueryName,
  UserEventData,
  UserBanEventData,
  UserNumberEventData,
} from '@cohort/contracts';
import type { AfterCommit } from './after-commit';
import type { Connection } from './database';
import type { HotCheck } from './hot';
import type { Lists } from './list';
import type { LogEvent } from './log-event';
import type { ExpiryTable } from './tables/expiries';
import type { GroupReader } from './tables/group-reader';
import type { GroupRow, GroupTable } from './tables/groups';
import type { MemberTable } from './tables/members';
import type { Tables } from './tables/schema';
import type { TextReader } from './tables/text-keys';

/**
 * One thing that a group can do, as the read model has it: its tables, what its events do to the rows, and its queries. A
 * feature imports the ground floor (this folder and `tables/`), and never another feature.
 */
export interface ReadFeature {
  readonly name: string;
  /** Its own tables. The tables that several features write are in `tables/`. */
  readonly tables?: Tables;
  /** Its hot queries: these are answered without the query bus, after this check alone. */
  readonly hot?: { readonly [N in QueryName]?: HotCheck<QueryData<N>> };
  /** Makes the feature's part of one read model. */
  open(sides: Sides): OpenFeature;
}

/** What a feature is opened with: the two sides of one read model. */
export interface Sides {
  readonly write: WriteSide;
  readonly read: ReadSide;
  /** Events of a group that a log of removals covers at least. */
  readonly keptChanges: number;
}

export interface WriteSide {
  readonly connection: Connection;
  readonly groups: GroupTable;
  readonly members: MemberTable;
  readonly expiries: ExpiryTable;
  readonly afterCommit: AfterCommit;
}

export interface ReadSide {
  /** It can't write. */
  readonly connection: Connection;
  readonly groups: GroupReader;
  readonly lists: Lists;
  /** Opens the personal texts that rows keep. */
  readonly texts: TextReader;
  /** Milliseconds since 1970: what has run out by then is over. */
  readonly now: () => number;
}

/** A feature of one read model, in work. */
export interface OpenFeature {
  /** Events by which a group begins: each makes the group's row. */
  readonly begins?: Handlers<BeginHandler<never>>;
  /**
   * Events of groups, also the first one. The group's row already has the event's revision, position and time. Only usable
   * events come here (`readStored`), so that their data have the shape of their type.
   *
   * A handler sets and never adds up: applying an event again, with all that follow it, must end in the same rows. Replays
   * depend on it.
   */
  readonly group?: Handlers<GroupHandler<never>>;
  /** Every event of a group, of any type, after its own handler. The same rule holds. */
  readonly each?: (group: GroupRow, event: LogEvent) => void;
  /** Events of users' own streams. The same rule holds. */
  readonly user?: Handlers<UserHandler<never>>;
  /** Events of the streams of users' bans. The same rule holds. */
  readonly userBan?: Handlers<UserHandler<never>>;
  /** Events of the streams of users' numbers. The same rule holds. */
  readonly userNumber?: Handlers<UserHandler<never>>;
  /** Deletes what the feature has of a group whose stream an operator deleted. The group's row goes last. */
  readonly eraseGroup?: (group: GroupRow) => void;
  /** Deletes what the feature has of a user whose stream an operator deleted. */
  readonly eraseUser?: (user: Owned) => void;
  /** Deletes what the feature has of a user's bans whose stream an operator deleted. */
  readonly eraseUserBan?: (user: Owned) => void;
  /** Deletes what the feature has of a user's number whose stream an operator deleted. */
  readonly eraseUserNumber?: (user: Owned) => void;
  /** Queries that the tables answer, by their names on the wire. */
  readonly queries?: { readonly [N in QueryName]?: (query: QueryData<N>) => QueryAnswers[N] };
  /** What else the query process looks up. */
  readonly lookups?: Readonly<Record<string, (...args: never[]) => unknown>>;
}

type Handlers<H> = Readonly<Record<string, H>>;
export type BeginHandler<D> = (data: D, event: LogEvent, group: Owned) => GroupRow;
export type GroupHandler<D> = (group: GroupRow, data: D) => void;
export type UserHandler<D> = (user: Owned, data: D, event: LogEvent) => void;

/** Handlers of some of the events that the contracts have. */
export type GroupHandlers = { readonly [T in keyof GroupEventData]?: GroupHandler<GroupEventData[T]> };
export type UserBanHandlers = { readonly [T in keyof UserBanEventData]?: UserHandler<UserBanEventData[T]> };
export type UserNumberHandlers = { readonly [T in keyof UserNumberEventData]?: UserHandler<UserNumberEventData[T]> };
export type UserHandlers = { readonly [T in keyof UserEventData]?: UserHandler<UserEventData[T]> };
