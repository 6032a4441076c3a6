import type { GroupHandlers, ReadFeature } from '../feature';
import { setSettings } from '../tables/group-flags';

const handlers: GroupHandlers = {
  settingsChanged: (group, changed) => setSettings(group, changed),

  capacityChanged: (group, { capacity }) => {
    group.capacity = capacity;
  },
};

/** Settings and capacity of groups. */
export const settings = {
  name: 'settings',
  open: () => ({ group: handlers }),
} satisfies ReadFeature;
