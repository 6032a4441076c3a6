import type { GroupCommandData } from '@cohort/contracts';
import { accept, notAMember, type Decision } from '../../decision';
import { mustBeAllowed } from '../../permissions';
import { profileOf } from '../../state/member-profile';
import type { LiveGroup } from '../../state';

const MODES = {
  setMuteMode: { type: 'muteModeSet', field: 'muteMode' },
  setPushMode: { type: 'pushModeSet', field: 'pushMode' },
} as const;

/** Sets one of a member's modes. */
export const setMode =
  (name: keyof typeof MODES) =>
  ({ actor, userId, mode }: GroupCommandData<keyof typeof MODES>, group: LiveGroup): Decision => {
    const forbidden = mustBeAllowed(name, actor, group, [userId]);
    if (forbidden) return forbidden;
    if (!group.membership.members.has(userId)) return notAMember(userId);
    const { type, field } = MODES[name];
    if (mode === (profileOf(group.memberProfile, userId)[field] ?? 0)) return accept([]);
    return accept([{ type, data: { userId, mode } }]);
  };
