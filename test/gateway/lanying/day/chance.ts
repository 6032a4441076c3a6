import type { Random } from '../../../faults/random';
import type { Asked, Fields, Who } from './asked';
import type { Day, Group } from './model';

/** No group has this id, and no announcement or file this number. */
const UNKNOWN = 6_000_000;
const TEXTS = ['', 'Sales', '小组 & Co', '👍', 'a "quoted" text', 'x'.repeat(60)];

/** Users whom something connects with the group that isn't over: an application, an invitation, a ban, a block. */
function connected(day: Day, group: Group | undefined): number[] {
  if (!group) return [];
  const invited = day.invitations.filter((one) => one.group === group.id && one.status === 0).map((one) => one.invitee);
  const applied = group.applications.filter(({ status }) => status === 0).map(({ applicant }) => applicant);
  return [...invited, ...applied, ...group.banned.keys(), ...group.blocked];
}

/** A user: a member, somebody who is connected with the group, or anybody. */
const userAmong = (random: Random, day: Day, group: Group | undefined): number => {
  const members = [...(group?.members.keys() ?? [])];
  const others = connected(day, group);
  if (random.chance(0.25) && others.length > 0) return random.pick(others);
  return random.chance(0.5) && members.length > 0 ? random.pick(members) : random.pick(day.users);
};
const usersAmong = (random: Random, day: Day, group: Group | undefined): number[] =>
  Array.from({ length: random.between(1, 5) }, () => userAmong(random, day, group));

function someGroup(random: Random, day: Day): Group | undefined {
  if (day.groups.length === 0 || random.chance(0.03)) return undefined;
  const live = day.groups.filter(({ isLive }) => isLive);
  return random.pick(live.length > 0 && random.chance(0.95) ? live : day.groups);
}

/** What a field's value depends on. */
interface Given {
  readonly path: string;
  readonly random: Random;
  readonly day: Day;
  readonly group: Group | undefined;
}

const text = ({ random }: Given, least = 0): string => random.pick(TEXTS.slice(least));
const oneToThree = <T>({ random }: Given, of: () => T): T[] => Array.from({ length: random.between(1, 3) }, of);
const fileId = ({ random, group }: Given): number => random.between(0, (group?.lastFile ?? 0) + 1);

/** A value of each field; a text where it has none here. */
const VALUES: Readonly<Partial<Record<keyof Fields, (given: Given) => unknown>>> = {
  group_id: ({ group }) => group?.id ?? UNKNOWN,
  group_list: (given) => oneToThree(given, () => someGroup(given.random, given.day)?.id ?? UNKNOWN),
  user_list: ({ path, random, day, group }) =>
    path === '/group/create' ? random.some(day.users, random.between(5, 15)) : usersAmong(random, day, group),
  user_id: ({ path, random, day, group }) => random.pick(waiting(path, day, group) ?? [userAmong(random, day, group)]),
  new_owner: ({ random, day, group }) => userAmong(random, day, group),
  approval: ({ random }) => random.chance(0.6),
  value: (given) => {
    const { path, random } = given;
    return path.includes('/settings/') ? random.chance(0.5) : text(given, path.endsWith('/name') ? 1 : 0);
  },
  duration: ({ random }) => random.pick([-1, 1, 5, 60]),
  apply_approval: ({ random }) => random.pick([0, 1, 1, 2]),
  msg_mute_mode: ({ random }) => random.between(0, 2),
  msg_push_mode: ({ random }) => random.between(0, 4),
  announcement_id: ({ random, group }) => random.between(0, (group?.lastAnnouncement ?? 0) + 1),
  file_id: fileId,
  file_list: (given) => oneToThree(given, () => fileId(given)),
  qr_info: ({ random, day }) => random.pick(['no code', ...day.codes.map((code) => code.text)]),
  type: (given) => (given.path === '/group/create' ? given.random.pick([0, 1, 1, 2]) : text(given)),
  size: ({ random }) => random.between(0, 2 ** 33),
  name: (given) => text(given, 1),
  url: (given) => text(given, 1),
  content: (given) => text(given, 1),
};

/** Users who wait for an answer: the applicants of a group, or whoever invited somebody to it. */
function waiting(path: string, day: Day, group: Group | undefined): number[] | undefined {
  const pending = path.startsWith('/group/apply')
    ? (group?.applications ?? []).filter(({ status }) => status === 0).map(({ applicant }) => applicant)
    : day.invitations.filter((one) => one.group === group?.id && one.status === 0).map(({ inviter }) => inviter);
  return pending.length > 0 ? pending : undefined;
}

function whoCalls(random: Random, day: Day, group: Group | undefined): Who {
  if (random.chance(0.06)) return { as: 'service' };
  const leaders = group ? [group.owner, ...group.admins] : [];
  const user = random.chance(0.4) && leaders.length > 0 ? random.pick(leaders) : userAmong(random, day, group);
  return { as: random.chance(0.1) ? 'admin for user' : 'user', user };
}

/** Fields that may be missing. */
const OPTIONAL: readonly string[] = [
  'reason',
  'duration',
  'avatar',
  'description',
  'type',
  'cursor',
  'limit',
  'version',
];
const isOptional = (path: string, field: string): boolean =>
  OPTIONAL.includes(field) ||
  (path === '/group/create' && field === 'user_list') ||
  (path === '/group/application_list' && field === 'group_list');
/** Of pages, which `lists.ts` asks for. */
const NOT_HERE: readonly string[] = ['cursor', 'limit', 'version'];

/** A call of this operation, as it comes. */
export function anyCall(path: string, fields: readonly string[], random: Random, day: Day): Asked {
  const group = someGroup(random, day);
  const given: Given = { path, random, day, group };
  const values = fields
    .filter((field) => !NOT_HERE.includes(field) && !(isOptional(path, field) && random.chance(0.4)))
    .map((field): [string, unknown] => [field, (VALUES[field as keyof Fields] ?? text)(given)]);
  return { path, by: whoCalls(random, day, group), fields: Object.fromEntries(values) };
}
