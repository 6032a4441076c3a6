/** What a day's groups should be: plain data, which the rules change. All ids are numbers. */

/** Until when a ban lasts: for ever, or until a time in this range, in milliseconds since 1970. */
export type Until = 'for ever' | readonly [from: number, to: number];

export interface Profile {
  displayName: string;
  mute: number;
  push: number;
}

export interface Announcement {
  readonly id: number;
  readonly author: number;
  readonly title: string;
  readonly content: string;
}

export interface SharedFile {
  readonly id: number;
  readonly uploader: number;
  name: string;
  readonly size: number;
  readonly type: string;
  readonly url: string;
}

/** 0 pending, 1 accepted, 2 declined. */
export type Status = 0 | 1 | 2;

export interface Application {
  readonly applicant: number;
  readonly reason: string;
  status: Status;
}

export interface Invitation {
  readonly group: number;
  readonly inviter: number;
  readonly invitee: number;
  readonly reason: string;
  status: Status;
}

export const FLAGS = {
  allow_member_invitation: 'member_invite',
  allow_member_modify: 'member_modify',
  enable_read_ack: 'read_ack',
  history_visible: 'history_visible',
} as const;
export type Flag = (typeof FLAGS)[keyof typeof FLAGS];

export interface Group {
  readonly id: number;
  /** 0 private, 1 public, 2 chatroom. */
  readonly type: number;
  isLive: boolean;
  owner: number;
  readonly admins: Set<number>;
  /** In the order of joining. */
  readonly members: Map<number, Profile>;
  readonly texts: Record<'name' | 'avatar' | 'description' | 'ext', string>;
  readonly flags: Record<Flag, boolean>;
  approval: number;
  readonly banned: Map<number, Until>;
  banAll: Until | undefined;
  readonly blocked: Set<number>;
  /** The oldest first. */
  announcements: Announcement[];
  lastAnnouncement: number;
  files: SharedFile[];
  lastFile: number;
  /** The last one of each user, the oldest first. */
  applications: Application[];
}

/** A text for a QR code, as the service made it. */
export interface JoinCode {
  readonly text: string;
  readonly group: number;
}

/** The state of a day. */
export interface Day {
  readonly users: readonly number[];
  /** The oldest first. */
  readonly groups: Group[];
  /** The last one of each group, inviter and invitee, the oldest first. */
  invitations: Invitation[];
  /** Each user's groups, the first joined first. */
  readonly joined: Map<number, number[]>;
  readonly codes: JoinCode[];
}

export const newDay = (users: readonly number[]): Day => ({
  users,
  groups: [],
  invitations: [],
  joined: new Map(users.map((user) => [user, []])),
  codes: [],
});

export const newGroup = (id: number, type: number, owner: number, texts: Partial<Group['texts']>): Group => ({
  ...{ id, type, owner, isLive: true, admins: new Set(), members: new Map() },
  texts: { name: '', avatar: '', description: '', ext: '', ...texts },
  flags: { member_invite: true, member_modify: false, read_ack: false, history_visible: false },
  ...{ approval: 1, banned: new Map(), banAll: undefined, blocked: new Set() },
  ...{ announcements: [], lastAnnouncement: 0, files: [], lastFile: 0, applications: [] },
});

/** Users become members: what they had pending in the group is over. */
export function join(day: Day, group: Group, users: readonly number[]): void {
  for (const user of users) {
    group.members.set(user, { displayName: '', mute: 0, push: 0 });
    day.joined.get(user)!.push(group.id);
    for (const one of group.applications) if (one.applicant === user && one.status === 0) one.status = 1;
    for (const one of day.invitations) {
      if (one.group === group.id && one.invitee === user && one.status === 0) one.status = 1;
    }
  }
}

/** Members go, with all that they have as members. Bans stay. */
export function go(day: Day, group: Group, users: readonly number[]): void {
  for (const user of users) {
    if (!group.members.delete(user)) continue;
    group.admins.delete(user);
    day.joined.set(
      user,
      day.joined.get(user)!.filter((id) => id !== group.id),
    );
  }
}

export function dismiss(day: Day, group: Group): void {
  group.isLive = false;
  for (const user of group.members.keys()) {
    day.joined.set(
      user,
      day.joined.get(user)!.filter((id) => id !== group.id),
    );
  }
}

/** In the order in which lists of users by id are. */
export const byText = (a: number, b: number): number => (String(a) < String(b) ? -1 : 1);

/** The end of a ban that begins between these times, in milliseconds. */
export const endOf = (minutes: number | undefined, [from, to]: readonly [number, number]): Until =>
  minutes === undefined || minutes === -1 ? 'for ever' : [from + minutes * 60_000, to + minutes * 60_000];
