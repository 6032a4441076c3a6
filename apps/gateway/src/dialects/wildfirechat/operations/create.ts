import { CohortError, generatedGroupId, LIMITS } from '@cohort/contracts';
import { randomUUID } from 'node:crypto';
import type { Caller } from '../../../dialect/caller';
import { result } from '../envelope';
import { WildfireChatError } from '../errors';
import { invalid, isObject, notice, optional, optionalIn, optionalOperator, required, type Kind } from '../fields';
import { attributeOf, COMPLETE, givenGroup, INFO_FIELDS, KEPT, type GivenGroup, type Kept } from '../groups';
import { describeMembers, extra, givenMembers, type GivenMember } from '../members';
import { noticeOf } from '../notices';
import { actingFor, operation } from '../operation';

interface NewGroup {
  readonly info: GivenGroup;
  readonly members: readonly GivenMember[];
}

const firstMembers = givenMembers(LIMITS.createMembers);

const newGroup: Kind<NewGroup> = {
  schema: {
    type: 'object',
    // Each of its fields may be missing.
    properties: { group_info: { type: 'object', properties: INFO_FIELDS }, members: firstMembers.schema },
    required: ['group_info'],
  },
  many: firstMembers.many!,
  read: (value) => {
    if (!isObject(value) || !isObject(value.group_info)) throw new WildfireChatError('crash');
    return { info: givenGroup(value.group_info), members: optionalIn(value, firstMembers, 'members') ?? [] };
  },
};

/** What differs from a group that was made elsewhere; always the type, which completes the group. */
const keptIn = (info: Kept) =>
  (Object.keys(KEPT) as (keyof Kept)[])
    .filter((field) => info[field] !== KEPT[field] || attributeOf(field) === COMPLETE)
    .map((field) => ({ key: attributeOf(field), text: String(info[field]) }));

/**
 * Whether an earlier call, the same as this one, made this group and ended before it had completed it. Any other group with
 * this id is taken.
 */
async function isUnfinished(as: Caller, groupId: string, make: Making): Promise<boolean> {
  const [{ groups }, { events }] = await Promise.all([
    as.query('attributes', { groupIds: [groupId] }),
    as.query('events', { groupId, fromRevision: '0', limit: 1 }),
  ]);
  const first = events[0];
  return (
    groups.every(({ attributes }) => attributes[COMPLETE] === undefined) &&
    first?.type === 'created' &&
    'owner' in first.data &&
    first.data.name === make.name &&
    first.data.owner === make.owner &&
    first.notice?.vendor === make.notice?.vendor &&
    first.notice?.payload === make.notice?.payload
  );
}
type Making = { readonly name: string; readonly owner: string } & ReturnType<typeof noticeOf>;

/** How many calls of this process are creating a group, by its tenant and id. */
const running = new Map<string, number>();

async function counted<T>(key: string, call: () => Promise<T>): Promise<T> {
  running.set(key, (running.get(key) ?? 0) + 1);
  try {
    return await call();
  } finally {
    const others = running.get(key)! - 1;
    if (others > 0) running.set(key, others);
    else running.delete(key);
  }
}

export const create = [
  operation('create', 'POST', '/admin/group/create', {
    source: '创建群组',
    summary: 'creates the group with its owner, who is the operator if the group names none, and its members',
    input: {
      operator: optionalOperator,
      // The vendor's server has no check that it is there.
      group: { ...required(newGroup), read: ({ body }) => newGroup.read(body.group ?? null) },
      member_extra: optional(extra, 'memberExtra'),
      ...notice,
    },
    does: async ({ as: service, input, call }) => {
      const { info, members } = input.group;
      const owner = info.owner ?? input.operator ?? invalid();
      const as = actingFor(service, input.operator);
      const groupId = info.groupId ?? generatedGroupId(call.tenant.id, randomUUID(), 0);
      // The vendor's server takes a group without a name; every group has one here.
      const { name = groupId, portrait, extra: ext, settings, capacity } = info;
      const shown = noticeOf(input, 'create', groupId, { o: input.operator ?? owner, n: name, m: '' });
      const key = `${call.tenant.id}/${groupId}`;
      return counted(key, async () => {
        const others = members.filter(({ userId }) => userId !== owner).map(({ userId }) => userId);
        try {
          await as.command('create', {
            ...{ groupId, name, owner, members: others, avatar: portrait, ext, settings, ...shown },
            ...(capacity === undefined ? {} : { capacity }),
          });
        } catch (error) {
          const code = error instanceof CohortError ? error.code : undefined;
          // An id that a dismissed group had is taken, too.
          if (code === 'GROUP_DISMISSED' || code === 'DATA_ERASED') throw new WildfireChatError(11);
          // Of calls that run at the same time, one makes the group.
          if (code !== 'GROUP_EXISTS' || running.get(key)! > 1) throw error;
          if (!(await isUnfinished(as, groupId, { name, owner, ...shown }))) throw error;
        }
        if (info.mute === 1) await as.command('banAll', { groupId });
        await describeMembers(as, groupId, members, input.member_extra);
        // The last command: a call that ended before it is completed by its repetition.
        await as.command('setAttributes', { groupId, set: keptIn(info) });
        return groupId;
      });
    },
    answer: result<string>(
      { type: 'object', properties: { group_id: { type: 'string' } }, required: ['group_id'] },
      { group_id: 'g1' },
      (groupId) => ({ group_id: groupId }),
    ),
  }),
];
