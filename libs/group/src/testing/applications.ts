import * as fc from 'fast-check';
import { actor, isMember, userId, userIds, type Samples } from './sample';

const reason = fc.constantFrom(undefined, '', 'Please');

export const applications = {
  apply: {
    fields: fc.record({ actor, userId, reason }),
    example: (id) => ({ userId: id }),
    holds: ({ userId: id }, state) =>
      state.status === 'live' && (isMember(state, id) || state.applications.pending.has(id)),
  },
  handleApplication: {
    fields: fc.record({ actor, userId, approve: fc.boolean() }),
    example: (id) => ({ userId: id, approve: true }),
    holds: ({ userId: id, approve }, state) =>
      state.status === 'live' && !state.applications.pending.has(id) && (!approve || isMember(state, id)),
  },
  withdrawApplication: {
    fields: fc.record({ actor, userId }),
    example: (id) => ({ userId: id }),
    holds: ({ userId: id }, state) => state.status === 'live' && !state.applications.pending.has(id),
  },
  expireApplications: {
    fields: fc.record({ actor, userIds }),
    example: (id) => ({ userIds: [id] }),
    // Applications that are still open stay: only the time shows which.
    holds: (_data, state) => state.status === 'live',
  },
} satisfies Samples;
