import { JOIN_POLICIES, LIMITS, PAGE, type GroupSettings, type GroupView } from '@cohort/contracts';
import type { Caller } from '../../dialect/caller';
import type { Schema } from '../../dialect/fields';
import type { JsonObject } from '../../dialect/json';
import { WildfireChatError } from './errors';
import { id, optionalIn, text, whole } from './fields';

/** Fields of the vendor that no rule knows, with the value that a group made elsewhere has. */
export const KEPT = { type: 2, private_chat: 0, history_message: 0, super_group: 0 } as const;
export type Kept = { readonly [K in keyof typeof KEPT]: number };

/** The key of the attribute that keeps a field. */
export const attributeOf = (field: keyof Kept): string => `wildfirechat.${field}`;

/** The attribute that `create` sets in its last command. */
export const COMPLETE = attributeOf('type');

/** A new group as a request describes it. */
export interface GivenGroup extends Kept {
  readonly groupId: string | undefined;
  readonly name: string | undefined;
  readonly portrait: string;
  readonly owner: string | undefined;
  readonly extra: string;
  readonly mute: number;
  readonly settings: Partial<GroupSettings>;
  readonly capacity: number | undefined;
}

export const name = text(LIMITS.name, 1, true);
export const portrait = text(LIMITS.avatar, 0, true);
export const groupExtra = text(LIMITS.ext);
export const joinType = whole(0, 2);
export const switched = whole(0, 1);
/** The vendor's server answers another type with a code of its own: 2. */
const groupType = whole(0, 3, () => {
  throw new WildfireChatError(2);
});

/** How users join: by themselves (0), members invite them (1), managers do (2). */
export const settingsOfJoinType = (value: number): Partial<GroupSettings> => ({
  joinPolicy: JOIN_POLICIES[value] ?? 'forbidden',
  membersMayInvite: value < 2,
});

/** Whether a search finds the group: 0 it does, 1 it doesn't. */
export const settingsOfSearchable = (value: number): Partial<GroupSettings> => ({
  visibility: value === 0 ? 'public' : 'private',
});

/** The number fields are always sent by the vendor's SDK for Java: 0 never is a limit. */
export function givenGroup(info: JsonObject): GivenGroup {
  const number = (field: string, max: number) => optionalIn(info, whole(0, max), field) ?? 0;
  const capacity = number('max_member_count', LIMITS.capacity);
  const groupId = info.target_id === '' ? undefined : optionalIn(info, id, 'target_id');
  const owner = info.owner === '' ? undefined : optionalIn(info, id, 'owner');
  return {
    groupId,
    owner,
    name: info.name === '' ? undefined : optionalIn(info, name, 'name'),
    portrait: optionalIn(info, portrait, 'portrait') ?? '',
    extra: optionalIn(info, groupExtra, 'extra') ?? '',
    mute: number('mute', 1),
    settings: { ...settingsOfJoinType(number('join_type', 2)), ...settingsOfSearchable(number('searchable', 1)) },
    capacity: capacity === 0 ? undefined : capacity,
    type: optionalIn(info, groupType, 'type') ?? 0,
    private_chat: number('private_chat', 1),
    history_message: number('history_message', 1),
    super_group: number('super_group', 1),
  };
}

const TEXT: Schema = { type: 'string' };
const NUMBER: Schema = { type: 'integer' };
export const INFO_FIELDS = {
  ...{ target_id: TEXT, name: TEXT, portrait: TEXT, owner: TEXT, type: NUMBER, extra: TEXT, mute: NUMBER },
  ...{ join_type: NUMBER, private_chat: NUMBER, searchable: NUMBER, max_member_count: NUMBER },
  ...{ history_message: NUMBER, super_group: NUMBER },
};
export const GROUP_INFO: Schema = { type: 'object', properties: INFO_FIELDS, required: Object.keys(INFO_FIELDS) };

/** A group with its 13 fields. `max_member_count` is the present count of members, as the vendor's server has it. */
export function groupInfo(group: GroupView, kept: Kept) {
  const { settings } = group;
  return {
    target_id: group.groupId,
    name: group.name,
    portrait: group.avatar,
    owner: group.owner,
    type: kept.type,
    extra: group.ext,
    mute: group.banAll === undefined ? 0 : 1,
    join_type: settings.visibility === 'chatroom' ? 0 : JOIN_POLICIES.indexOf(settings.joinPolicy),
    private_chat: kept.private_chat,
    searchable: settings.visibility === 'private' ? 1 : 0,
    max_member_count: group.memberCount,
    history_message: kept.history_message,
    super_group: kept.super_group,
  };
}

export const GROUP_EXAMPLE = {
  target_id: 'g1',
  name: 'Sales',
  portrait: '',
  owner: 'u1',
  type: 2,
  extra: '',
  mute: 0,
  join_type: 0,
  private_chat: 0,
  searchable: 0,
  max_member_count: 3,
  history_message: 0,
  super_group: 0,
};

/** The infos of the groups that exist, in the order of the ids. */
export async function infosOf(as: Caller, groupIds: readonly string[]) {
  const infos: ReturnType<typeof groupInfo>[] = [];
  for (let at = 0; at < groupIds.length; at += PAGE.maxGroupIds) {
    const some = groupIds.slice(at, at + PAGE.maxGroupIds);
    const [{ groups }, { groups: kept }] = await Promise.all([
      as.query('groups', { groupIds: [...some] }),
      as.query('attributes', { groupIds: [...some] }),
    ]);
    const attributes = new Map(kept.map((one) => [one.groupId, one.attributes]));
    for (const group of groups) {
      if (group.status !== 'dismissed') infos.push(groupInfo(group, keptOf(attributes.get(group.groupId))));
    }
  }
  return infos;
}

export function keptOf(attributes: Readonly<Record<string, string>> = {}): Kept {
  const fields = Object.keys(KEPT) as (keyof Kept)[];
  return Object.fromEntries(
    fields.map((field) => [field, Number(attributes[attributeOf(field)] ?? KEPT[field])]),
  ) as unknown as Kept;
}
