import type { AnswerOfCommand, DataOfCommand } from './command';
import {
  type Actor,
  type DataOfEvent,
  type DataOfNotification,
  isKnownAmong,
  upcastAmong,
  type VersionedEvent,
} from './event';
import { announcements } from './features/announcements';
import { attributes } from './features/attributes';
import { banEverywhere } from './features/ban-everywhere';
import { files } from './features/files';
import { bans } from './features/bans';
import { blocks } from './features/blocks';
import { expiries } from './features/expiries';
import {
  GroupAt,
  GroupHistory,
  ListEvents,
  MembersAt,
  UserHistory,
  type GroupAtAnswer,
  type GroupHistoryAnswer,
  type MembersAtAnswer,
  type UserHistoryAnswer,
} from './features/history';
import { imports } from './features/imports';
import { applications } from './features/applications';
import { invitations } from './features/invitations';
import { joinKeys } from './features/join-keys';
import { info } from './features/info';
import { lifecycle } from './features/lifecycle';
import { memberProfile } from './features/member-profile';
import { membership } from './features/membership';
import { node } from './features/node';
import { numbers } from './features/numbers';
import { publicGroups } from './features/public-groups';
import { roles } from './features/roles';
import { settings } from './features/settings';
import { userSync } from './features/user-sync';
import { wholeUser } from './features/whole-user';
import type { Opened } from './personal-text';
import type { Notice } from './notice';
import { type AnswerOfQuery, type DataOfQuery, query } from './query';
import { type ParsedSubject, parseSubject } from './subjects';
import { DEFAULT_BOUNDS, type RequestBounds } from './validation';

/** An event of a group, as the query `events` returns it. */
export interface EventView {
  readonly id: string;
  readonly revision: string;
  readonly position: string;
  readonly type: GroupEvent['type'];
  /** With its personal texts; those that were erased are empty. */
  readonly data: Opened<GroupEvent['data']>;
  readonly actor: Actor;
  readonly commandId: string;
  readonly at: string;
  readonly notice?: Notice;
}

export interface EventsAnswer {
  readonly events: readonly EventView[];
  /** Where to continue; absent at the end of the group's events. */
  readonly nextRevision?: string;
}

// `EventView` needs the union of all events, so this feature can't be declared in its own file.
const history = {
  queries: {
    events: query<ListEvents, EventsAnswer>(ListEvents, ['events', 'list']),
    groupHistory: query<GroupHistory, GroupHistoryAnswer>(GroupHistory, ['entries', 'list']),
    userHistory: query<UserHistory, UserHistoryAnswer>(UserHistory, ['entries', 'list']),
    groupAt: query<GroupAt, GroupAtAnswer>(GroupAt, ['groupId', 'string']),
    membersAt: query<MembersAt, MembersAtAnswer>(MembersAt, ['members', 'list']),
  },
} as const;

/**
 * All features. A feature may declare `commands` (decided by one group), `userCommands` (decided by one user's stream),
 * `userBanCommands` (decided by the stream of a user's bans), `tenantCommands` (decided by none), `queries`, `events` (in
 * groups' streams), `userEvents` (in users' streams), `userBanEvents` and `userNumberEvents` (in the streams of users' bans and
 * numbers) and `notifications`. No two features may declare the same name in one of these.
 */
export const FEATURES = {
  lifecycle,
  info,
  settings,
  attributes,
  membership,
  roles,
  bans,
  blocks,
  expiries,
  announcements,
  files,
  publicGroups,
  applications,
  invitations,
  joinKeys,
  userSync,
  imports,
  memberProfile,
  wholeUser,
  banEverywhere,
  numbers,
  history,
  node,
} as const;

type Feature = (typeof FEATURES)[keyof typeof FEATURES];
type DeclaredBy<F, K extends string> = F extends Readonly<Record<K, infer D>> ? D : never;
type Intersection<U> = (U extends unknown ? (member: U) => void : never) extends (all: infer I) => void ? I : never;
type Merged<K extends string> = {
  readonly [N in keyof Intersection<DeclaredBy<Feature, K>>]: Intersection<DeclaredBy<Feature, K>>[N];
};

/** What all features declare of one kind, by name. */
const merged = <K extends string>(kind: K): Merged<K> => {
  const features: readonly Readonly<Record<string, object>>[] = Object.values(FEATURES);
  return Object.assign({}, ...features.map((feature) => feature[kind])) as Merged<K>;
};

/** The commands that one group decides, by the name in their subject. */
export const GROUP_COMMANDS = merged('commands');
/** The commands that one user's stream decides, by the name in their subject. */
export const USER_COMMANDS = merged('userCommands');
/** The commands that the stream of one user's bans decides, by the name in their subject. */
export const USER_BAN_COMMANDS = merged('userBanCommands');
/** The commands that belong to no single group or user, by the name in their subject. */
export const TENANT_COMMANDS = merged('tenantCommands');
/** All commands, by the name in their subject. */
export const COMMANDS = { ...GROUP_COMMANDS, ...USER_COMMANDS, ...USER_BAN_COMMANDS, ...TENANT_COMMANDS } as const;
/** All queries, by the name in their subject. */
export const QUERIES = merged('queries');
/** The types of events in groups' streams that this build knows. */
export const GROUP_EVENTS = merged('events');
/** The types of events in users' streams that this build knows. */
export const USER_EVENTS = merged('userEvents');
/** The types of events in the streams of users' bans that this build knows. */
export const USER_BAN_EVENTS = merged('userBanEvents');
/** The types of events in the streams of users' numbers that this build knows. */
export const USER_NUMBER_EVENTS = merged('userNumberEvents');
const ALL_EVENTS = { ...GROUP_EVENTS, ...USER_EVENTS, ...USER_BAN_EVENTS, ...USER_NUMBER_EVENTS };
/** The kinds of notifications to users. */
export const NOTIFICATIONS = merged('notifications');

export type CommandName = keyof typeof COMMANDS;
export type CommandData<N extends CommandName> = DataOfCommand<(typeof COMMANDS)[N]>;
export type CommandAnswer<N extends CommandName> = AnswerOfCommand<(typeof COMMANDS)[N]>;
export const isCommandName = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name);

export type GroupCommandName = keyof typeof GROUP_COMMANDS;
/** The data of a command for one group, whose id is settled. */
export type GroupCommandData<N extends GroupCommandName> = CommandData<N> & { groupId: string };
/** A command for one group: `{type: "join", data: {groupId, userId, ...}}`. */
export type GroupCommand<N extends GroupCommandName = GroupCommandName> = {
  readonly [K in N]: { readonly type: K; readonly data: GroupCommandData<K> };
}[N];

export type UserCommandName = keyof typeof USER_COMMANDS;
export type UserBanCommandName = keyof typeof USER_BAN_COMMANDS;
export type TenantCommandName = keyof typeof TENANT_COMMANDS;

export type QueryName = keyof typeof QUERIES;
export type QueryData<N extends QueryName> = DataOfQuery<(typeof QUERIES)[N]>;
export type QueryAnswers = { readonly [N in QueryName]: AnswerOfQuery<(typeof QUERIES)[N]> };
export const isQueryName = (name: string): name is QueryName => Object.hasOwn(QUERIES, name);

/** The bounds of a message on this subject, which may have a wildcard as its tenant. */
export function boundsOfSubject(subject: string): RequestBounds {
  const parsed = parseSubject(subject);
  return (parsed && declarationOf(parsed)?.bounds) ?? DEFAULT_BOUNDS;
}

function declarationOf({ kind, name }: ParsedSubject): { readonly bounds: RequestBounds } | undefined {
  if (kind === 'command') return isCommandName(name) ? COMMANDS[name] : undefined;
  return isQueryName(name) ? QUERIES[name] : undefined;
}

export type GroupEventType = keyof typeof GROUP_EVENTS;
/** The data of each event of a group, in its newest version. */
export type GroupEventData = { [T in GroupEventType]: DataOfEvent<(typeof GROUP_EVENTS)[T]> };
export type GroupEvent = {
  readonly [T in GroupEventType]: { readonly type: T; readonly data: GroupEventData[T] };
}[GroupEventType];
export const isGroupEventType = (type: string): type is GroupEventType => Object.hasOwn(GROUP_EVENTS, type);

export type UserEventType = keyof typeof USER_EVENTS;
/** The data of each event in a user's stream, in its newest version. */
export type UserEventData = { [T in UserEventType]: DataOfEvent<(typeof USER_EVENTS)[T]> };
export type UserEvent = {
  readonly [T in UserEventType]: { readonly type: T; readonly data: UserEventData[T] };
}[UserEventType];

export type UserBanEventType = keyof typeof USER_BAN_EVENTS;
/** The data of each event in the stream of a user's bans, in its newest version. */
export type UserBanEventData = { [T in UserBanEventType]: DataOfEvent<(typeof USER_BAN_EVENTS)[T]> };
export type UserBanEvent = {
  readonly [T in UserBanEventType]: { readonly type: T; readonly data: UserBanEventData[T] };
}[UserBanEventType];

export type UserNumberEventType = keyof typeof USER_NUMBER_EVENTS;
/** The data of each event in the stream of a user's number, in its newest version. */
export type UserNumberEventData = { [T in UserNumberEventType]: DataOfEvent<(typeof USER_NUMBER_EVENTS)[T]> };
export type UserNumberEvent = {
  readonly [T in UserNumberEventType]: { readonly type: T; readonly data: UserNumberEventData[T] };
}[UserNumberEventType];

export type NotificationKind = keyof typeof NOTIFICATIONS;
/** The data of each kind of notification. */
export type NotificationData = { [K in NotificationKind]: DataOfNotification<(typeof NOTIFICATIONS)[K]> };

/** Whether this build knows the event: its type, in this or an older version. It can't apply any other event. */
export const isKnown = (event: VersionedEvent): boolean => isKnownAmong(ALL_EVENTS, event);

/**
 * Brings an event of an older schema version to the newest, in memory only. Old shapes exist in the upcasters of their
 * feature alone. An event that this build doesn't know (`isKnown`) is returned as it is.
 */
export const upcast = <E extends VersionedEvent>(event: E): E => upcastAmong(ALL_EVENTS, event);
