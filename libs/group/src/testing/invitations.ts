import * as fc from 'fast-check';
import { actor, done, isMember, userId, userIds, type Samples } from './sample';

const reason = fc.constantFrom(undefined, '', 'Join us');

export const invitations = {
  invite: {
    fields: fc.record({ actor, userIds, reason }),
    example: (id) => ({ userIds: [id] }),
    holds: (data, state, results) =>
      state.status === 'live' &&
      done(data.userIds, results).every((id) => isMember(state, id) || state.invitations.pending.has(id)),
  },
  handleInvitation: {
    fields: fc.record({ actor, userId, approve: fc.boolean(), inviter: fc.option(userId, { nil: undefined }) }),
    example: (id) => ({ userId: id, approve: true }),
    holds: ({ userId: id, approve, inviter }, state) =>
      state.status === 'live' &&
      (approve
        ? isMember(state, id)
        : !(state.invitations.pending.get(id) ?? []).some((one) => inviter === undefined || one.inviter === inviter)),
  },
  withdrawInvitations: {
    fields: fc.record({ actor, userIds }),
    example: (id) => ({ userIds: [id] }),
    holds: ({ actor: by, userIds: ids }, state, results) =>
      state.status === 'live' &&
      done(ids, results)
        .flatMap((id) => state.invitations.pending.get(id) ?? [])
        .every(({ inviter }) => by.type === 'user' && inviter !== by.id),
  },
  expireInvitations: {
    fields: fc.record({ actor, userIds }),
    example: (id) => ({ userIds: [id] }),
    // Invitations that are still open stay: only the time shows which.
    holds: (_data, state) => state.status === 'live',
  },
} satisfies Samples;
