import { done } from '../envelope';
import { mustHaveDone, WildfireChatError } from '../errors';
import { defaulting, flag, groupId, members, notice, operator } from '../fields';
import { noticeOf } from '../notices';
import { actingFor, liveGroup, operation } from '../operation';

const input = { operator, group_id: groupId, members, is_manager: defaulting(flag, false), ...notice } as const;

/** Operations that change the types of members. The flag of all three is called `is_manager`, as the SDKs send it. */
const row = (
  name: 'set' | 'mute' | 'allow',
  summary: string,
  shownAs: 'manager' | 'silence' | 'allow',
  commands: readonly [on: Command, off: Command],
) =>
  operation(`manager/${name}`, 'POST', `/admin/group/manager/${name}`, {
    source: {
      set: 'Java SDK, setGroupManager',
      mute: 'Java SDK, muteGroupMemeber',
      allow: 'Java SDK, allowGroupMemeber',
    }[name],
    summary,
    input,
    does: async ({ as, input: { operator: by, group_id: groupId, members: userIds, is_manager: on, ...given } }) => {
      const { owner } = await liveGroup(as, groupId);
      if (name === 'set' && userIds.includes(owner)) throw new WildfireChatError(248);
      const shown = noticeOf(given, shownAs, groupId, { o: by, n: on ? '1' : '0', ms: userIds });
      const command = on ? commands[0] : commands[1];
      const { results } = await actingFor(as, by).command(command, { groupId, userIds, ...shown });
      mustHaveDone(results, ['NOT_A_MEMBER', 'USER_UNKNOWN']);
    },
    answer: done,
  });
type Command = 'grantAdmins' | 'revokeAdmins' | 'ban' | 'unban' | 'allowToSpeak' | 'disallowToSpeak';

export const managers = [
  row('set', 'makes members managers, or plain members again', 'manager', ['grantAdmins', 'revokeAdmins']),
  row('mute', 'forbids members to speak, or no longer', 'silence', ['ban', 'unban']),
  row('allow', 'lets members speak in a muted group, or no longer', 'allow', ['allowToSpeak', 'disallowToSpeak']),
];
