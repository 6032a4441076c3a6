import * as fc from 'fast-check';
import { profileOf, type Profile } from '../state/member-profile';
import type { GroupState } from '../state';
import { actor, userId, type Samples } from './sample';

const profile = (state: GroupState, id: string): Profile =>
  state.status === 'live' ? profileOf(state.memberProfile, id) : {};

const key = fc.constantFrom('a', 'b', '__proto__');
const entry = fc.record({ key, text: fc.constantFrom('x', 'y', '') });
const entries = fc.uniqueArray(entry, { maxLength: 3, selector: (one) => one.key });

export const memberProfile = {
  setDisplayName: {
    fields: fc.record({ actor, userId, displayName: fc.constantFrom('', 'a', 'b') }),
    example: (id) => ({ userId: id, displayName: 'Ann' }),
    // The stored text is sealed, so that the state can't show which one it is.
    holds: ({ userId: id, displayName }, state) => (profile(state, id).name === undefined) === (displayName === ''),
  },
  setMuteMode: {
    fields: fc.record({ actor, userId, mode: fc.constantFrom(0, 1, 2) }),
    example: (id) => ({ userId: id, mode: 1 }),
    holds: ({ userId: id, mode }, state) => (profile(state, id).muteMode ?? 0) === mode,
  },
  setPushMode: {
    fields: fc.record({ actor, userId, mode: fc.constantFrom(0, 1, 2, 3, 4) }),
    example: (id) => ({ userId: id, mode: 4 }),
    holds: ({ userId: id, mode }, state) => (profile(state, id).pushMode ?? 0) === mode,
  },
  setMemberExtra: {
    fields: fc.record({ actor, userId, set: entries, remove: fc.array(key, { maxLength: 2 }) }),
    example: (id) => ({ userId: id, set: [{ key: 'nick', text: 'A' }] }),
    holds: ({ userId: id, set = [], remove = [] }, state) => {
      const has = (name: string) => Object.hasOwn(profile(state, id).extra ?? {}, name);
      const named = set.map((one) => one.key);
      return named.every(has) && !remove.some((name) => has(name) && !named.includes(name));
    },
  },
} satisfies Samples;
