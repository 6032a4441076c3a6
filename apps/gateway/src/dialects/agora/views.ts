import { PAGE, type GroupView, type MemberProfileView, type MuteMode, type Role } from '@cohort/contracts';
import type { Caller } from '../../dialect/caller';
import type { Schema } from '../../dialect/fields';
import type { Shape } from './paths';

export const STRING: Schema = { type: 'string' };
export const BOOLEAN: Schema = { type: 'boolean' };
export const INTEGER: Schema = { type: 'integer' };
export const list = (items: Schema): Schema => ({ type: 'array', items });
export const object = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});

/** Milliseconds since 1970 of a time of a view. */
export const ms = (at: string): number => Date.parse(at);

/** The mode of a member who gets no messages of the group. */
export const NO_MESSAGES: MuteMode = 2;

export const isShielded = ({ muteMode }: Pick<MemberProfileView, 'muteMode'>): boolean => muteMode === NO_MESSAGES;

/** Members that a group's details name, its owner included. */
const MAX_AFFILIATIONS = 10_000;

/** Whether the group is found, and how users join it and are invited. */
export const rulesOf = ({ settings: { visibility, joinPolicy, membersMayInvite } }: GroupView) => ({
  public: visibility !== 'private',
  membersonly: visibility !== 'chatroom' && joinPolicy !== 'open',
  allowinvites: membersMayInvite,
});

/** Members and owner as details name them, also with the time at which they joined. Admins are members there. */
async function affiliationsOf(as: Caller, { groupId, owner }: GroupView, hasTimes: boolean): Promise<object[]> {
  const time = (joinedAt: string) => (hasTimes ? { joined_time: ms(joinedAt) } : {});
  const members: object[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(PAGE.maxLimit, MAX_AFFILIATIONS - members.length);
    const page = await as.query('members', { groupId, limit, ...(cursor !== undefined && { cursor }) });
    const others = page.members.filter(({ userId }) => userId !== owner);
    members.push(...others.map(({ userId, joinedAt }) => ({ member: userId, ...time(joinedAt) })));
    ({ cursor } = page);
  } while (cursor !== undefined && members.length < MAX_AFFILIATIONS - 1);
  const [first] = hasTimes ? (await as.query('members', { groupId, role: 'owner', limit: 1 })).members : [];
  return [...members.slice(0, MAX_AFFILIATIONS - 1), { owner, ...(first && time(first.joinedAt)) }];
}

/** A group's details. */
export async function details(as: Caller, view: GroupView, hasTimes: boolean): Promise<object> {
  const rules = rulesOf(view);
  return {
    id: view.groupId,
    name: view.name,
    avatar: view.avatar,
    description: view.description,
    membersonly: rules.membersonly,
    allowinvites: rules.allowinvites,
    maxusers: view.capacity,
    owner: view.owner,
    created: ms(view.createdAt),
    custom: view.ext,
    mute: view.banAll !== undefined,
    affiliations_count: view.memberCount,
    disabled: view.status === 'disabled',
    affiliations: await affiliationsOf(as, view, hasTimes),
    public: rules.public,
  };
}

export const DETAILS: Schema = object({
  ...{ id: STRING, name: STRING, avatar: STRING, description: STRING, membersonly: BOOLEAN, allowinvites: BOOLEAN },
  ...{ maxusers: INTEGER, owner: STRING, created: INTEGER, custom: STRING, mute: BOOLEAN },
  ...{ affiliations_count: INTEGER, disabled: BOOLEAN, affiliations: list({ type: 'object' }), public: BOOLEAN },
});
export const DETAILS_EXAMPLE = {
  ...{ id: '2306414607729', name: 'Sales', avatar: '', description: '', membersonly: false, allowinvites: false },
  ...{ maxusers: 200, owner: 'u1', created: 1790000000000, custom: '', mute: false, affiliations_count: 2 },
  ...{ disabled: false, affiliations: [{ member: 'u2' }, { owner: 'u1' }], public: true },
};

/** A group in the list of the whole app. The two APIs write the name of its last change differently. */
export const appEntry = (view: GroupView, app: string, shape: Shape) => ({
  owner: `${app}_${view.owner}`,
  groupid: view.groupId,
  affiliations: view.memberCount,
  type: 'group',
  [shape === 'shengwang' ? 'lastModified' : 'last_modified']: String(ms(view.updatedAt)),
  groupname: view.name,
});

/** A group in the list of a user, with what the caller asks for: the user's role, the number of members. */
export const userEntry = (view: GroupView & { readonly role: Role }, hasRole: boolean, hasCount: boolean) => ({
  name: view.name,
  avatar: view.avatar,
  owner: view.owner,
  id: view.groupId,
  groupId: view.groupId,
  description: view.description,
  disabled: view.status === 'disabled',
  ...rulesOf(view),
  maxusers: view.capacity,
  created: ms(view.createdAt),
  ...(hasRole ? { permission: view.role } : {}),
  ...(hasCount ? { affiliations_count: view.memberCount } : {}),
});
