import * as fc from 'fast-check';
import type { GroupState } from '../state';
import { actor, done, isMember, userId, userIds, type Samples } from './sample';

const isAdmin = (state: GroupState, id: string): boolean => state.status === 'live' && state.roles.admins.has(id);

export const roles = {
  grantAdmins: {
    fields: fc.record({ actor, userIds }),
    example: (id) => ({ userIds: [id] }),
    holds: ({ userIds }, state, results) => done(userIds, results).every((id) => isAdmin(state, id)),
  },
  revokeAdmins: {
    fields: fc.record({ actor, userIds }),
    example: (id) => ({ userIds: [id] }),
    holds: ({ userIds }, state) => !userIds.some((id) => isAdmin(state, id)),
  },
  transfer: {
    fields: fc.record({ actor, newOwner: userId, addIfMissing: fc.boolean() }),
    example: (id) => ({ newOwner: id }),
    holds: ({ newOwner }, state) =>
      state.status === 'live' && state.roles.owner === newOwner && isMember(state, newOwner),
  },
} satisfies Samples;
