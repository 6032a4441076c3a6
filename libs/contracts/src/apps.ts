import { LIMITS } from './command';
import type { OwnerPolicy } from './terms';
import type { UserDirectorySettings } from './user-directory';

/** Limits of a tenant, narrower than the outer ones (`LIMITS`). */
export interface AppLimits {
  /** Announcements that a group has at a time. Default 1,000. */
  readonly announcementsPerGroup: number;
  /** Files that a group has at a time. Default 1,000. */
  readonly filesPerGroup: number;
  /** Bytes of a shared file. Default: no limit. */
  readonly fileBytes: number;
  /** Milliseconds until an application runs out. Default 7 days. */
  readonly applicationMs: number;
  /** Milliseconds until an invitation runs out. Default 7 days. */
  readonly invitationMs: number;
  /** Live groups of the tenant. Default: no limit. */
  readonly groups: number;
  /** Live groups that a user owns. Default: no limit. */
  readonly groupsOwnedPerUser: number;
  /** Live groups that a user is a member of, those that they own included. Default: no limit. */
  readonly groupsJoinedPerUser: number;
}

/** The largest announcements and files of a group that a tenant may allow: they are part of each group's state. */
export const MOST_PER_GROUP = 10_000;

/** Most words that a tenant may forbid, and the longest, in code points. */
export const FORBIDDEN_WORDS = { count: 10_000, length: 64 } as const;
/** The longest time that a tenant may give an application or an invitation: ten years. */
export const MOST_PENDING_MS = 3_653 * 86_400_000;

export const DEFAULT_APP_LIMITS: AppLimits = {
  announcementsPerGroup: 1_000,
  filesPerGroup: 1_000,
  fileBytes: Number.MAX_SAFE_INTEGER,
  applicationMs: 7 * 86_400_000,
  invitationMs: 7 * 86_400_000,
  groups: Number.MAX_SAFE_INTEGER,
  groupsOwnedPerUser: Number.MAX_SAFE_INTEGER,
  groupsJoinedPerUser: Number.MAX_SAFE_INTEGER,
};

/** What a tenant's commands are decided by, beside the commands themselves. */
export interface TenantRules extends Omit<AppSettings, 'id' | 'numericUserIds' | 'userDirectory' | 'dialects'> {
  readonly limits: AppLimits;
}

/** A tenant of `APPS_FILE`: `{"apps": [{"id": "shop", "rongcloud": {...}, ...}]}`. */
export interface AppSettings {
  readonly id: string;
  /** The meaning of an owner's leave if neither the command nor the dialect defines it. Default `refuse`. */
  readonly ownerPolicy: OwnerPolicy;
  /** Capacity of groups created without one. Default 1,000,000. */
  readonly groupCapacity: number;
  /** Words and phrases that no group's name may have. */
  readonly forbiddenWords?: readonly string[];
  /** Each that is absent has its default. */
  readonly limits?: Partial<AppLimits>;
  /** Most admins of a group, its owner not counted. Default 99. */
  readonly maxAdmins: number;
  /**
   * Whether the worker gives a number to each user who becomes a member and has none by their id. For tenants whose clients
   * know numbers only, such as Lanying's. Without it, a user gets a number when it is first asked for. Default false.
   */
  readonly numericUserIds?: boolean;
  /** The users that the tenant has. Without a directory, every well-formed id is that of a user. */
  readonly userDirectory?: UserDirectorySettings;
  /**
   * The other keys of the tenant, one for each dialect that may reach it. Only the gateway knows the dialects and checks
   * their blocks.
   */
  readonly dialects?: Readonly<Record<string, unknown>>;
}

/** The settings of a tenant for which `APPS_FILE` has only an id. */
export const TENANT_DEFAULTS = {
  ownerPolicy: 'refuse',
  groupCapacity: LIMITS.capacity,
  maxAdmins: 99,
  limits: DEFAULT_APP_LIMITS,
} as const satisfies TenantRules;
