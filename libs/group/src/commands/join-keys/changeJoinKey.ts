import type { GroupCommandData } from '@cohort/contracts';
import { accept, type Decision } from '../../decision';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Revokes all join codes of the group. Each command does so, also one that is asked again. */
export const changeJoinKey = ({ actor }: GroupCommandData<'changeJoinKey'>, group: LiveGroup): Decision =>
  mustBeAllowed('changeJoinKey', actor, group) ??
  accept([{ type: 'joinKeyChanged', data: { key: group.joinKeys.key + 1 } }]);
