import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type { Actor, SyncedGroup } from './events';
import type { ErrorCode } from './errors';
import { IsAppId, IsCommandId, IsId, IsRevision, IsText, Optional } from './validation';

/** Outer bounds, for every app and dialect; an app's own limits are narrower (rulings of each dialect). */
export const LIMITS = {
  /** Members of a group. */
  capacity: 1_000_000,
  /** First members of a new group, its owner not counted. */
  createMembers: 3_000,
  /** Users named by one command on a group that exists. */
  usersPerCommand: 1_000,
  /** Groups of one user's sync. */
  syncGroups: 5_000,
  /** Code points. */
  name: 256,
  description: 4_096,
  avatar: 2_048,
  ext: 16_384,
} as const;

const IsOfService = (): PropertyDecorator =>
  ValidateBy({
    name: 'isOfService',
    validator: {
      validate: (_value, args) => (args?.object as ActorDto | undefined)?.type === 'service',
      defaultMessage: () => '$property goes with type "service" only',
    },
  });

class ActorDto {
  @IsIn(['service', 'user'], { message: 'type must be "service" or "user"' })
  type!: 'service' | 'user';

  /** Who acts; with `type: "user"` only. */
  @ValidateIf(({ type, id }: ActorDto) => type === 'user' || id !== undefined)
  @IsId()
  id?: string;

  /** The user at whose wish the service acts; recorded only. With `type: "service"` only. */
  @Optional()
  @IsId()
  @IsOfService()
  onBehalfOf?: string;
}

/** What every command carries. */
export abstract class Command {
  /** The tenant. On `group.v1.app.<app>.command.<name>` it may be left out: the subject says it. */
  @IsAppId()
  app!: string;

  /** Who acts. A service skips role checks, never invariants. */
  @IsObject({ message: 'actor must be {"type": "service"} or {"type": "user", "id": "..."}' })
  @ValidateNested()
  @Type(() => ActorDto)
  actor!: Actor;

  /**
   * Makes the command safe to send again: within 24 hours (and the group's last 1,000 commands, at most its last 250,000)
   * a repeat gets the first answer and writes nothing. Best a UUIDv7: an older one is then `COMMAND_EXPIRED`, any other id
   * a new command. Scoped to app and group. Without one, each message is a command by itself.
   */
  @Optional()
  @IsCommandId()
  commandId?: string;

  /** Carry it out only if the group is at this revision, else `CONCURRENCY_CONFLICT`. */
  @Optional()
  @IsRevision()
  expectedRevision?: string;
}

/** What happens when the owner leaves a group that has other members. The app's setting holds where none is given. */
export const OWNER_POLICIES = ['refuse', 'oldestAdmin', 'oldestMember', 'dismiss'] as const;
/**
 * `refuse`: `OWNER_CANNOT_LEAVE`. `oldestAdmin`: the admin who joined first becomes owner, without admins the member
 * who joined first. `oldestMember`: the member who joined first. `dismiss`: the group ends. An owner who is the only
 * member dismisses the group by leaving, under every policy but `refuse`.
 */
export type OwnerPolicy = (typeof OWNER_POLICIES)[number];

/**
 * Makes a group; a user makes one of his own only, else `FORBIDDEN`. `GROUP_EXISTS` when another command made one with
 * this id; `GROUP_DISMISSED` when it had its time.
 */
export class Create extends Command {
  /** Generated (a decimal below 2^52) when left out. A decimal from 2^52 to 2^53-1 is `GROUP_ID_RESERVED`. */
  @Optional()
  @IsId()
  groupId?: string;

  @IsText(LIMITS.name, 1)
  name!: string;

  @IsId()
  owner!: string;

  /** First members besides the owner; at most 3,000; the owner among them, and repeats, count once. */
  @Optional()
  @IsArray()
  @ArrayMaxSize(LIMITS.createMembers)
  @IsId({ each: true })
  members?: string[];

  @Optional()
  @IsInt()
  @Min(1)
  @Max(LIMITS.capacity)
  capacity?: number;
}

abstract class OnGroup extends Command {
  @IsId()
  groupId!: string;
}

/**
 * The owner, an admin or a service changes what is given and leaves the rest. An empty text clears description, avatar
 * and ext.
 */
export class ChangeInfo extends OnGroup {
  @Optional()
  @IsText(LIMITS.name, 1)
  name?: string;

  @Optional()
  @IsText(LIMITS.description)
  description?: string;

  @Optional()
  @IsText(LIMITS.avatar)
  avatar?: string;

  /** Free text of the application's own. */
  @Optional()
  @IsText(LIMITS.ext)
  ext?: string;
}

/** A user comes in by himself; who is in already stays in. */
export class Join extends OnGroup {
  @IsId()
  userId!: string;
}

abstract class LeavePolicy extends OnGroup {
  /** For service actors: the policy for this command, in place of the app's, which always holds for users. */
  @Optional()
  @IsIn(OWNER_POLICIES)
  ownerPolicy?: OwnerPolicy;
}

/** A user goes by himself. What an owner's leaving means is the app's policy (see `OwnerPolicy`). */
export class Leave extends LeavePolicy {
  @IsId()
  userId!: string;
}

/**
 * Several users go at once: for dialects whose "quit" takes a list, and for syncs. None of them becomes owner on the
 * way; when nobody would be left, the group is dismissed. Under `refuse` only the owner stays (`OWNER_CANNOT_LEAVE` in
 * `results`). A user may name himself only.
 */
export class LeaveMany extends LeavePolicy {
  @IsArray()
  @ArrayMaxSize(LIMITS.usersPerCommand)
  @IsId({ each: true })
  userIds!: string[];

  /** The number of the sync this belongs to; for the worker. */
  @Optional()
  @IsInt()
  @Min(0)
  sync?: number;
}

/** Users are brought in, by the owner, an admin or a service. All, or nobody when the group would be full. */
export class AddMembers extends OnGroup {
  @IsArray()
  @ArrayMaxSize(LIMITS.usersPerCommand)
  @IsId({ each: true })
  userIds!: string[];
}

/** Users are put out. The owner can't be; admins only by the owner or a service. */
export class Kick extends OnGroup {
  @IsArray()
  @ArrayMaxSize(LIMITS.usersPerCommand)
  @IsId({ each: true })
  userIds!: string[];
}

/** By the owner or a service: another member (else `NOT_A_MEMBER`) becomes owner; the old one stays as a plain member. */
export class Transfer extends OnGroup {
  @IsId()
  newOwner!: string;
}

/** By the owner or a service: ends the group for good. Repeated, it succeeds. */
export class Dismiss extends OnGroup {}

/**
 * Joins users to a live group, or makes the group with the first of them as owner: what RongCloud's create, join and
 * sync mean (seed 000). For service actors.
 */
export class CreateOrJoin extends OnGroup {
  /** The name of a group that has to be made; its id when left out. Renames a live one only with `rename`. */
  @Optional()
  @IsText(LIMITS.name, 1)
  name?: string;

  @IsArray()
  @ArrayMaxSize(LIMITS.createMembers)
  @IsId({ each: true })
  userIds!: string[];

  @Optional()
  @IsInt()
  @Min(1)
  @Max(LIMITS.capacity)
  capacity?: number;

  @Optional()
  @IsBoolean()
  rename?: boolean;

  @Optional()
  @IsInt()
  @Min(0)
  sync?: number;
}

class SyncedGroupDto implements SyncedGroup {
  @IsId()
  groupId!: string;

  @IsText(LIMITS.name, 1)
  name!: string;
}

/**
 * The user shall be in exactly these groups of the app: missing ones are made or joined, others left, names taken over;
 * the worker carries it out. The last sync wins. An empty list leaves all groups. For service actors.
 */
export class SyncUser extends Command {
  @IsId()
  userId!: string;

  @IsArray()
  @ArrayMaxSize(LIMITS.syncGroups)
  @ArrayUnique(({ groupId }: SyncedGroupDto) => groupId)
  @ValidateNested({ each: true })
  @Type(() => SyncedGroupDto)
  groups!: SyncedGroupDto[];

  /** Capacity of the groups that have to be made for it. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(LIMITS.capacity)
  capacity?: number;
}

/** The commands that one group decides, by the name they have in their subject. */
export const GROUP_COMMANDS = {
  create: Create,
  changeInfo: ChangeInfo,
  join: Join,
  leave: Leave,
  leaveMany: LeaveMany,
  addMembers: AddMembers,
  kick: Kick,
  transfer: Transfer,
  dismiss: Dismiss,
  createOrJoin: CreateOrJoin,
} as const;

/** All commands, by the name they have in their subject. */
export const COMMANDS = { ...GROUP_COMMANDS, syncUser: SyncUser } as const;

export type CommandName = keyof typeof COMMANDS;
export type CommandData<N extends CommandName> = InstanceType<(typeof COMMANDS)[N]>;

export type GroupCommandName = keyof typeof GROUP_COMMANDS;
/** What a command for one group says, the group's id settled. */
export type GroupCommandData<N extends GroupCommandName> = CommandData<N> & { groupId: string };
/** A command for one group: `{type: "join", data: {groupId, userId, ...}}`. */
export type GroupCommand<N extends GroupCommandName = GroupCommandName> = {
  readonly [K in N]: { readonly type: K; readonly data: GroupCommandData<K> };
}[N];

export const isCommandName = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name);

/** What became of one user that a command named: `ok` when it holds now, newly or already; else `code` says why not. */
export interface UserResult {
  readonly userId: string;
  readonly ok: boolean;
  readonly code?: ErrorCode;
}

/** Answer of a command on a group. */
export interface GroupCommandAnswer {
  readonly groupId: string;
  /** Revision of the group that the answer rests on. */
  readonly revision: string;
  /**
   * Give it as `after` to a query, to read what was written: the position of the last event of the append that revision
   * came with. A command is seen with its neighbours of the same append or not at all, so it may lie beyond that
   * revision's own event.
   */
  readonly position: string;
  /** Of addMembers, kick, leaveMany and createOrJoin: one entry for each user, in the given order, repeats once. */
  readonly results?: readonly UserResult[];
}

/** Answer of `syncUser`. */
export interface SyncUserAnswer {
  readonly userId: string;
  /** Number of the sync: ask the query `userSync` whether it is done. */
  readonly sync: number;
  /** Revision of the user's stream that the answer rests on. */
  readonly revision: string;
  /**
   * Give it as `after` to the query `userSync`: the position of the sync's event or, when the user was in these groups
   * already, of the log's end when that was seen.
   */
  readonly position: string;
}

export type CommandAnswer<N extends CommandName> = N extends 'syncUser' ? SyncUserAnswer : GroupCommandAnswer;
