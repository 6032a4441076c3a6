/** Words that several features use, and settings of a tenant that commands may override. */

/** A member's role in a group. A group has exactly one owner. */
export const ROLES = ['owner', 'admin', 'member'] as const;
export type Role = (typeof ROLES)[number];

/** Which users find a group and may ask to join it. */
export const VISIBILITIES = ['private', 'public', 'chatroom'] as const;
/**
 * `private`: no list or search shows it, and users join by invitation only. `public`: it is listed and found, and
 * `joinPolicy` holds. `chatroom`: as public with the join policy `open`, whatever `joinPolicy` says.
 */
export type Visibility = (typeof VISIBILITIES)[number];

/** How users join a public group. */
export const JOIN_POLICIES = ['open', 'approval', 'forbidden'] as const;
/** `open`: by `join`. `approval`: by an application that an admin approves. `forbidden`: by invitation only. */
export type JoinPolicy = (typeof JOIN_POLICIES)[number];

/** The settings of a group. */
export interface GroupSettings {
  readonly visibility: Visibility;
  readonly joinPolicy: JoinPolicy;
  /** Members may invite users, too, and not only the owner and the admins. */
  readonly membersMayInvite: boolean;
  /** Members may change name, description, avatar and ext, too. */
  readonly membersMayModify: boolean;
  /** Messages are acknowledged when they are read. Stored for a message service. */
  readonly readAck: boolean;
  /** New members may read messages from before they joined. Stored for a message service. */
  readonly historyVisible: boolean;
  /** Clients hide the members' profiles. Stored for clients. */
  readonly hideMemberInfo: boolean;
  /** An invited user joins when they accept. Without it they are a member at once. */
  readonly inviteNeedsConfirm: boolean;
}

/** The settings of a group that was made without any, or before there were settings. */
export const DEFAULT_SETTINGS: GroupSettings = {
  visibility: 'private',
  joinPolicy: 'approval',
  membersMayInvite: false,
  membersMayModify: false,
  readAck: false,
  historyVisible: false,
  hideMemberInfo: false,
  inviteNeedsConfirm: true,
};

/** What happens when the owner leaves a group that has other members. The tenant's setting is the default. */
export const OWNER_POLICIES = ['refuse', 'oldestAdmin', 'oldestMember', 'dismiss'] as const;
/**
 * `refuse`: `OWNER_CANNOT_LEAVE`. `oldestAdmin`: the admin who joined first becomes owner; without admins, the member
 * who joined first. `oldestMember`: the member who joined first becomes owner. `dismiss`: the group ends. An owner who is
 * the only member dismisses the group by leaving, under every policy but `refuse`.
 */
export type OwnerPolicy = (typeof OWNER_POLICIES)[number];

/** The policies under which no owner stays. */
export const LEAVING_POLICIES = ['oldestAdmin', 'oldestMember', 'dismiss'] as const satisfies OwnerPolicy[];
export type LeavingPolicy = (typeof LEAVING_POLICIES)[number];

/** The policies under which another member becomes owner. */
export const SUCCESSIONS = ['oldestAdmin', 'oldestMember'] as const satisfies OwnerPolicy[];
export type Succession = (typeof SUCCESSIONS)[number];
