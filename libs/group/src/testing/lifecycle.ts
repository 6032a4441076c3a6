import * as fc from 'fast-check';
import type { GroupSettings } from '@cohort/contracts';
import { actor, done, isMember, name, someSettings, sync, userId, userIds, type Samples } from './sample';

export const lifecycle = {
  create: {
    fields: fc.record({
      actor,
      name,
      owner: userId,
      members: userIds,
      inviteMembers: fc.boolean(),
      capacity: fc.integer({ min: 1, max: 6 }),
      settings: someSettings,
    }),
    example: (id) => ({ name: 'Sales', owner: id }),
    holds: ({ name, owner, members = [], inviteMembers = false, settings = {} }, state) =>
      state.status === 'live' &&
      state.info.name === name &&
      state.roles.owner === owner &&
      Object.entries(settings).every(([setting, value]) => state.settings[setting as keyof GroupSettings] === value) &&
      isMember(state, owner) &&
      members.every((id) => isMember(state, id) || (inviteMembers && state.invitations.pending.has(id))),
  },
  createOrJoin: {
    fields: fc.record({ actor, userIds, name, rename: fc.boolean(), sync }),
    example: (id) => ({ userIds: [id], rename: true, name: 'Again' }),
    holds: ({ userIds, rename, name }, state, results) =>
      state.status === 'live' &&
      (rename !== true || name === undefined || done(userIds, results).length === 0 || state.info.name === name) &&
      done(userIds, results).every((id) => isMember(state, id)),
  },
  disable: {
    fields: fc.record({ actor }),
    example: () => ({}),
    holds: (_data, state) => state.status === 'live' && state.lifecycle.disabled,
  },
  enable: {
    fields: fc.record({ actor }),
    example: () => ({}),
    holds: (_data, state) => state.status === 'live' && !state.lifecycle.disabled,
  },
  dismiss: {
    fields: fc.record({ actor }),
    example: () => ({}),
    holds: (_data, state) => state.status === 'dismissed',
  },
} satisfies Samples;
