import { CohortError, groupStream, type QueryAnswers, type QueryData, type Role } from '@cohort/contracts';
import type { ReadSide } from '../../feature';
import { ROLE_NAMES } from '../../tables/members';
import type { UserCache } from '../../user-cache';
import { MEMBER_COLUMNS, memberView, type MemberRecord } from './records';

/** Queries about one user in one group. */
export function member({ connection, groups, texts }: ReadSide, cache: UserCache<Role | null>) {
  const byUser = connection.prepare(`SELECT ${MEMBER_COLUMNS} FROM members WHERE gid = ? AND user = ?`);
  const roleOf = connection.prepare(
    `SELECT m.role FROM groups g JOIN members m ON m.gid = g.gid AND m.user = ?3
     WHERE g.app = ?1 AND g.id = ?2 AND m.ended IS NULL AND g.live = 1`,
  );

  // The rows of a dismissed group are those of its last members. Nobody sees a group that is being imported.
  const lastRole = connection.prepare(
    `SELECT 1 FROM groups g JOIN members m ON m.gid = g.gid AND m.user = ?3 WHERE g.app = ?1 AND g.id = ?2 AND g.live < 2`,
  );

  const view = memberView(texts);

  return {
    member: ({ app, groupId, userId }: QueryData<'member'>): QueryAnswers['member'] => {
      const group = groups.live(app, groupId);
      const record = byUser.get(group.gid, userId) as MemberRecord | undefined;
      if (record === undefined) {
        const message = `User ${userId} is not a member of group ${groupId}.`;
        throw new CohortError('NOT_A_MEMBER', message, { groupId, userId });
      }
      return { groupId, ...view(record), revision: String(group.revision) };
    },

    /** Hot: answered from memory when the same was asked before. */
    isMember: ({ app, groupId, userId }: Omit<QueryData<'isMember'>, 'after'>): QueryAnswers['isMember'] => {
      const stream = groupStream(app, groupId);
      let role = cache.get(stream, userId);
      if (role === undefined) {
        const record = roleOf.get(app, groupId, userId) as Pick<MemberRecord, 'role'> | undefined;
        if (record === undefined) groups.mustBeUsable(app, groupId);
        role = record === undefined ? null : ROLE_NAMES[record.role];
        cache.remember(stream, userId, role);
      }
      return role === null ? { isMember: false } : { isMember: true, role };
    },

    wasMember: ({ app, groupId, userId }: QueryData<'wasMember'>): QueryAnswers['wasMember'] => {
      groups.mustBeUsable(app, groupId);
      return { wasMember: lastRole.get(app, groupId, userId) !== undefined };
    },
  };
}
