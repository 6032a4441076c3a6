import type { GroupCommandData, GroupEventData } from '@cohort/contracts';
import { accept, type Decision } from '../../decision';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

const FIELDS = ['name', 'description', 'avatar', 'ext'] as const satisfies (keyof GroupEventData['infoChanged'])[];

/** Changes name, description, avatar and ext; the event names only what differs. */
export function changeInfo(data: GroupCommandData<'changeInfo'>, group: LiveGroup): Decision {
  const changed = FIELDS.filter((field) => data[field] !== undefined && data[field] !== group.info[field]);
  const values = Object.fromEntries(changed.map((field) => [field, data[field]]));
  return (
    mustBeAllowed('changeInfo', data.actor, group) ??
    accept(changed.length === 0 ? [] : [{ type: 'infoChanged', data: values }])
  );
}
