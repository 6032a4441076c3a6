import type { GroupHandlers, ReadFeature } from '../../feature';
import { applications as list } from './list';
import { APPLICATIONS, ApplicationTable } from './table';

const handlers = (table: ApplicationTable): GroupHandlers => ({
  applied: (group, { userId, applicationId, reason, expiresAt }) =>
    table.put(group, userId, Number(applicationId), reason, Date.parse(expiresAt)),
  applicationApproved: (group, { userId, by }) => table.end(group, userId, 'approved', by),
  applicationDeclined: (group, { userId, by }) => table.end(group, userId, 'declined', by),
  applicationWithdrawn: (group, { userId }) => table.end(group, userId, 'withdrawn'),
  applicationExpired: (group, { userId }) => table.end(group, userId, 'expired'),
});

/** Users ask to become members. */
export const applications = {
  name: 'applications',
  tables: APPLICATIONS,
  open: ({ write, read }) => {
    const table = new ApplicationTable(write.connection, write.expiries);
    write.members.observe({
      changed: (group, users, role) => {
        if (role !== null) users.forEach((user) => table.joined(group, user));
      },
    });
    return { group: handlers(table), eraseGroup: (group) => table.erase(group), queries: list(read) };
  },
} satisfies ReadFeature;
