import type { GroupCommandData } from '@cohort/contracts';
import { accept, type Decision } from '../../decision';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Stops the group; a disabled one stays as it is. */
export const disable = ({ actor }: GroupCommandData<'disable'>, group: LiveGroup): Decision =>
  mustBeAllowed('disable', actor, group) ??
  accept(group.lifecycle.disabled ? [] : [{ type: 'disabled', data: { threads: true } }]);
