import type { GroupCommand, GroupEventData } from '@cohort/contracts';
import { accept, mustBeAdmin, type Decision } from '../decision';
import type { LiveGroup } from '../state';

type ChangeInfo = Extract<GroupCommand, { type: 'changeInfo' }>['data'];

const FIELDS = ['name', 'description', 'avatar', 'ext'] as const satisfies (keyof GroupEventData['infoChanged'])[];

/** Name, description, avatar and ext change, by the owner or an admin; only what differs is a fact. */
export function changeInfo(data: ChangeInfo, group: LiveGroup): Decision {
  const changed = FIELDS.filter((field) => data[field] !== undefined && data[field] !== group[field]);
  const values = Object.fromEntries(changed.map((field) => [field, data[field]]));
  return mustBeAdmin(data.actor, group) ?? accept(changed.length === 0 ? [] : [{ type: 'infoChanged', data: values }]);
}
