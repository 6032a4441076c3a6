import * as fc from 'fast-check';
import { actor, isMember, userId, type Samples } from './sample';

export const roles = {
  transfer: {
    fields: fc.record({ actor, newOwner: userId }),
    example: (id) => ({ newOwner: id }),
    holds: ({ newOwner }, state) =>
      state.status === 'live' && state.roles.owner === newOwner && isMember(state, newOwner),
  },
} satisfies Samples;
