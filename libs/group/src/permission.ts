import type { ErrorCode, GroupSettings, Role } from '@cohort/contracts';

/** What an actor is to a group. A stranger is a user that isn't a member. */
export const STANDINGS = ['service', 'owner', 'admin', 'member', 'stranger'] as const;
export type Standing = (typeof STANDINGS)[number];

/** The codes that refuse a whole command, each with its message in permissions.ts. */
export type PermissionCode =
  | 'FORBIDDEN'
  | 'OWNER_ONLY'
  | 'ADMIN_ONLY'
  | 'NOT_A_MEMBER'
  | 'NOT_THE_UPLOADER'
  | 'INVITATION_ONLY'
  | 'APPROVAL_NEEDED';
export type Verdict<Code extends ErrorCode = ErrorCode> = 'allowed' | Code;
export type Cells<Code extends ErrorCode> = Readonly<Record<Standing, Verdict<Code>>>;

/** Who may do one action. A service skips roles, never invariants. */
export interface Permission {
  readonly by: Cells<PermissionCode>;
  /** Holds in place of `by` in a group with these settings; the first that fits. */
  readonly under?: readonly { readonly settings: Partial<GroupSettings>; readonly by: Cells<PermissionCode> }[];
  /** Holds in addition when a user other than the actor is named, or a thing of theirs, such as a file. */
  readonly forOthers?: Cells<PermissionCode>;
  /** Holds in addition, and for that user alone, when a user with this role is named. */
  readonly to?: Readonly<Partial<Record<Role, Cells<ErrorCode>>>>;
}
/** By action; an action has the name of its command. */
export type Permissions = Readonly<Record<string, Permission>>;

const allowed = 'allowed';

export const ANYBODY: Cells<never> = {
  service: allowed,
  owner: allowed,
  admin: allowed,
  member: allowed,
  stranger: allowed,
};

/** For the service and the members. */
export const MEMBERS: Cells<'NOT_A_MEMBER'> = { ...ANYBODY, stranger: 'NOT_A_MEMBER' };

/** For the service, the owner and the admins. */
export const ADMINS: Cells<'ADMIN_ONLY' | 'NOT_A_MEMBER'> = {
  ...ANYBODY,
  member: 'ADMIN_ONLY',
  stranger: 'NOT_A_MEMBER',
};

/** For the service and the owner; others get the code. */
export const ownerElse = <Code extends ErrorCode>(code: Code): Cells<Code> => ({
  service: allowed,
  owner: allowed,
  ...{ admin: code, member: code, stranger: code },
});

/** For services. */
export const SERVICES: Cells<'FORBIDDEN'> = { ...ownerElse('FORBIDDEN'), owner: 'FORBIDDEN' };

/** For nobody. */
export const nobodyElse = <Code extends ErrorCode>(code: Code): Cells<Code> => ({
  ...ownerElse(code),
  ...{ service: code, owner: code },
});

/** What is done for oneself; for others by a service. */
export const FOR_ONESELF: Permission = { by: ANYBODY, forOthers: SERVICES };
