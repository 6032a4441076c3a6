import { everyPage } from '@cohort/client';
import { LIMITS, PAGE, type MemberProfileView, type MemberView } from '@cohort/contracts';
import type { Caller } from '../../dialect/caller';
import type { Json } from '../../dialect/json';
import { id, invalid, isList, isObject, optionalIn, text, whole, type Kind } from './fields';

/** The vendor's types of members. 4 are users that were removed, which no list has. */
export const MEMBER_TYPES = { normal: 0, manager: 1, owner: 2, silent: 3, allowed: 5 } as const;

/** A member as a request names it. Fields that nobody knows are ignored. */
export interface GivenMember {
  readonly userId: string;
  readonly alias: string;
  readonly type: number;
  readonly extra: string;
}

/** The key of a member's own data under which this dialect keeps the vendor's text. */
export const EXTRA_KEY = 'extra';
export const alias = text(LIMITS.displayName, 0, true);
export const extra = text(LIMITS.extraText);

function memberOf(value: Json): GivenMember {
  if (!isObject(value)) return invalid();
  const type = optionalIn(value, whole(0, 5), 'type') ?? MEMBER_TYPES.normal;
  return {
    userId: optionalIn(value, id, 'member_id') ?? invalid(),
    alias: optionalIn(value, alias, 'alias') ?? '',
    // An owner has that type by the group alone.
    type: type === MEMBER_TYPES.owner ? MEMBER_TYPES.normal : type,
    extra: optionalIn(value, extra, 'extra') ?? '',
  };
}

/** Members, each once: the last one counts. */
export const givenMembers = (atMost: number): Kind<GivenMember[]> => ({
  schema: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        member_id: id.schema,
        alias: alias.schema,
        type: { type: 'integer' },
        extra: extra.schema,
      },
      required: ['member_id'],
    },
    maxItems: atMost,
  },
  many: { atMost, bytes: 2_048, values: 8 },
  read: (value) => {
    if (!isList(value)) return invalid();
    const found = new Map(value.map(memberOf).map((member) => [member.userId, member]));
    return found.size > atMost ? invalid() : [...found.values()];
  },
});

/** Calls that run at the same time. */
const AT_ONCE = 50;

export async function each<T>(items: readonly T[], run: (item: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) await Promise.all(items.slice(at, at + AT_ONCE).map(run));
}

/** Splits users into as many as one command takes. */
const portions = (users: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(users.length / LIMITS.usersPerCommand) }, (_, i) =>
    users.slice(i * LIMITS.usersPerCommand, (i + 1) * LIMITS.usersPerCommand),
  );

/** Gives members what a request says of them beside that they are members. */
export async function describeMembers(
  as: Caller,
  groupId: string,
  members: readonly GivenMember[],
  extraOfAll?: string,
): Promise<void> {
  const ofType = (type: number) => portions(members.filter((one) => one.type === type).map(({ userId }) => userId));
  for (const userIds of ofType(MEMBER_TYPES.manager)) await as.command('grantAdmins', { groupId, userIds });
  for (const userIds of ofType(MEMBER_TYPES.silent)) await as.command('ban', { groupId, userIds });
  for (const userIds of ofType(MEMBER_TYPES.allowed)) await as.command('allowToSpeak', { groupId, userIds });
  const named = members.filter((one) => one.alias !== '');
  await each(named, (one) => as.command('setDisplayName', { groupId, userId: one.userId, displayName: one.alias }));
  await each(members, ({ userId, extra: own }) => {
    const text = own === '' ? (extraOfAll ?? '') : own;
    if (text === '') return Promise.resolve();
    return as.command('setMemberExtra', { groupId, userId, set: [{ key: EXTRA_KEY, text }] });
  });
}

const page = (cursor: string | undefined) => ({ limit: PAGE.maxLimit, cursor });

/** The members who may not speak, and those who may during a ban-all. */
export async function voicesOf(as: Caller, groupId: string) {
  const [banned, allowed] = await Promise.all([
    everyPage((cursor) => as.query('banned', { groupId, ...page(cursor) })),
    everyPage((cursor) => as.query('allowList', { groupId, ...page(cursor) })),
  ]);
  return {
    silent: new Set(banned.flatMap((one) => one.banned).map(({ userId }) => userId)),
    allowed: new Set(allowed.flatMap((one) => one.members).map(({ userId }) => userId)),
  };
}
export type Voices = Awaited<ReturnType<typeof voicesOf>>;

export function typeOf({ userId, role }: Pick<MemberView, 'userId' | 'role'>, { silent, allowed }: Voices): number {
  if (role !== 'member') return role === 'owner' ? MEMBER_TYPES.owner : MEMBER_TYPES.manager;
  if (silent.has(userId)) return MEMBER_TYPES.silent;
  return allowed.has(userId) ? MEMBER_TYPES.allowed : MEMBER_TYPES.normal;
}

export const memberView = (
  member: Pick<MemberView, 'userId' | 'role' | 'joinedAt'>,
  profile: Pick<MemberProfileView, 'displayName' | 'extra'> | undefined,
  voices: Voices,
) => ({
  member_id: member.userId,
  alias: profile?.displayName ?? '',
  type: typeOf(member, voices),
  extra: profile?.extra[EXTRA_KEY] ?? '',
  createDt: Date.parse(member.joinedAt),
});

/** Members whose own data are asked for together, so that their answer fits. */
const PROFILES = 100;

/** All members in the order in which they joined. */
export async function membersOf(as: Caller, groupId: string) {
  const pages = await everyPage((cursor) => as.query('members', { groupId, ...page(cursor) }));
  const members = pages.flatMap((one) => one.members);
  const voices = await voicesOf(as, groupId);
  const profiles = new Map<string, MemberProfileView>();
  for (let at = 0; at < members.length; at += PROFILES) {
    const userIds = members.slice(at, at + PROFILES).map(({ userId }) => userId);
    const answer = await as.query('memberProfiles', { groupId, userIds });
    for (const profile of answer.profiles) profiles.set(profile.userId, profile);
  }
  return members.map((member) => memberView(member, profiles.get(member.userId), voices));
}
