import type { ExpiryView, Role } from '@cohort/contracts';
import { membersOf } from '@cohort/group/testing';
import type { GroupState } from '@cohort/group';

type Live = Extract<GroupState, { status: 'live' }>;
export type Groups = ReadonlyMap<string, GroupState>;

/** The group, if others see it. */
export const shown = (state: GroupState | undefined): Live | undefined =>
  state?.status === 'live' && state.imports.status !== 'running' ? state : undefined;

const isOpen = (end: number | undefined, now: number): boolean => end !== undefined && end > now;
const sorted = (texts: Iterable<string>): string[] => [...texts].sort();
const endOf = (end: number): string => (end === Infinity ? '' : new Date(end).toISOString());

/** What the lists of a live group hold, computed from the domain's state. */
export function listsOf(group: Live, now: number) {
  const { roles, bans, blocks, applications, invitations, announcements, files, membership } = group;
  return {
    members: membersOf(group).map(({ userId, role }) => `${userId} ${role}`),
    admins: membersOf(group).flatMap(({ userId, role }) => (role === 'admin' ? [userId] : [])),
    counts: Array<number>(4).fill(membership.members.size),
    owner: roles.owner,
    banned: sorted([...bans.banned].flatMap(([id, end]) => (isOpen(end, now) ? [`${id} ${endOf(end)}`] : []))),
    allowed: sorted(bans.allowed),
    blocked: sorted(blocks.blocked),
    applications: sorted(
      [...applications.pending].flatMap(([id, { number, expiresAt }]) =>
        isOpen(expiresAt, now) ? [`${id} ${number}`] : [],
      ),
    ),
    invitations: sorted(
      [...invitations.pending].flatMap(([id, all]) =>
        all.flatMap(({ inviter, number, expiresAt }) => (isOpen(expiresAt, now) ? [`${id} ${inviter} ${number}`] : [])),
      ),
    ),
    announcements: sorted(announcements.ids),
    files: sorted([...files.files].map(([id, { name }]) => `${id} ${name}`)),
  };
}

/** Why a user may not speak now. */
export function silence(state: GroupState | undefined, userId: string, now: number): string | undefined {
  const group = shown(state);
  if (group === undefined) return 'noGroup';
  const { membership, lifecycle, bans, roles } = group;
  if (!membership.members.has(userId)) return 'notAMember';
  if (lifecycle.disabled) return 'disabled';
  if (isOpen(bans.banned.get(userId), now)) return 'banned';
  const isExempt = roles.owner === userId || roles.admins.has(userId) || bans.allowed.has(userId);
  return isOpen(bans.all, now) && !isExempt ? 'allBanned' : undefined;
}

/** What a user has, over all groups. */
export function ofUser(groups: Groups, userId: string, now: number) {
  const seen = [...groups].flatMap(([groupId, state]) => {
    const group = shown(state);
    return group === undefined ? [] : [{ groupId, group }];
  });
  const roleIn = (group: Live): Role | undefined => membersOf(group).find((one) => one.userId === userId)?.role;
  return {
    groups: sorted(
      seen.flatMap(({ groupId, group }) => {
        const role = roleIn(group);
        return role === undefined ? [] : [`${groupId} ${role} ${group.membership.members.size}`];
      }),
    ),
    invitations: sorted(
      seen.flatMap(({ groupId, group }) =>
        (group.invitations.pending.get(userId) ?? []).flatMap(({ inviter, expiresAt }) =>
          isOpen(expiresAt, now) ? [`${groupId} ${inviter}`] : [],
        ),
      ),
    ),
    handled: sorted(
      seen.flatMap(({ groupId, group }) =>
        roleIn(group) === 'owner' || roleIn(group) === 'admin'
          ? [...group.applications.pending].flatMap(([id, { expiresAt }]) =>
              isOpen(expiresAt, now) ? [`${groupId} ${id}`] : [],
            )
          : [],
      ),
    ),
  };
}

/** What ends by itself, in all groups. */
export const endsOf = (groups: Groups): string[] =>
  sorted(
    [...groups].flatMap(([groupId, state]) => {
      const group = shown(state);
      if (group === undefined) return [];
      const { bans, applications, invitations } = group;
      const line = (kind: ExpiryView['kind'], id: string, end: number) =>
        end === Infinity ? [] : [`${groupId} ${kind} ${id} ${endOf(end)}`];
      return [
        ...[...bans.banned].flatMap(([id, end]) => line('ban', id, end)),
        ...(bans.all === undefined ? [] : line('banAll', '', bans.all)),
        ...[...applications.pending].flatMap(([id, { expiresAt }]) => line('application', id, expiresAt)),
        ...[...invitations.pending].flatMap(([id, all]) =>
          line('invitation', id, Math.min(...all.map(({ expiresAt }) => expiresAt))),
        ),
      ];
    }),
  );
