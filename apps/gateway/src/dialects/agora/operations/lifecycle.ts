import { CohortError, LIMITS } from '@cohort/contracts';
import { randomInt } from 'node:crypto';
import type { Caller } from '../../../dialect/caller';
import type { Input } from '../../../dialect/fields';
import { AgoraError, badField, notGiven } from '../errors';
import { body, bool, group, inPath, maxUsers, text, user, userNames, VERSION, withoutSlash } from '../fields';
import { operation, type Row } from '../operation';
import type { Shape } from '../paths';
import { mustSucceed } from '../results';
import { BOOLEAN, object, STRING } from '../views';

/** The limits of both documents, in code points or bytes. */
export const TEXTS = {
  groupname: withoutSlash(text(128, { oneLine: true })),
  description: withoutSlash(text(512)),
  avatar: text(1_024, { oneLine: true }),
  custom: text(8 * 1_024, { inAgora: 1_024, bytes: true }),
};

/** A group for more members than this has no offline push, says Shengwang's document. */
const MOST_WITH_PUSH = 3_000;

/** The attribute of a group without offline push, for a push service. */
export const withoutPush = (capacity: number) =>
  capacity > MOST_WITH_PUSH ? { set: [{ key: 'offlinePush', text: 'false' }] } : { remove: ['offlinePush'] };

/** First members of a group, in as many commands as they need. */
const MOST_MEMBERS = 10_000;

/** Members of a group whose creator names no number: of a plain group, and of a large one. */
const MAX_USERS = { normal: 200, large: 1_000 };
/** First members that Agora's document allows. */
const AGORA_MEMBERS = 100;

const CREATE = {
  groupid: body.optional(group),
  groupname: body.optional(TEXTS.groupname),
  desc: body.optional(TEXTS.description),
  description: body.optional(TEXTS.description),
  avatar: body.optional(TEXTS.avatar),
  public: body.optional(bool),
  maxusers: body.optional(maxUsers(LIMITS.capacity)),
  scale: body.optional(text(16)),
  allowinvites: body.optional(bool),
  membersonly: body.optional(bool),
  members_only: body.optional(bool),
  approval: body.optional(bool),
  invite_need_confirm: body.optional(bool),
  owner: body.optional(user),
  members: body.optional(userNames(MOST_MEMBERS)),
  custom: body.optional(TEXTS.custom),
};
type Given = Input<typeof CREATE>;

/** What the documents require. The fields are checked in the order of the document. */
function required(input: Given, shape: Shape): { readonly isPublic: boolean; readonly owner: string } {
  if (shape === 'agora' && input.groupname === undefined) throw notGiven('groupname');
  if (shape === 'agora' && (input.desc ?? input.description) === undefined) throw notGiven('desc');
  if (input.public === undefined) throw badField('group must contain public field!');
  if (input.owner === undefined) throw notGiven('owner');
  return { isPublic: input.public, owner: input.owner };
}

async function create({ as, input, shape }: Row<typeof CREATE>): Promise<string> {
  const { isPublic, owner } = required(input, shape);
  const capacity = input.maxusers ?? (input.scale?.toLowerCase() === 'large' ? MAX_USERS.large : MAX_USERS.normal);
  const members = (input.members ?? []).filter((one) => one !== owner);
  if (shape === 'agora' && members.length > AGORA_MEMBERS)
    throw badField(`members size is more than max limit : ${AGORA_MEMBERS}`);
  if (members.length + 1 > capacity) throw new AgoraError('exceeds', 'members size is greater than max user size !');
  // A group without a name has its id as name, as every group has a name here.
  const named = input.groupname === '' ? undefined : input.groupname;
  const groupId = input.groupid ?? (named === undefined ? String(randomInt(1, 2 ** 48 - 1)) : undefined);
  const { groupId: made } = await as.command('create', {
    ...{ groupId, owner, capacity, avatar: input.avatar, ext: input.custom },
    members: members.slice(0, LIMITS.createMembers),
    name: named ?? groupId!,
    description: input.desc ?? input.description,
    settings: {
      visibility: isPublic ? 'public' : 'private',
      joinPolicy: (input.membersonly ?? input.members_only ?? input.approval) ? 'approval' : 'open',
      membersMayInvite: !isPublic && (input.allowinvites ?? false),
      inviteNeedsConfirm: input.invite_need_confirm ?? true,
    },
  });
  if (capacity > MOST_WITH_PUSH) await as.command('setAttributes', { groupId: made, ...withoutPush(capacity) });
  for (let from = LIMITS.createMembers; from < members.length; from += LIMITS.usersPerCommand) {
    const userIds = members.slice(from, from + LIMITS.usersPerCommand);
    mustSucceed(await as.command('addMembers', { groupId: made, userIds }));
  }
  return made;
}

/** Throws for a group that is unknown or dismissed. */
export async function mustLive(as: Caller, groupId: string): Promise<void> {
  const { status } = await as.query('group', { groupId });
  if (status === 'dismissed') throw new AgoraError('notFound', `grpID ${groupId} does not exist!`);
}

/** Throws for a disabled group, where no command does because nothing is to be changed. */
export async function mustBeEnabled(as: Caller, groupId: string): Promise<void> {
  const { status } = await as.query('group', { groupId });
  if (status === 'disabled') throw new CohortError('GROUP_DISABLED', 'is disabled');
}

const switched = (name: 'disable' | 'enable', disabled: boolean, summary: string) =>
  operation(name, 'POST', `/chatgroups/{group_id}/${name}`, {
    source: 'Shengwang',
    summary,
    access: 'app',
    input: { group_id: inPath(group) },
    does: async ({ as, shape, input: { group_id: groupId } }) => {
      await as.command(name, { groupId });
      return { data: { disabled }, properties: shape === 'shengwang' };
    },
    data: { schema: object({ disabled: BOOLEAN }), example: { disabled } },
  });

/** The beginning and the end of a group. */
export const lifecycle = [
  operation('create', 'POST', '/chatgroups', {
    source: 'both',
    summary: "makes a group; a user's token makes that user's own",
    access: 'anyone',
    input: CREATE,
    does: async (row) => ({ data: { groupid: await create(row) } }),
    data: { schema: object({ groupid: STRING }), example: { groupid: '2306414607729' } },
  }),

  operation('delete', 'DELETE', '/chatgroups/{group_id}', {
    source: 'both',
    summary: 'dismisses the group; only the owner and the app may',
    access: 'anyone',
    input: { group_id: inPath(group), version: VERSION },
    does: async ({ as, input: { group_id: groupId, version } }) => {
      // The command succeeds on a group that was dismissed before; here such a group doesn't exist.
      await mustLive(as, groupId);
      await as.command('dismiss', { groupId });
      return { data: { success: true, groupid: groupId, ...(version === 'v3' && { id: groupId }) } };
    },
    data: {
      schema: object({ success: BOOLEAN, groupid: STRING }),
      example: { success: true, groupid: '2306414607729' },
    },
  }),

  switched('disable', true, 'stops the group: nothing changes it until it is enabled'),
  switched('enable', false, 'lets the group work again'),
];
