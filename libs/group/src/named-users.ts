import type { GroupCommand, GroupCommandData, GroupCommandName } from '@cohort/contracts';
import type { GroupState } from './state';

type Naming = { readonly [N in GroupCommandName]?: (data: GroupCommandData<N>) => readonly string[] };

const one = ({ userId }: { readonly userId: string }) => [userId];
const several = ({ userIds }: { readonly userIds: readonly string[] }) => userIds;
const ifApproved = ({ userId, approve }: { readonly userId: string; readonly approve: boolean }) =>
  approve ? [userId] : [];

/**
 * The users that a command wants something new of. It may name them only if the tenant's user directory knows them. Commands
 * that take something away from users aren't here, nor imports: these take over a group as it was elsewhere.
 */
const NAMED: Naming = {
  create: ({ owner, members = [] }) => [owner, ...members],
  // A sync was decided on as a whole, before its worker began.
  createOrJoin: ({ userIds, sync }) => (sync === undefined ? userIds : []),
  join: one,
  addMembers: several,
  transfer: ({ newOwner }) => [newOwner],
  grantAdmins: several,
  // A ban with `until` is a part of a ban in all groups, which was decided on as a whole, too.
  ban: ({ userIds, until }) => (until === undefined ? userIds : []),
  block: several,
  apply: one,
  handleApplication: ifApproved,
  invite: several,
  handleInvitation: ifApproved,
  joinByCode: one,
};

/** Commands that change nothing for members, or restrict them. They may name members whom the directory has forgotten. */
const FOR_OUTSIDERS: ReadonlySet<GroupCommandName> = new Set<GroupCommandName>([
  'createOrJoin',
  'join',
  'addMembers',
  'ban',
  'block',
  'apply',
  'invite',
  'joinByCode',
]);

/** The users of whom the command app must learn whether the tenant's directory knows them; repeats are possible. */
export const usersToKnow = <N extends GroupCommandName>({ type, data }: GroupCommand<N>): readonly string[] =>
  NAMED[type]?.(data) ?? [];

/** Those of them who must be known in this state of the group. */
export function usersConcerned<N extends GroupCommandName>(
  command: GroupCommand<N>,
  state: GroupState,
): readonly string[] {
  const users = usersToKnow(command);
  if (state.status !== 'live' || !FOR_OUTSIDERS.has(command.type)) return users;
  return users.filter((userId) => !state.membership.members.has(userId));
}

/** Commands by which users may become members or owners of a group. */
const BRING: ReadonlySet<GroupCommandName> = new Set<GroupCommandName>([
  'create',
  'createOrJoin',
  'join',
  'addMembers',
  'transfer',
  'apply',
  'handleApplication',
  'invite',
  'handleInvitation',
  'joinByCode',
]);

/** The users whose groups count in a tenant that limits them. Syncs and imports are exempt. */
export const usersToCount = <N extends GroupCommandName>(command: GroupCommand<N>): readonly string[] =>
  BRING.has(command.type) ? usersToKnow(command) : [];

/** Whether the command may make a group that counts in a tenant that limits them. */
export const mayMakeGroup = ({ type, data }: GroupCommand): boolean =>
  type === 'create' || (type === 'createOrJoin' && data.sync === undefined);
