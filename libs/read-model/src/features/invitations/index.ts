import type { GroupHandlers, ReadFeature } from '../../feature';
import { invitations as list } from './list';
import { INVITATIONS, InvitationTable } from './table';

const handlers = (table: InvitationTable): GroupHandlers => ({
  invited: (group, { invitees, inviter, reason, expiresAt }) =>
    table.put(group, invitees, { inviter, reason, expiresAt: Date.parse(expiresAt) }),
  invitationAccepted: (group, invitee) => table.end(group, [invitee], 'accepted'),
  invitationDeclined: (group, invitee) => table.end(group, [invitee], 'declined'),
  invitationWithdrawn: (group, { invitees }) => table.end(group, invitees, 'withdrawn'),
  invitationExpired: (group, { invitees }) => table.end(group, invitees, 'expired'),
});

/** Members ask users to become members. */
export const invitations = {
  name: 'invitations',
  tables: INVITATIONS,
  open: ({ write, read }) => {
    const table = new InvitationTable(write.connection, write.expiries);
    write.members.observe({
      changed: (group, users, role) => {
        if (role !== null) users.forEach((user) => table.joined(group, user));
      },
    });
    return { group: handlers(table), eraseGroup: (group) => table.erase(group), queries: list(read) };
  },
} satisfies ReadFeature;
