import * as fc from 'fast-check';
import { actor, type Samples } from './sample';

const key = fc.constantFrom('a', 'b', '__proto__');
const entry = fc.record({ key, text: fc.constantFrom('x', 'y', '') });
const entries = fc.uniqueArray(entry, { maxLength: 3, selector: (one) => one.key });

export const attributes = {
  setAttributes: {
    fields: fc.record({ actor, set: entries, remove: fc.array(key, { maxLength: 2 }) }),
    example: () => ({ set: [{ key: 'type', text: '2' }] }),
    holds: ({ set = [], remove = [] }, state) => {
      if (state.status !== 'live') return false;
      const { attributes } = state;
      const named = set.map((one) => one.key);
      return (
        set.every(({ key, text }) => Object.hasOwn(attributes, key) && attributes[key] === text) &&
        !remove.some((one) => Object.hasOwn(attributes, one) && !named.includes(one))
      );
    },
  },
} satisfies Samples;
