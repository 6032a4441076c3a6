import * as fc from 'fast-check';
import type { GroupState } from '../state';
import { actor, done, userIds, type Samples } from './sample';

/** Milliseconds of bans: some run out on a way of the property tests. */
const durationMs = fc.constantFrom(undefined, 1, 5, 20);

const bansOf = (state: GroupState) => {
  if (state.status !== 'live') throw new Error('The group has no bans: it is not live.');
  return state.bans;
};

export const bans = {
  ban: {
    fields: fc.record({ actor, userIds, durationMs }),
    example: (id) => ({ userIds: [id], durationMs: 60_000 }),
    holds: ({ userIds }, state, results) => done(userIds, results).every((id) => bansOf(state).banned.has(id)),
  },
  unban: {
    fields: fc.record({ actor, userIds }),
    example: (id) => ({ userIds: [id] }),
    holds: ({ userIds }, state, results) => !done(userIds, results).some((id) => bansOf(state).banned.has(id)),
  },
  banAll: {
    fields: fc.record({ actor, durationMs }),
    example: () => ({ durationMs: 60_000 }),
    holds: (_data, state) => bansOf(state).all !== undefined,
  },
  unbanAll: {
    fields: fc.record({ actor }),
    example: () => ({}),
    holds: (_data, state) => bansOf(state).all === undefined,
  },
  allowToSpeak: {
    fields: fc.record({ actor, userIds }),
    example: (id) => ({ userIds: [id] }),
    holds: ({ userIds }, state, results) => done(userIds, results).every((id) => bansOf(state).allowed.has(id)),
  },
  disallowToSpeak: {
    fields: fc.record({ actor, userIds }),
    example: (id) => ({ userIds: [id] }),
    holds: ({ userIds }, state) => !userIds.some((id) => bansOf(state).allowed.has(id)),
  },
  expireBans: {
    fields: fc.record({ actor, userIds }),
    example: (id) => ({ userIds: [id] }),
    // Bans that still hold stay: only the time shows which.
    holds: (_data, state) => state.status === 'live',
  },
  expireBanAll: {
    fields: fc.record({ actor }),
    example: () => ({}),
    holds: (_data, state) => state.status === 'live',
  },
} satisfies Samples;
