/** Words that several features use, and settings of a tenant that commands may override. */

/** A member's role in a group. A group has exactly one owner. */
export const ROLES = ['owner', 'admin', 'member'] as const;
export type Role = (typeof ROLES)[number];

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
