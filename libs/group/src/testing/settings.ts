import * as fc from 'fast-check';
import type { GroupSettings } from '@cohort/contracts';
import { actor, someSettings, type Samples } from './sample';

export const settings = {
  changeSettings: {
    fields: fc.tuple(actor, someSettings).map(([by, changed]) => ({ actor: by, ...changed })),
    example: () => ({ membersMayInvite: true }),
    holds: (data, state) =>
      state.status === 'live' &&
      Object.entries(state.settings).every(([name, value]) => {
        const wanted = data[name as keyof GroupSettings];
        return wanted === undefined || wanted === value;
      }),
  },
  changeCapacity: {
    fields: fc.record({ actor, capacity: fc.integer({ min: 1, max: 8 }) }),
    example: () => ({ capacity: 9 }),
    holds: ({ capacity }, state) => state.status === 'live' && state.membership.capacity === capacity,
  },
} satisfies Samples;
