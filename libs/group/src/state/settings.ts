import { DEFAULT_SETTINGS, type GroupSettings } from '@cohort/contracts';
import type { Slice } from './slice';

/** The group's settings. `initial` is also right for groups from before there were settings. */
export const settings: Slice<GroupSettings, GroupSettings> = {
  version: 1,
  initial: DEFAULT_SETTINGS,
  evolve: {
    created: (_state, { settings }) => settings,
    settingsChanged: (state, changed) => ({ ...state, ...changed }),
  },
  pack: (state) => [state],
  unpack: (_state, part) => part,
  weigh: () => 0,
};
