import { CohortError, LIMITS, PAGE, type GroupView } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { mayAct, mustRead } from '../access';
import { AgoraError, badField } from '../errors';
import { body, bool, group, inPath, maxUsers, query, text, user, type AgoraField } from '../fields';
import { operation, type Row } from '../operation';
import type { Shape } from '../paths';
import { details, DETAILS, DETAILS_EXAMPLE, isShielded, list } from '../views';
import { TEXTS, withoutPush } from './lifecycle';

/** Ids of one call for details. */
const GROUP_IDS: AgoraField<string[]> = inPath({
  schema: { type: 'string', description: 'up to 100, separated by commas' },
  read: (value, name, shape) => {
    const ids = [...new Set(String(value).split(','))];
    if (ids.length > PAGE.maxGroupIds) throw badField(`${name} has more than ${PAGE.maxGroupIds} ids`);
    return ids.map((id) => group.read(id, name, shape));
  },
});

/** Groups with long texts may be too large together: then they are asked for in halves. */
async function liveOf(as: Caller, groupIds: string[]): Promise<GroupView[]> {
  try {
    const { groups } = await as.query('groups', { groupIds });
    return groups.filter(({ status }) => status !== 'dismissed');
  } catch (error) {
    if (!(error instanceof CohortError) || error.code !== 'TOO_LARGE' || groupIds.length < 2) throw error;
    const half = groupIds.length >> 1;
    return [...(await liveOf(as, groupIds.slice(0, half))), ...(await liveOf(as, groupIds.slice(half)))];
  }
}

const ASKED = { group_id: GROUP_IDS, joined_time: query.optional(text(8)) };

/** The role of the acting user, and whether they get no messages of the group. */
async function ownOf(as: Caller, userId: string, groupId: string) {
  const role = await mustRead(as, userId, groupId, 'reader');
  if (role === undefined) return { shieldgroup: false };
  const { profiles } = await as.query('memberProfiles', { groupId, userIds: [userId] });
  return { permission: role, shieldgroup: profiles.some(isShielded) };
}

/** Details of groups, in the order of the ids; of a group that doesn't exist, a text that says so. */
async function detailsOf({ as, actor, input }: Row<typeof ASKED>) {
  const { group_id: ids, joined_time: time } = input;
  const live = new Map((await liveOf(as, ids)).map((view) => [view.groupId, view]));
  const [only] = ids;
  if (ids.length === 1 && !live.has(only!)) throw new AgoraError('notFound', `grpID ${only} does not exist!`);
  const data: object[] = [];
  for (const id of ids) {
    const view = live.get(id);
    if (!view) {
      data.push({ id, error: "group id doesn't exist" });
      continue;
    }
    const own = actor.type === 'user' ? await ownOf(as, actor.id, id) : {};
    data.push({ ...(await details(as, view, time === 'true')), ...own });
  }
  return { data, count: live.size };
}

const CHANGE = {
  group_id: inPath(group),
  groupname: body.optional(TEXTS.groupname),
  name: body.optional(TEXTS.groupname),
  desc: body.optional(TEXTS.description),
  description: body.optional(TEXTS.description),
  avatar: body.optional(TEXTS.avatar),
  maxusers: body.optional(maxUsers(LIMITS.capacity)),
  membersonly: body.optional(bool),
  members_only: body.optional(bool),
  approval: body.optional(bool),
  allowinvites: body.optional(bool),
  invite_need_confirm: body.optional(bool),
  public: body.optional(bool),
  custom: body.optional(TEXTS.custom),
  newowner: body.optional(user),
};
type Name = Exclude<keyof typeof CHANGE, 'group_id'>;

/** Fields that only one of the two APIs changes. */
const ONLY: Readonly<Partial<Record<Name, Shape>>> = {
  ...{ name: 'agora', desc: 'agora', public: 'shengwang', invite_need_confirm: 'shengwang' },
};
/** Other names of a field: the answer has the first. */
const SAME: Readonly<Record<string, string>> = {
  ...{ name: 'groupname', desc: 'description', approval: 'membersonly', members_only: 'membersonly' },
};

/** Throws for fields that can't be changed. One of them refuses the whole request. */
function mustBeFields(names: readonly string[], shape: Shape): void {
  const isField = (name: string) =>
    name !== 'group_id' && Object.hasOwn(CHANGE, name) && (ONLY[name as Name] ?? shape) === shape;
  const wrong = names.filter((name) => !isField(name));
  if (wrong.length > 0) throw badField(`some of [${wrong.join(', ')}] are not valid fields`);
}

async function transfer(as: Caller, groupId: string, newOwner: string): Promise<void> {
  const { owner } = await as.query('group', { groupId });
  if (owner === newOwner) throw new AgoraError('forbidden', 'new owner and old owner are the same');
  try {
    await as.command('transfer', { groupId, newOwner });
  } catch (error) {
    // A caller who isn't the owner is refused before.
    if (!(error instanceof CohortError) || error.code !== 'NOT_A_MEMBER') throw error;
    throw new AgoraError('forbidden', `user: ${newOwner} doesn't exist in group: ${groupId}`);
  }
}

async function resize(as: Caller, groupId: string, capacity: number): Promise<void> {
  try {
    await as.command('changeCapacity', { groupId, capacity });
    await as.command('setAttributes', { groupId, ...withoutPush(capacity) });
  } catch (error) {
    if (!(error instanceof CohortError) || error.code !== 'CAPACITY_REACHED') throw error;
    const text = 'current user count is larger than the maxUsers that you want to update !';
    throw new AgoraError('forbidden', text);
  }
}

const isGiven = (values: object): boolean => Object.values(values).some((value) => value !== undefined);

async function change({ as, actor, input, shape, call }: Row<typeof CHANGE>) {
  const { group_id: groupId } = input;
  const sent = Object.entries(call.body ?? {}).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [name],
  );
  mustBeFields(sent, shape);
  if (input.groupname === '' || input.name === '') throw badField('groupname must be provided');
  const approval = input.membersonly ?? input.members_only ?? input.approval;
  const info = {
    name: input.groupname ?? input.name,
    description: input.description ?? input.desc,
    ...{ avatar: input.avatar, ext: input.custom },
  };
  const settings = {
    joinPolicy: approval === undefined ? undefined : approval ? ('approval' as const) : ('open' as const),
    visibility: input.public === undefined ? undefined : input.public ? ('public' as const) : ('private' as const),
    ...{ membersMayInvite: input.allowinvites, inviteNeedsConfirm: input.invite_need_confirm },
  };
  // Those that a group may refuse come first, and the transfer last: it takes the rights of a user's token away.
  await mayAct('member', as, actor, { groupId, userId: undefined });
  if (input.maxusers !== undefined) await resize(as, groupId, input.maxusers);
  if (isGiven(info)) await as.command('changeInfo', { groupId, ...info });
  if (isGiven(settings)) await as.command('changeSettings', { groupId, ...settings });
  if (input.newowner !== undefined) await transfer(as, groupId, input.newowner);
  if (sent.length === 0) await as.query('group', { groupId });
  return {
    data: Object.fromEntries(sent.map((name) => [SAME[name] ?? name, true])),
    properties: shape === 'shengwang',
  };
}

/** What describes a group. */
export const info = [
  operation('details', 'GET', '/chatgroups/{group_id}', {
    source: 'both',
    summary: 'returns up to 100 groups with their members; of a private group to members. A user also gets their role',
    access: 'anyone',
    input: ASKED,
    does: async (row) => ({ ...(await detailsOf(row)), properties: row.shape === 'shengwang' }),
    data: { schema: list(DETAILS), example: [DETAILS_EXAMPLE] },
  }),

  operation('change', 'PUT', '/chatgroups/{group_id}', {
    source: 'both',
    summary: 'changes the fields that are sent; `newowner` makes another member the owner',
    access: 'anyone',
    input: CHANGE,
    does: change,
    data: { schema: { type: 'object' }, example: { groupname: true, maxusers: true } },
  }),
];
