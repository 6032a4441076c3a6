import type { GroupHandlers, ReadFeature, WriteSide } from '../feature';

const handlers = ({ members }: WriteSide): GroupHandlers => ({
  ownerTransferred: (group, { from, to }) => {
    members.setRole(group, 0, from, 'member');
    members.setRole(group, 1, to, 'owner');
    group.owner = to;
  },

  adminGranted: (group, data) =>
    data.members.forEach(({ userId }, index) => members.setRole(group, index, userId, 'admin')),

  adminRevoked: (group, data) =>
    data.members.forEach(({ userId }, index) => members.setRole(group, index, userId, 'member')),
});

/** Owner and admins of groups. */
export const roles = {
  name: 'roles',
  open: ({ write }) => ({ group: handlers(write) }),
} satisfies ReadFeature;
