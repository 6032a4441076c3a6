import { LIMITS, OnGroup, onGroup } from '../command';
import { event } from '../event';
import { type PersonalText, personalText } from '../personal-text';
import { Query, query } from '../query';
import { type Check, id, isRecord, listOf, textUpTo, wholeNumber } from '../shape';
import {
  DistinctBy,
  HasPersonalTexts,
  IsFlag,
  IsId,
  IsLine,
  IsList,
  IsPersonalText,
  IsText,
  IsWhole,
  Nested,
  Optional,
} from '../validation';

/** Sets the name that a member has in this group. An empty one clears it. By the member, the owner, an admin or a service. */
export class SetDisplayName extends OnGroup {
  @IsId()
  userId!: string;

  @IsPersonalText(LIMITS.displayName, { of: 'userId' })
  displayName!: PersonalText;
}

/** Which messages of the group a member gets: 0 all, 1 all without notifications on the device, 2 none. */
export type MuteMode = 0 | 1 | 2;

/** Which messages of the group are pushed to a member: 0 all, 1 none, 2 those of admins and mentions, 3 those of admins, 4 mentions. */
export type PushMode = 0 | 1 | 2 | 3 | 4;

/** Sets which messages of the group a member gets; by the member or a service. */
export class SetMuteMode extends OnGroup {
  @IsId()
  userId!: string;

  @IsWhole(0, 2)
  mode!: MuteMode;
}

/** Sets which messages of the group are pushed to a member; by the member or a service. */
export class SetPushMode extends OnGroup {
  @IsId()
  userId!: string;

  @IsWhole(0, 4)
  mode!: PushMode;
}

/** A key of a member's own data, and its text. */
class ExtraEntry {
  @IsLine(LIMITS.extraKey, 1)
  key!: string;

  @IsText(LIMITS.extraText)
  text!: PersonalText;
}

/**
 * Sets and removes keys of a member's own data in the group: at most 32 keys, each of up to 64 characters, with texts of up to
 * 1,024. By the member, the owner, an admin or a service. A key that is set and removed is set.
 */
export class SetMemberExtra extends OnGroup {
  @IsId()
  userId!: string;

  @Optional()
  @IsList(LIMITS.extraKeys)
  @Nested(() => ExtraEntry, { each: true })
  @DistinctBy('key', ({ key }: ExtraEntry) => key)
  @HasPersonalTexts({ of: 'userId' })
  set?: ExtraEntry[];

  @Optional()
  @IsList(LIMITS.extraKeys)
  @IsLine(LIMITS.extraKey, 1, { each: true })
  remove?: string[];
}

/** What several members have of their own in a group. */
export class GetMemberProfiles extends Query {
  @IsId()
  groupId!: string;

  @IsList(LIMITS.usersPerCommand)
  @IsId({ each: true })
  userIds!: string[];
}

/** How a message of the group reaches a user. For a message service that asks before it delivers. */
export class GetDelivery extends Query {
  @IsId()
  groupId!: string;

  @IsId()
  userId!: string;

  /** Whether the owner or an admin sent the message. Default: false. */
  @Optional()
  @IsFlag()
  fromAdmin?: boolean;

  /** Whether the message mentions the user. Default: false. */
  @Optional()
  @IsFlag()
  mentioned?: boolean;
}

/** Since when a user may read the group's messages. */
export class CanReadSince extends Query {
  @IsId()
  groupId!: string;

  @IsId()
  userId!: string;
}

export interface MemberProfileView {
  readonly userId: string;
  /** ISO 8601 UTC. */
  readonly joinedAt: string;
  /** Empty without one. */
  readonly displayName: string;
  readonly muteMode: MuteMode;
  readonly pushMode: PushMode;
  readonly extra: Readonly<Record<string, string>>;
}

/**
 * The members in the order of the ids, repeats once, and the ids of users who aren't members. `TOO_LARGE` if they are over
 * 768 KiB together: ask for fewer.
 */
export interface MemberProfilesAnswer {
  readonly profiles: readonly MemberProfileView[];
  readonly missing: readonly string[];
}

/** All false for users who aren't members, and in a group that is unknown, disabled or dismissed. */
export interface DeliveryAnswer {
  /** Whether the user gets the message at all. */
  readonly receive: boolean;
  /** Whether the user's device announces it. */
  readonly notify: boolean;
  /** Whether it is pushed. */
  readonly push: boolean;
}

/** False also for an unknown or dismissed group. */
export interface CanReadSinceAnswer {
  readonly canRead: boolean;
  /** The group's beginning if new members see its history (`historyVisible`), else the time at which the user joined. ISO 8601 UTC. */
  readonly since?: string;
}

/** `displayNameChanged`: a member has this name in the group. An empty one: none. */
export interface DisplayNameChanged {
  readonly userId: string;
  readonly displayName: PersonalText;
}

/** `muteModeSet`, `pushModeSet` */
export interface ModeSet {
  readonly userId: string;
  readonly mode: number;
}

/** `memberExtraSet`: keys of a member's own data have new texts; others are gone. The rest stays. */
export interface MemberExtraSet {
  readonly userId: string;
  readonly set: Readonly<Record<string, PersonalText>>;
  readonly removed: readonly string[];
}

const texts: Check = (value) =>
  isRecord(value) &&
  Object.keys(value).length <= LIMITS.extraKeys &&
  Object.entries(value).every(([key, text]) => extraKey(key) && personalText(LIMITS.extraText)(text));
const extraKey = textUpTo(LIMITS.extraKey);

export const memberProfile = {
  commands: {
    setDisplayName: onGroup(SetDisplayName),
    setMuteMode: onGroup(SetMuteMode),
    setPushMode: onGroup(SetPushMode),
    setMemberExtra: onGroup(SetMemberExtra),
  },
  queries: {
    memberProfiles: query<GetMemberProfiles, MemberProfilesAnswer>(GetMemberProfiles, ['profiles', 'list']),
    deliveryFor: query<GetDelivery, DeliveryAnswer>(GetDelivery, ['receive', 'boolean']),
    canReadSince: query<CanReadSince, CanReadSinceAnswer>(CanReadSince, ['canRead', 'boolean']),
  },
  events: {
    displayNameChanged: event<DisplayNameChanged>({ userId: id, displayName: personalText(LIMITS.displayName) }),
    muteModeSet: event<ModeSet>({ userId: id, mode: wholeNumber }),
    pushModeSet: event<ModeSet>({ userId: id, mode: wholeNumber }),
    memberExtraSet: event<MemberExtraSet>({ userId: id, set: texts, removed: listOf(LIMITS.extraKeys, extraKey) }),
  },
} as const;
