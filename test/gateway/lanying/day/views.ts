import { groupInfo } from '../group-info';
import { byText, type Day, type Group, type SharedFile, type Until } from './model';

const aTime = expect.any(Number) as unknown;
const aDate = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown;

/** Matches a time in this range. */
const between = (from: number, to: number): unknown => ({
  $$typeof: Symbol.for('jest.asymmetricMatcher'),
  asymmetricMatch: (value: unknown) => typeof value === 'number' && value >= from && value <= to,
  toString: () => `from ${from} to ${to}`,
  toAsymmetricMatcher: () => `from ${from} to ${to}`,
});

const expiredTime = (until: Until): unknown => (until === 'for ever' ? -1 : between(...until));

/** A ban-all's end in seconds. */
export const banExpiry = (until: Until | undefined): unknown => {
  if (until === undefined) return 0;
  return until === 'for ever' ? -1 : between(Math.ceil(until[0] / 1_000), Math.ceil(until[1] / 1_000));
};

const member = (group: Group, user: number) => {
  const profile = group.members.get(user);
  return {
    ...{ user_id: user, display_name: profile?.displayName ?? '' },
    join_time: profile === undefined ? 0 : aTime,
  };
};

export const membersOf = (group: Group) => [...group.members.keys()].map((user) => member(group, user));
export const adminsOf = (group: Group) =>
  [...group.members.keys()].filter((user) => group.admins.has(user)).map((user) => member(group, user));
export const profilesOf = (group: Group, users: readonly number[]) =>
  users.filter((user) => group.members.has(user)).map((user) => member(group, user));
export const bannedOf = (group: Group) =>
  [...group.banned.keys()]
    .sort(byText)
    .map((user) => ({ ...member(group, user), expired_time: expiredTime(group.banned.get(user)!) }));
export const blockedOf = (group: Group) =>
  [...group.blocked].sort(byText).map((user) => ({ group_id: group.id, user_id: user, created_at: aDate }));

/** The applications to some groups: the newest group first, and in each the newest application. */
export const applicationsOf = (day: Day, ids: readonly number[]) =>
  [...day.groups]
    .reverse()
    .filter(({ id, isLive }) => isLive && ids.includes(id))
    .flatMap(({ id, applications }) =>
      [...applications].reverse().map(({ applicant, reason, status }) => ({
        ...{ group_id: id, applicant_id: applicant, reason, status },
        expired_time: aTime,
      })),
    );

export const invitationsOf = (day: Day, user: number) =>
  [...day.invitations]
    .reverse()
    .filter(({ invitee, group }) => invitee === user && day.groups.some(({ id, isLive }) => id === group && isLive))
    .map(({ group, inviter, invitee, reason, status }) => ({
      ...{ group_id: group, inviter_id: inviter, invitee_id: invitee, reason, status },
      ...{ expired_time: aTime, updated_at: aDate },
    }));

export const announcementsOf = ({ id: groupId, announcements }: Group) =>
  [...announcements].reverse().map(({ id, author, title, content }) => ({
    ...{ id, group_id: groupId, author, title, content },
    created_at: aTime,
  }));

export const file = ({ id: groupId }: Group, { id, uploader, name, size, type, url }: SharedFile) => ({
  ...{ file_id: id, group_id: groupId, name, size, type, uploader, url },
  ...{ created_at: aTime, updated_at: aTime },
});
export const filesOf = (group: Group) => [...group.files].reverse().map((one) => file(group, one));

const summary = (group: Group, user: number | undefined) => {
  const own = group.isLive && user !== undefined ? group.members.get(user) : undefined;
  return {
    ...{ group_id: group.id, type: group.type, status: group.isLive ? 0 : 1, count: group.members.size },
    ...{ name: group.texts.name, avatar: group.texts.avatar },
    ...{ apply_approval: group.type === 2 ? 0 : group.approval },
    ...{ msg_mute_mode: own?.mute ?? 0, msg_push_mode: own?.push ?? 0 },
  };
};

/** Information and settings as this user sees them; without one, as a service does. */
export const infoOf = (group: Group, user: number | undefined): object =>
  groupInfo({
    ...{ ...summary(group, user), ...group.texts, ...group.flags },
    ...{ owner_id: group.owner, ban_expire_time: banExpiry(group.banAll) },
  });

/** An entry of a batch of groups. */
export const briefOf = (group: Group, user: number | undefined): object => ({
  ...summary(group, user),
  ...{ capacity: 1_000_000, owner: group.owner },
});

/** Whether the group shows itself to this user. */
export const isShown = (group: Group, user: number | undefined): boolean =>
  user === undefined || group.members.has(user) || (group.isLive && group.type !== 0);

export const publicOf = (day: Day): number[] =>
  day.groups
    .filter(({ isLive, type }) => isLive && type !== 0)
    .map(({ id }) => id)
    .reverse();
export const joinedOf = (day: Day, user: number): number[] => [...day.joined.get(user)!].reverse();
