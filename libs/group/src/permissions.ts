import {
  DEFAULT_SETTINGS,
  type Actor,
  type ErrorCode,
  type GroupCommandName,
  type Role,
  type GroupSettings,
} from '@cohort/contracts';
import { announcements } from './commands/announcements/permissions';
import { attributes } from './commands/attributes/permissions';
import { files } from './commands/files/permissions';
import { bans } from './commands/bans/permissions';
import { blocks } from './commands/blocks/permissions';
import { imports } from './commands/imports/permissions';
import { applications } from './commands/applications/permissions';
import { invitations } from './commands/invitations/permissions';
import { joinKeys } from './commands/join-keys/permissions';
import { info } from './commands/info/permissions';
import { lifecycle } from './commands/lifecycle/permissions';
import { memberProfile } from './commands/member-profile/permissions';
import { membership } from './commands/membership/permissions';
import { roles } from './commands/roles/permissions';
import { wholeUser } from './commands/whole-user/permissions';
import { settings } from './commands/settings/permissions';
import { notAMember, refuse, type Refused } from './decision';
import type { Permission, PermissionCode, Standing, Verdict } from './permission';
import { roleOf, type GroupState, type LiveGroup } from './state';

/** The rows of each feature. */
export const PERMISSIONS_BY_FEATURE = {
  lifecycle,
  info,
  settings,
  membership,
  roles,
  bans,
  blocks,
  announcements,
  files,
  memberProfile,
  wholeUser,
  imports,
  applications,
  invitations,
  joinKeys,
  attributes,
};

/** Who may do what: one table, with a row for each command. */
export const PERMISSIONS = {
  ...lifecycle,
  ...info,
  ...settings,
  ...membership,
  ...roles,
  ...bans,
  ...blocks,
  ...announcements,
  ...files,
  ...memberProfile,
  ...wholeUser,
  ...imports,
  ...applications,
  ...invitations,
  ...joinKeys,
  ...attributes,
} satisfies Readonly<Record<GroupCommandName, Permission>>;
export type Action = keyof typeof PERMISSIONS;

/** Whom an action is done to: users other than the actor, or a user with a role. */
export type Target = 'others' | Role;

/** One cell of the table. */
export function verdict(
  action: Action,
  by: Standing,
  target?: undefined,
  settings?: GroupSettings,
): Verdict<PermissionCode>;
export function verdict(
  action: Action,
  by: Standing,
  target: 'others',
  settings?: GroupSettings,
): Verdict<PermissionCode>;
export function verdict(action: Action, by: Standing, target: Target, settings?: GroupSettings): Verdict;
export function verdict(action: Action, by: Standing, target?: Target, settings = DEFAULT_SETTINGS): Verdict {
  const permission: Permission = PERMISSIONS[action];
  const general = cellsUnder(permission, settings)[by];
  if (general !== 'allowed' || target === undefined) return general;
  const cells = target === 'others' ? permission.forOthers : permission.to?.[target];
  return cells?.[by] ?? 'allowed';
}

/** Who may do it in a group with these settings. */
const cellsUnder = ({ by, under = [] }: Permission, settings: GroupSettings): Permission['by'] =>
  under.find((one) =>
    Object.entries(one.settings).every(([name, value]) => settings[name as keyof GroupSettings] === value),
  )?.by ?? by;

/** A refusal when the actor may not do this, or not for these users. */
export function mustBeAllowed(
  action: Action,
  actor: Actor,
  state: GroupState,
  userIds: readonly string[] = [],
): Refused | undefined {
  const by = standingOf(actor, state);
  const isForOthers = actor.type === 'user' && userIds.some((userId) => userId !== actor.id);
  const settings = state.status === 'live' ? state.settings : DEFAULT_SETTINGS;
  const general = verdict(action, by, undefined, settings);
  if (general !== 'allowed') return refusal(general, actor, 'Only a service may do this.');
  if (!isForOthers) return undefined;
  const forOthers = verdict(action, by, 'others', settings);
  return forOthers === 'allowed'
    ? undefined
    : refusal(forOthers, actor, 'A user may do this only for themselves, and the command names another user.');
}

/** Why the actor, who may do this in general, may not do it to this user. */
export function protectionOf(userId: string, action: Action, actor: Actor, group: LiveGroup): ErrorCode | undefined {
  const role = roleOf(group, userId);
  if (role === undefined) return undefined;
  const code = verdict(action, standingOf(actor, group), role, group.settings);
  return code === 'allowed' ? undefined : code;
}

/** Why the actor, who may do this in general, may not do it to a thing of this user, such as a file. */
export function protectionOfThing(
  userId: string,
  action: Action,
  actor: Actor,
  group: LiveGroup,
): PermissionCode | undefined {
  if (actor.type === 'user' && actor.id === userId) return undefined;
  const code = verdict(action, standingOf(actor, group), 'others', group.settings);
  return code === 'allowed' ? undefined : code;
}

function standingOf(actor: Actor, state: GroupState): Standing {
  if (actor.type === 'service') return 'service';
  return (state.status === 'live' ? roleOf(state, actor.id) : undefined) ?? 'stranger';
}

function refusal(code: PermissionCode, actor: Actor, forbidden: string): Refused {
  switch (code) {
    case 'FORBIDDEN':
      return refuse(code, forbidden);
    case 'OWNER_ONLY':
      return refuse(code, 'Only the owner of the group may do this.');
    case 'ADMIN_ONLY':
      return refuse(code, 'Only the owner and the admins of the group may do this.');
    case 'NOT_THE_UPLOADER':
      return refuse(code, 'Only the uploader, the owner and the admins may do this to a file.');
    case 'INVITATION_ONLY':
      return refuse(code, 'Users join this group by invitation only.');
    case 'APPROVAL_NEEDED':
      return refuse(code, 'Users join this group by an application that an admin approves.');
    case 'NOT_A_MEMBER':
      return notAMember(actor.type === 'user' ? actor.id : '');
  }
}
