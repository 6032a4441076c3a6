import type { GroupSettings } from '@cohort/contracts';
import type { OperationCase, OperationCases } from './operation-case';
import type { World } from './world';

const changes =
  (over: Partial<GroupSettings>) =>
  async ({ nats, groupId }: World) => {
    expect(await nats.query('group', { groupId: String(groupId) })).toMatchObject({ settings: over });
  };

const flag = (setting: keyof GroupSettings): OperationCase => ({
  fields: ({ groupId }) => ({ group_id: groupId, value: true }),
  answers: () => ({ code: 200, data: true }),
  refuses: { member: 20012, stranger: 20011 },
  then: changes({ [setting]: true }),
});

export const settings: OperationCases = {
  '/group/settings/allow_member_invitation': flag('membersMayInvite'),
  '/group/settings/allow_member_modify': flag('membersMayModify'),
  '/group/settings/enable_read_ack': flag('readAck'),
  '/group/settings/history_visible': flag('historyVisible'),
  '/group/settings/hide_member_info': flag('hideMemberInfo'),
  '/group/settings/require_admin_approval': {
    fields: ({ groupId }) => ({ group_id: groupId, apply_approval: 2 }),
    answers: () => ({ code: 200, data: true }),
    refuses: { member: 20012, stranger: 20011 },
    then: changes({ joinPolicy: 'forbidden' }),
  },
};
