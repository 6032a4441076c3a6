const aTime = expect.any(Number) as unknown;

const summary = {
  ...{ apply_approval: 1, avatar: '', capacity: 1_000_000, count: 1, group_id: expect.any(Number) as unknown },
  ...{ msg_mute_mode: 0, msg_push_mode: 0, name: 'Sales', status: 0, type: 0 },
};

/** An entry of `/group/info/batch`, with all its fields. */
export const groupSummary = (over: object): object => ({ ...summary, ...over });

/** Information and settings of a group, with all their fields. */
export const groupInfo = (over: object): object => ({
  ...summary,
  ...{ ban_expire_time: 0, created_at: aTime, description: '', ext: '', hide_member_info: false },
  ...{ history_visible: false, member_invite: true, member_modify: false, read_ack: false, updated_at: aTime },
  ...over,
});
