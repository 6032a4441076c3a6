import { DEFAULT_SETTINGS, type GroupCommandData, type GroupSettings } from '@cohort/contracts';
import { accept, type Decision } from '../../decision';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

const NAMES = Object.keys(DEFAULT_SETTINGS) as (keyof GroupSettings)[];

/** Changes settings; the event names only what differs. */
export function changeSettings(data: GroupCommandData<'changeSettings'>, group: LiveGroup): Decision {
  const changed = NAMES.filter((name) => data[name] !== undefined && data[name] !== group.settings[name]);
  const values = Object.fromEntries(changed.map((name) => [name, data[name]]));
  return (
    mustBeAllowed('changeSettings', data.actor, group) ??
    accept(changed.length === 0 ? [] : [{ type: 'settingsChanged', data: values }])
  );
}
