import type { GroupCommandData, GroupEventData } from '@cohort/contracts';
import { accept, mustBeAdmin, type Decision } from '../decision';
import type { LiveGroup } from '../state';

const FIELDS = ['name', 'description', 'avatar', 'ext'] as const satisfies (keyof GroupEventData['infoChanged'])[];

/** Name, description, avatar and ext change, by the owner or an admin; only what differs is a fact. */
export function changeInfo(data: GroupCommandData<'changeInfo'>, group: LiveGroup): Decision {
  const changed = FIELDS.filter((field) => data[field] !== undefined && data[field] !== group[field]);
  const values = Object.fromEntries(changed.map((field) => [field, data[field]]));
  return mustBeAdmin(data.actor, group) ?? accept(changed.length === 0 ? [] : [{ type: 'infoChanged', data: values }]);
}
