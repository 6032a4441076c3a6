/**
 * What happened to groups, as it is stored: facts, short and past tense (docs/decisions/0003-events.md, with a golden
 * file for each in test/golden/events). A new shape is a new `schemaVersion` with an upcaster, never an edit.
 */

/**
 * Who acted: a service (trusted, skips role checks, never invariants), or a user. A service that acts because a user
 * asked it to may say so: `onBehalfOf` is recorded and told, and changes no decision (seed 000 Group.dismiss: any user
 * may dismiss, a non-member too).
 */
export type Actor =
  { readonly type: 'service'; readonly onBehalfOf?: string } | { readonly type: 'user'; readonly id: string };

/** Most members one event carries. */
export const MAX_MEMBERS_PER_EVENT = 500;
/** Largest JSON of one event's data, in bytes. */
export const MAX_EVENT_BYTES = 256 * 1024;

export interface EventMember {
  readonly userId: string;
}

/** How a member came in. */
export type JoinVia = 'create' | 'join' | 'add' | 'sync';

/** Metadata of every event that a command wrote. Only the first two keys may start with `$`. */
export interface EventMetadata {
  readonly $correlationId: string;
  readonly $causationId: string;
  readonly app: string;
  readonly actor: Actor;
  readonly commandId: string;
  /** First 16 hex digits of the SHA-256 of the command's canonical JSON: tells a repeat from a reuse. */
  readonly commandHash: string;
  /** When it happened: ISO 8601 UTC with milliseconds; never before the event before it. */
  readonly at: string;
  readonly schemaVersion: number;
  /** Place among the events of one append, which are applied together or not at all. */
  readonly batch: { readonly index: number; readonly size: number };
  readonly traceparent?: string;
  /** What the command answered beyond ids and revision; on the last event of a command, when there is something. */
  readonly refused?: readonly { readonly userId: string; readonly code: string }[];
}

/** A command for a user's sync that came before. */
export interface EarlierSync {
  readonly commandId: string;
  readonly commandHash: string;
  /** Its number, which is the revision of its event. */
  readonly sync: number;
  readonly position: string;
  readonly at: string;
}

/**
 * Metadata of `syncRequested`. The lists of completed syncs are dropped, being large; the commands that asked for them
 * go on here, so that a repeat of one gets its first answer instead of bringing an old list back.
 */
export interface SyncRequestedMetadata extends EventMetadata {
  /** Those of the last 24 hours, at most 100, oldest first. */
  readonly earlier: readonly EarlierSync[];
  /** The time of the newest one that is no longer listed. */
  readonly forgottenUntil?: string;
}

export interface GroupEventData {
  /** A group came to be, with its owner as the first member. Further first members follow as `memberJoined`. */
  created: {
    readonly name: string;
    readonly owner: string;
    /** The group's number: its own id if that is a decimal below 2^52, else an alias. Unique in its app. */
    readonly numericId: string;
    /** Most members it may have. */
    readonly capacity: number;
    readonly memberCount: 1;
    /** The number of the owner's sync that made it. */
    readonly sync?: number;
  };
  /** Name, description, avatar or `ext` changed; only the changed ones are named. */
  infoChanged: {
    readonly name?: string;
    readonly description?: string;
    readonly avatar?: string;
    readonly ext?: string;
    /** The number of the sync that renamed it, and the user whose sync that was. */
    readonly sync?: number;
    readonly syncOf?: string;
  };
  memberJoined: {
    readonly members: readonly EventMember[];
    readonly via: JoinVia;
    /** Members after this event. */
    readonly memberCount: number;
    readonly sync?: number;
  };
  memberLeft: {
    readonly members: readonly EventMember[];
    readonly memberCount: number;
    readonly sync?: number;
  };
  memberKicked: { readonly members: readonly EventMember[]; readonly memberCount: number };
  /** The group has another owner, who was a member; the old one stays as a plain member. */
  ownerTransferred: {
    readonly from: string;
    readonly to: string;
    readonly reason: 'requested' | 'ownerLeft';
  };
  adminGranted: { readonly members: readonly EventMember[] };
  adminRevoked: { readonly members: readonly EventMember[] };
  /** The group is over, for good. `ownerLeft`: its owner left and the policy says so. */
  dismissed: { readonly reason: 'requested' | 'ownerLeft' };
}

export type GroupEventType = keyof GroupEventData;
export type GroupEvent = {
  readonly [T in GroupEventType]: { readonly type: T; readonly data: GroupEventData[T] };
}[GroupEventType];

/** The newest schema version of each event of a group; also the list of the types this build knows. */
export const GROUP_EVENT_VERSIONS: Readonly<Record<GroupEventType, number>> = {
  created: 1,
  infoChanged: 1,
  memberJoined: 1,
  memberLeft: 1,
  memberKicked: 1,
  ownerTransferred: 1,
  adminGranted: 1,
  adminRevoked: 1,
  dismissed: 1,
};

export const isGroupEventType = (type: string): type is GroupEventType => Object.hasOwn(GROUP_EVENT_VERSIONS, type);

/** A group in the list a sync asks for. */
export interface SyncedGroup {
  readonly groupId: string;
  readonly name: string;
}

export interface UserEventData {
  /** The user shall be in exactly these groups. The sync's number is this event's revision. */
  syncRequested: {
    readonly groups: readonly SyncedGroup[];
    /** Capacity of the groups that have to be made for it; the app's default when absent. */
    readonly capacity?: number;
  };
  /**
   * The user's actual groups, read after the last write, equalled the ones asked for. Once more for a sync when a late
   * effect of an older one was undone.
   */
  syncCompleted: {
    readonly sync: number;
    /** Position at which the groups were first read. An effect of an older sync after it came too late, and is undone. */
    readonly position: string;
    /** Groups of the list that can't be joined: dismissed, full, or of a reserved id. */
    readonly skipped: readonly string[];
  };
}
export type UserEventType = keyof UserEventData;
export type UserEvent = {
  readonly [T in UserEventType]: { readonly type: T; readonly data: UserEventData[T] };
}[UserEventType];

export const USER_EVENT_VERSIONS: Readonly<Record<UserEventType, number>> = { syncRequested: 1, syncCompleted: 1 };
