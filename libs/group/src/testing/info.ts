import * as fc from 'fast-check';
import { actor, name, type Samples } from './sample';

const text = fc.constantFrom('', 'a', 'b');

export const info = {
  changeInfo: {
    fields: fc.record({ actor, name, description: text, avatar: text, ext: text }, { requiredKeys: [] }),
    example: () => ({ name: 'Again' }),
    holds: (data, state) =>
      state.status === 'live' &&
      (['name', 'description', 'avatar', 'ext'] as const).every(
        (field) => data[field] === undefined || data[field] === state.info[field],
      ),
  },
} satisfies Samples;
