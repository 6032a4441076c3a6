import * as fc from 'fast-check';
import { invitationsOf } from '../facts/invitations';
import { actor, isMember, sync, userId, type Samples } from './sample';

export const wholeUser = {
  eraseMember: {
    fields: fc.record({
      ...{ actor, userId, sync },
      ownerPolicy: fc.constantFrom('oldestAdmin', 'oldestMember', 'dismiss' as const),
    }),
    example: (id) => ({ userId: id }),
    holds: ({ userId: id }, state) => !isMember(state, id),
  },
  eraseRequests: {
    fields: fc.record({ actor, userId }),
    example: (id) => ({ userId: id }),
    holds: ({ userId: id }, state) =>
      state.status === 'live' && !state.applications.pending.has(id) && invitationsOf(state, id).length === 0,
  },
} satisfies Samples;
