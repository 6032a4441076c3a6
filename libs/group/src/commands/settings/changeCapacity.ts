import type { GroupCommandData } from '@cohort/contracts';
import { accept, mustFit, type Decision } from '../../decision';
import { memberCount } from '../../facts/members';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Changes the capacity. The group's members must fit into it. */
export const changeCapacity = ({ actor, capacity }: GroupCommandData<'changeCapacity'>, group: LiveGroup): Decision =>
  mustBeAllowed('changeCapacity', actor, group) ??
  mustFit(memberCount(group), capacity) ??
  accept(capacity === group.membership.capacity ? [] : [{ type: 'capacityChanged', data: { capacity } }]);
