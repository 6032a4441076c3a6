import { Command, LIMITS, OnGroup, onGroup } from '../command';
import { event, notification } from '../event';
import { decimal, id, maybe, textUpTo, wholeNumber, word } from '../shape';
import { IsFlag, IsId, IsLine, IsList, IsWhole, Optional } from '../validation';

/**
 * Makes a group. A user may make groups of their own only, else `FORBIDDEN`. `GROUP_EXISTS` if another command made a
 * group with this id; `GROUP_DISMISSED` if a group with this id was dismissed.
 */
export class Create extends Command {
  /** Default: a generated decimal below 2^52. A decimal from 2^52 to 2^53-1 is `GROUP_ID_RESERVED`. */
  @Optional()
  @IsId()
  groupId?: string;

  @IsLine(LIMITS.name, 1)
  name!: string;

  @IsId()
  owner!: string;

  /** First members besides the owner; at most 3,000. The owner among them, and repeats, count once. */
  @Optional()
  @IsList(LIMITS.createMembers)
  @IsId({ each: true })
  members?: string[];

  @Optional()
  @IsWhole(1, LIMITS.capacity)
  capacity?: number;
}

/**
 * Joins users to a live group, or makes the group with the first of them as owner. RongCloud's create, join and sync mean
 * this (RongCloud's group document, Group.create). For service actors.
 */
export class CreateOrJoin extends OnGroup {
  /** The name of a new group; default: its id. A live group is renamed only with `rename`. */
  @Optional()
  @IsLine(LIMITS.name, 1)
  name?: string;

  @IsList(LIMITS.createMembers)
  @IsId({ each: true })
  userIds!: string[];

  @Optional()
  @IsWhole(1, LIMITS.capacity)
  capacity?: number;

  @Optional()
  @IsFlag()
  rename?: boolean;

  /** The number of the sync that this belongs to; for the worker. */
  @Optional()
  @IsWhole(0)
  sync?: number;
}

/** Ends the group permanently; by the owner or a service. Repeated, it succeeds. */
export class Dismiss extends OnGroup {}

/** `created`: a group exists, with its owner as the first member. Further first members follow as `memberJoined`. */
export interface GroupCreated {
  readonly name: string;
  readonly owner: string;
  /** The group's number, unique in its tenant: its own id if that is a decimal below 2^52, else an alias. */
  readonly numericId: string;
  /** Most members it may have. */
  readonly capacity: number;
  readonly memberCount: 1;
  /** The number of the owner's sync that made it. */
  readonly sync?: number;
}

/** `dismissed`: the group has ended permanently. `ownerLeft`: its owner left, and the policy ends the group then. */
export interface GroupDismissed {
  readonly reason: 'requested' | 'ownerLeft';
}

export const lifecycle = {
  commands: {
    create: onGroup(Create),
    createOrJoin: onGroup(CreateOrJoin, { names: 'userIds' }),
    dismiss: onGroup(Dismiss),
  },
  events: {
    created: event<GroupCreated>({
      name: textUpTo(LIMITS.name),
      owner: id,
      numericId: decimal,
      capacity: wholeNumber,
      memberCount: wholeNumber,
      sync: maybe(wholeNumber),
    }),
    dismissed: event<GroupDismissed>({ reason: word }),
  },
  notifications: {
    /** Another actor ended the user's group. Only its last owner gets it. */
    dismissed: notification<{ readonly reason: 'requested' }>(),
  },
} as const;
