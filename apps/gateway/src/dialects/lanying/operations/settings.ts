import { JOIN_POLICIES, type GroupSettings } from '@cohort/contracts';
import { yes } from '../envelope';
import { body, bool, groupId, whole } from '../fields';
import { operation } from '../operation';

type Flag = { [S in keyof GroupSettings]: GroupSettings[S] extends boolean ? S : never }[keyof GroupSettings];

/** A row that switches one setting. */
const flag = (setting: Flag, path: string, source: string, summary: string) =>
  operation(setting, ['POST', 'PUT'], `/group/settings/${path}`, {
    source,
    summary,
    access: 'actor',
    input: { group_id: groupId, value: body.required(bool) },
    does: ({ as, input }) => as.command('changeSettings', { groupId: input.group_id, [setting]: input.value }),
    answer: yes,
  });

/** The settings of a group, which the owner and the admins change. */
export const settings = [
  flag('membersMayInvite', 'allow_member_invitation', '7.59, 7.60', 'lets members invite users, or not'),
  flag('membersMayModify', 'allow_member_modify', '7.61, 7.62', 'lets members change what describes the group, or not'),
  flag(
    'readAck',
    'enable_read_ack',
    '7.64, 7.65',
    'is stored for a message service: messages are acknowledged when read',
  ),
  flag('historyVisible', 'history_visible', '7.66, 7.67', 'lets new members read earlier messages, or not'),
  flag('hideMemberInfo', 'hide_member_info', 'Swagger file', "is stored for clients: they hide members' profiles"),

  operation('joinPolicy', ['POST', 'PUT'], '/group/settings/require_admin_approval', {
    source: '7.68, 7.69',
    summary: 'sets how users join a public group: 0 at once, 1 with approval, 2 by invitation only',
    access: 'actor',
    input: { group_id: groupId, apply_approval: body.required(whole(0, JOIN_POLICIES.length - 1)) },
    does: ({ as, input }) =>
      as.command('changeSettings', { groupId: input.group_id, joinPolicy: JOIN_POLICIES[input.apply_approval] }),
    answer: yes,
  }),
];
