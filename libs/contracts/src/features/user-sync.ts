import { Command, LIMITS, onUser } from '../command';
import { event, type EventMetadata } from '../event';
import { isPosition } from '../positions';
import { Query, query } from '../query';
import { id, listOf, maybe, Shape, shaped, textUpTo, wholeNumber, word } from '../shape';
import type { LeavingPolicy } from '../terms';
import { DistinctBy, IsId, IsLine, IsList, IsWhole, Nested, Optional } from '../validation';

/** A group in the list that a sync asks for. */
export interface SyncedGroup {
  readonly groupId: string;
  readonly name: string;
}

class SyncedGroupDto implements SyncedGroup {
  @IsId()
  groupId!: string;

  @IsLine(LIMITS.name, 1)
  name!: string;
}

/**
 * The user shall be in exactly these groups of the tenant: missing groups are made or joined, others are left, names are
 * taken over. The worker carries it out. The last sync wins. An empty list leaves all groups. For service actors.
 */
export class SyncUser extends Command {
  @IsId()
  userId!: string;

  @IsList(LIMITS.syncGroups)
  @Nested(() => SyncedGroupDto, { each: true })
  @DistinctBy('groupId', ({ groupId }: SyncedGroupDto) => groupId)
  groups!: SyncedGroupDto[];

  /** Capacity of the groups that the sync makes. Default: the tenant's. */
  @Optional()
  @IsWhole(1, LIMITS.capacity)
  capacity?: number;
}

/** Answer of `syncUser`. */
export interface SyncUserAnswer {
  readonly userId: string;
  /** Number of the sync: the query `userSync` takes it and returns whether the sync is done. */
  readonly sync: number;
  /** Revision of the user's stream that the answer is based on. */
  readonly revision: string;
  /**
   * Pass it as `after` to the query `userSync`. It is the position of the sync's event. If the user was in these groups
   * already, it is the position of the log's end at that time.
   */
  readonly position: string;
}

/** Whether a user's sync is done. The answer may wait for that, bounded. */
export class GetUserSync extends Query {
  @IsId()
  userId!: string;

  @IsWhole(0)
  sync!: number;

  /** Longest wait for completion, in milliseconds; default 0, at most 10,000. */
  @Optional()
  @IsWhole(0, 10_000)
  waitMs?: number;
}

export interface UserSyncAnswer {
  /** Whether this sync, or a later one of the user, is done. */
  readonly completed: boolean;
  /** Position of the read model. The sync's effects are before it. */
  readonly position: string;
}

/** `syncRequested`: the user shall be in exactly these groups. The sync's number is this event's revision. */
export interface SyncRequested {
  readonly groups: readonly SyncedGroup[];
  /** Capacity of the groups that the sync makes; absent: the tenant's default. */
  readonly capacity?: number;
  /**
   * The user is erased first (`eraseUser`). A sync that is requested before an erasure is done takes it over. Since
   * version 2: an older worker must not complete an erasure as a sync without groups.
   */
  readonly erase?: Erasure;
}

/** How a user is erased. */
export interface Erasure {
  /** What becomes of the user's own groups; absent: the tenant's policy. */
  readonly ownerPolicy?: LeavingPolicy;
}

/**
 * `syncCompleted`: the user's actual groups, read after the last write, equalled the requested ones. A sync has a second
 * one when a late effect of an older sync was undone.
 */
export interface SyncCompleted {
  readonly sync: number;
  /** Position of the first read of the groups. An effect of an older sync beyond it came too late, and is undone. */
  readonly position: string;
  /** Groups of the list that can't be joined: dismissed, full, or with a reserved id. */
  readonly skipped: readonly string[];
}

/** An earlier command for a user's sync. */
export interface EarlierSync {
  readonly commandId: string;
  readonly commandHash: string;
  /** Its number, which is the revision of its event. */
  readonly sync: number;
  readonly position: string;
  readonly at: string;
}

/**
 * Metadata of `syncRequested`. Completed syncs are truncated, because their lists are large. This keeps their commands, so
 * that a repeat of one returns its first answer instead of writing an old list again.
 */
export interface SyncRequestedMetadata extends EventMetadata {
  /** Those of the last 24 hours, at most 100, oldest first. */
  readonly earlier: readonly EarlierSync[];
  /** The time of the newest one that is no longer listed. */
  readonly forgottenUntil?: string;
}

export const userSync = {
  userCommands: { syncUser: onUser<SyncUser, SyncUserAnswer>(SyncUser) },
  queries: { userSync: query<GetUserSync, UserSyncAnswer>(GetUserSync, ['completed', 'boolean']) },
  userEvents: {
    syncRequested: event<SyncRequested>(
      {
        groups: listOf(LIMITS.syncGroups, shaped(new Shape<SyncedGroup>({ groupId: id, name: textUpTo(LIMITS.name) }))),
        capacity: maybe(wholeNumber),
        erase: maybe(shaped(new Shape<Erasure>({ ownerPolicy: maybe(word) }))),
      },
      (sync) => sync,
    ),
    syncCompleted: event<SyncCompleted>({
      sync: wholeNumber,
      position: isPosition,
      skipped: listOf(LIMITS.syncGroups, id),
    }),
  },
} as const;
