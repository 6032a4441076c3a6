import { CohortError, type QueryAnswers, type QueryData } from '@cohort/contracts';
import type { GroupHandlers, ReadFeature, ReadSide, WriteSide } from '../feature';
import { isoTime } from '../tables/group-reader';
import { LIVE, type GroupRow } from '../tables/groups';

function handlers({ connection, members }: WriteSide): GroupHandlers {
  const begin = connection.prepare('INSERT OR REPLACE INTO imports VALUES (?, ?, ?, 0, 0, ?, ?)');
  const goOn = connection.prepare('UPDATE imports SET next = ?, updated_at = ? WHERE gid = ?');
  const end = connection.prepare('UPDATE imports SET completed = 1, updated_at = ? WHERE gid = ?');
  return {
    importStarted: (group, { importId, createdAt, ownerJoinedAt }) => {
      const { gid, app, updated_at: at } = group;
      if (createdAt !== undefined) group.created_at = Date.parse(createdAt);
      if (ownerJoinedAt !== undefined) members.setJoinedAt(group, group.owner, Date.parse(ownerJoinedAt));
      begin.run([gid, app, importId, at, at]);
      group.live = LIVE.importing;
      members.appear(group);
    },
    membersImported: (group, { chunk, members: imported, memberCount }) => {
      members.import(group, imported);
      group.member_count = memberCount;
      goOn.run([chunk + 1, group.updated_at, group.gid]);
    },
    importCompleted: (group) => {
      end.run([group.updated_at, group.gid]);
      group.live = LIVE.live;
      members.appear(group);
    },
  };
}

interface ImportRecord {
  readonly import_id: string;
  readonly next: number;
  readonly completed: number;
  readonly started_at: number;
  readonly updated_at: number;
  readonly member_count: number;
}

function queries({ connection, groups }: ReadSide) {
  const select = connection.prepare(
    `SELECT i.import_id, i.next, i.completed, i.started_at, i.updated_at, g.member_count
     FROM groups g JOIN imports i ON i.gid = g.gid WHERE g.app = ? AND g.id = ?`,
  );
  return {
    importStatus: ({ app, groupId }: QueryData<'importStatus'>): QueryAnswers['importStatus'] => {
      const record = select.get(app, groupId) as ImportRecord | undefined;
      if (record === undefined) {
        groups.mustBeUsable(app, groupId);
        throw new CohortError('GROUP_NOT_FOUND', `Group ${groupId} wasn't imported.`, { groupId });
      }
      return {
        groupId,
        importId: record.import_id,
        chunks: record.next,
        memberCount: record.member_count,
        completed: record.completed === 1,
        startedAt: isoTime(record.started_at),
        updatedAt: isoTime(record.updated_at),
      };
    },
  };
}

/** Groups that come from elsewhere, with their members. */
export const imports = {
  name: 'imports',
  open: ({ write, read }) => {
    const erase = write.connection.prepare('DELETE FROM imports WHERE gid = ?');
    return {
      group: handlers(write),
      eraseGroup: ({ gid }: GroupRow) => void erase.run([gid]),
      queries: queries(read),
    };
  },
} satisfies ReadFeature;
