import * as fc from 'fast-check';
import { actor, done, isMember, ownerPolicy, sync, userId, userIds, type Samples } from './sample';

export const membership = {
  addMembers: {
    fields: fc.record({ actor, userIds }),
    example: (id) => ({ userIds: [id] }),
    holds: ({ userIds }, state, results) => done(userIds, results).every((id) => isMember(state, id)),
  },
  join: {
    fields: fc.record({ actor, userId }),
    example: (id) => ({ userId: id }),
    holds: ({ userId }, state) => isMember(state, userId),
  },
  kick: {
    fields: fc.record({ actor, userIds, succeededBy: fc.constantFrom('oldestAdmin', 'oldestMember', undefined) }),
    example: (id) => ({ userIds: [id] }),
    holds: ({ userIds }, state, results) => !done(userIds, results).some((id) => isMember(state, id)),
  },
  leave: {
    fields: fc.record({ actor, userId, ownerPolicy }),
    example: (id) => ({ userId: id }),
    holds: ({ userId }, state) => !isMember(state, userId),
  },
  leaveMany: {
    fields: fc.record({ actor, userIds, ownerPolicy, sync }),
    example: (id) => ({ userIds: [id] }),
    holds: ({ userIds }, state, results) => !done(userIds, results).some((id) => isMember(state, id)),
  },
} satisfies Samples;
