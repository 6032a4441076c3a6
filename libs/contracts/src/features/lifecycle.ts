import { Command, LIMITS, OnGroup, onGroup } from '../command';
import { adding, event, notification } from '../event';
import { allSettings, SettingsDto } from '../group-settings';
import { decimal, id, maybe, textUpTo, wholeNumber, word, yesOrNo } from '../shape';
import { DEFAULT_SETTINGS, type GroupSettings } from '../terms';
import { IsFlag, IsId, IsLine, IsList, IsText, IsWhole, Nested, Optional } from '../validation';

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

  /**
   * The owner invites `members`, who join when they accept. In a group whose settings have `inviteNeedsConfirm: false` they are
   * members at once.
   */
  @Optional()
  @IsFlag()
  inviteMembers?: boolean;

  @Optional()
  @IsWhole(1, LIMITS.capacity)
  capacity?: number;

  @Optional()
  @IsText(LIMITS.description)
  description?: string;

  @Optional()
  @IsLine(LIMITS.avatar)
  avatar?: string;

  /** Free text of the application's own. */
  @Optional()
  @IsText(LIMITS.ext)
  ext?: string;

  /** Settings that are left out have their default. */
  @Optional()
  @Nested(() => SettingsDto)
  settings?: SettingsDto;
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

/**
 * Stops a group: until it is enabled, every command on it but `enable` and `dismiss` is `GROUP_DISABLED`. Queries are
 * answered. Nobody may speak in it, nor in its threads. Repeated, it succeeds.
 */
export class Disable extends OnGroup {}

/** Lets a disabled group work again, as it was. Repeated, it succeeds. */
export class Enable extends OnGroup {}

/**
 * `created`: a group exists, with its owner as the first member. Further first members follow as `memberJoined`, or as
 * `invited`.
 */
export interface GroupCreated {
  readonly name: string;
  readonly owner: string;
  /** The group's number, unique in its tenant: its own id if that is a decimal below 2^52, else an alias. */
  readonly numericId: string;
  /** Most members it may have. */
  readonly capacity: number;
  readonly memberCount: 1;
  readonly description?: string;
  readonly avatar?: string;
  readonly ext?: string;
  readonly settings: GroupSettings;
  /** The number of the owner's sync that made it. */
  readonly sync?: number;
}

/** What holds for a group holds for its threads. */
interface WithThreads {
  readonly threads: true;
}

/** `dismissed`: the group has ended permanently. `ownerLeft`: its owner left, and the policy ends the group then. */
export interface GroupDismissed extends WithThreads {
  readonly reason: 'requested' | 'ownerLeft';
}

/** `disabled`: the group is stopped until it is enabled. */
export type GroupDisabled = WithThreads;

/** `enabled`: the group works again. */
export type GroupEnabled = WithThreads;

export const lifecycle = {
  commands: {
    create: onGroup(Create),
    createOrJoin: onGroup(CreateOrJoin, { names: 'userIds' }),
    disable: onGroup(Disable),
    enable: onGroup(Enable),
    dismiss: onGroup(Dismiss),
  },
  events: {
    created: event<GroupCreated>(
      {
        name: textUpTo(LIMITS.name),
        owner: id,
        numericId: decimal,
        capacity: wholeNumber,
        memberCount: wholeNumber,
        description: maybe(textUpTo(LIMITS.description)),
        avatar: maybe(textUpTo(LIMITS.avatar)),
        ext: maybe(textUpTo(LIMITS.ext)),
        settings: allSettings,
        sync: maybe(wholeNumber),
      },
      // Version 1 had neither texts nor settings.
      adding({ settings: DEFAULT_SETTINGS }),
    ),
    disabled: event<GroupDisabled>({ threads: yesOrNo }),
    enabled: event<GroupEnabled>({ threads: yesOrNo }),
    dismissed: event<GroupDismissed>({ reason: word, threads: yesOrNo }, adding({ threads: true })),
  },
  notifications: {
    /** Another actor ended the user's group. Only its last owner gets it. */
    dismissed: notification<{ readonly reason: 'requested' }>(),
    /** Another actor stopped the user's group. Only its owner gets it. */
    disabled: notification(),
    /** Another actor let the user's group work again. Only its owner gets it. */
    enabled: notification(),
  },
} as const;
