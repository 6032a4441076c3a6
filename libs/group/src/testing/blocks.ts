import * as fc from 'fast-check';
import { actor, done, isMember, userIds, type Samples } from './sample';

export const blocks = {
  block: {
    fields: fc.record({ actor, userIds }),
    example: (id) => ({ userIds: [id] }),
    holds: ({ userIds }, state, results) =>
      state.status === 'live' &&
      done(userIds, results).every((id) => state.blocks.blocked.has(id) && !isMember(state, id)),
  },
  unblock: {
    fields: fc.record({ actor, userIds }),
    example: (id) => ({ userIds: [id] }),
    holds: ({ userIds }, state) => state.status === 'live' && !userIds.some((id) => state.blocks.blocked.has(id)),
  },
} satisfies Samples;
