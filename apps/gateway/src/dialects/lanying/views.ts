import { JOIN_POLICIES, VISIBILITIES, type GroupSettings, type GroupView, type MemberView } from '@cohort/contracts';
import type { Schema } from '../../dialect/fields';
import { ms } from './envelope';
import type { Ids } from './ids';

export const INT64: Schema = { type: 'integer', format: 'int64' };
export const STRING: Schema = { type: 'string' };
export const INTEGER: Schema = { type: 'integer' };
/** A time. */
export const MS: Schema = { ...INT64, description: 'milliseconds since 1970' };
/** The end of a ban. */
export const MS_OR_NEVER: Schema = { ...INT64, description: 'milliseconds since 1970; -1 without an end' };
export const BAN_ALL_END: Schema = { ...INT64, description: 'seconds since 1970; 0 without a ban, -1 without an end' };

/** The schema of an object whose fields are all present. */
export const object = (properties: Readonly<Record<string, Schema>>): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});

export const MEMBER: Schema = object({ user_id: INT64, display_name: STRING, join_time: MS });
export const MEMBER_EXAMPLE = { user_id: 20, display_name: '', join_time: 1790000000000 };

/** A member of a group. */
export const member = (
  { userId, joinedAt, displayName = '' }: Pick<MemberView, 'userId' | 'joinedAt' | 'displayName'>,
  ids: Ids,
) => ({
  user_id: ids.user(userId),
  display_name: displayName,
  join_time: ms(joinedAt),
});

/** The meaning of `type`. */
export const TYPES = '0 private, 1 public, 2 chatroom';

/** The vendor's number for a group's state: a disabled group exists. */
export const STATUS: Readonly<Record<GroupView['status'], number>> = { live: 0, disabled: 0, dismissed: 1 };

/** What `type` and `apply_approval` count. */
export const typeOf = ({ visibility }: GroupSettings): number => VISIBILITIES.indexOf(visibility);
/** Users join a chatroom without approval, whatever its policy is. */
export const approvalOf = ({ visibility, joinPolicy }: GroupSettings): number =>
  visibility === 'chatroom' ? 0 : JOIN_POLICIES.indexOf(joinPolicy);

/** Seconds since 1970 at which a ban-all ends: 0 if there is none, -1 if it has no end. */
export const banExpiryOf = ({ banAll }: Pick<GroupView, 'banAll'>): number => {
  if (banAll === undefined) return 0;
  return banAll.until === undefined ? -1 : Math.ceil(ms(banAll.until) / 1_000);
};

/** A group as its caller sees it: with the modes of the acting user. */
export interface SeenGroup {
  readonly view: GroupView;
  readonly muteMode: number;
  readonly pushMode: number;
}

const SUMMARY = {
  apply_approval: { ...INTEGER, description: '0 users join at once, 1 with approval, 2 by invitation only' },
  avatar: STRING,
  capacity: INTEGER,
  count: INTEGER,
  group_id: INT64,
  msg_mute_mode: INTEGER,
  msg_push_mode: INTEGER,
  name: STRING,
  status: { ...INTEGER, description: '0 exists, 1 was dismissed' },
  type: { ...INTEGER, description: TYPES },
};

const summaryOf = ({ view, muteMode, pushMode }: SeenGroup, ids: Ids) => ({
  apply_approval: approvalOf(view.settings),
  avatar: view.avatar,
  capacity: view.capacity,
  count: view.memberCount,
  group_id: ids.group(view.groupId, view.numericId),
  msg_mute_mode: muteMode,
  msg_push_mode: pushMode,
  name: view.name,
  status: STATUS[view.status],
  type: typeOf(view.settings),
});

/** An entry of a batch of groups. */
export const GROUP: Schema = object({ ...SUMMARY, owner: INT64 });
export const group = (seen: SeenGroup, ids: Ids) => ({ ...summaryOf(seen, ids), owner: ids.user(seen.view.owner) });

const BOOLEAN: Schema = { type: 'boolean' };

/** Information and settings of a group. */
export const GROUP_INFO: Schema = object({
  ...SUMMARY,
  ban_expire_time: BAN_ALL_END,
  created_at: MS,
  description: STRING,
  ext: STRING,
  hide_member_info: BOOLEAN,
  history_visible: BOOLEAN,
  member_invite: BOOLEAN,
  member_modify: BOOLEAN,
  owner_id: INT64,
  read_ack: BOOLEAN,
  updated_at: MS,
});

export const groupInfo = (seen: SeenGroup, ids: Ids) => {
  const { view } = seen;
  const { settings } = view;
  return {
    ...summaryOf(seen, ids),
    ban_expire_time: banExpiryOf(view),
    created_at: ms(view.createdAt),
    description: view.description,
    ext: view.ext,
    hide_member_info: settings.hideMemberInfo,
    history_visible: settings.historyVisible,
    member_invite: settings.membersMayInvite,
    member_modify: settings.membersMayModify,
    owner_id: ids.user(view.owner),
    read_ack: settings.readAck,
    updated_at: ms(view.updatedAt),
  };
};

const EXAMPLE = {
  ...{ apply_approval: 1, avatar: '', capacity: 1000, count: 3, group_id: 2306414607729 },
  ...{ msg_mute_mode: 0, msg_push_mode: 0, name: 'Sales', status: 0, type: 0 },
};
export const GROUP_EXAMPLE = { ...EXAMPLE, owner: 20 };
export const GROUP_INFO_EXAMPLE = {
  ...{ ...EXAMPLE, ban_expire_time: 0, created_at: 1790000000000, description: '', ext: '', hide_member_info: false },
  ...{ history_visible: false, member_invite: true, member_modify: false, owner_id: 20, read_ack: false },
  updated_at: 1790000000000,
};
