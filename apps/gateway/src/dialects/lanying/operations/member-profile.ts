import { LIMITS, type MuteMode, type PushMode, type QueryAnswers } from '@cohort/contracts';
import { wholeNumber } from '../../../dialect/numbers';
import { mustLive } from '../access';
import { bare, data, yes } from '../envelope';
import { LanyingError } from '../errors';
import { body, bool, groupId, knownUsers, text, whole } from '../fields';
import { operation } from '../operation';
import { member, MEMBER, MEMBER_EXAMPLE } from '../views';

const MUTE = whole(0, 2);
const PUSH = whole(0, 4);
/** The vendor has a code of its own for numbers that are no mode. */
const pushMode: typeof PUSH = {
  ...PUSH,
  read: (value, name) => {
    const given = typeof value === 'bigint' ? Infinity : wholeNumber(value);
    if (given !== undefined && !(given >= 0 && given <= 4)) throw new LanyingError(20003);
    return PUSH.read(value, name);
  },
};

/** What members have of their own in a group. */
export const memberProfile = [
  operation('displayName', ['POST', 'PUT'], '/group/display_name', {
    source: '7.22, 7.23',
    summary: "sets the acting user's name in the group; an empty one clears it",
    access: 'user',
    input: { group_id: groupId, value: body.required(text(LIMITS.displayName)) },
    does: ({ as, me, input }) =>
      as.command('setDisplayName', { groupId: input.group_id, userId: me(), displayName: input.value }),
    answer: yes,
  }),

  operation('displayNames', 'POST', '/group/members/display_name', {
    source: '7.50',
    summary: 'returns the names of members; other users are left out',
    access: 'member',
    input: { group_id: groupId, user_list: body.required(knownUsers) },
    does: async ({ as, input: { group_id: groupId, user_list: userIds } }) => {
      if (userIds.length > 0) return as.query('memberProfiles', { groupId, userIds });
      await mustLive(as, groupId);
      return { profiles: [] };
    },
    answer: data(
      { type: 'array', items: MEMBER },
      [MEMBER_EXAMPLE],
      ({ profiles }: Pick<QueryAnswers['memberProfiles'], 'profiles'>, ids) => profiles.map((one) => member(one, ids)),
    ),
  }),

  operation('muteMode', ['POST', 'PUT'], '/group/msg/mute_mode', {
    source: '7.51, 7.52',
    summary: 'sets which messages the acting user gets: 0 all, 1 without notifications, 2 none',
    access: 'user',
    input: { group_id: groupId, msg_mute_mode: body.required(MUTE) },
    does: ({ as, me, input }) =>
      as.command('setMuteMode', { groupId: input.group_id, userId: me(), mode: input.msg_mute_mode as MuteMode }),
    answer: bare,
  }),

  operation('pushMode', ['POST', 'PUT'], '/group/msg/push_mode', {
    source: '7.53, 7.54',
    summary: 'sets which messages are pushed: 0 all, 1 none, 2 of admins and mentions, 3 of admins, 4 mentions',
    access: 'user',
    input: { group_id: groupId, msg_push_mode: body.required(pushMode) },
    does: ({ as, me, input }) =>
      as.command('setPushMode', { groupId: input.group_id, userId: me(), mode: input.msg_push_mode as PushMode }),
    answer: bare,
  }),

  operation('notDisturb', 'POST', '/group/msg/not_disturb', {
    source: 'Web SDK',
    summary: 'true is the mute mode 1, false the mute mode 0',
    access: 'user',
    input: { group_id: groupId, value: body.required(bool) },
    does: ({ as, me, input }) =>
      as.command('setMuteMode', { groupId: input.group_id, userId: me(), mode: input.value ? 1 : 0 }),
    answer: yes,
  }),
];
