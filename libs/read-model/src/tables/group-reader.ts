import { CohortError, groupStream, type GroupView } from '@cohort/contracts';
import { Behind } from '../behind';
import type { Connection, Statement } from '../database';
import { SHOWN_COLUMNS, type ShownGroup, type StoredGroup } from './groups';

/** A group found by its id. */
export type GroupRecord = ShownGroup & Readonly<Pick<StoredGroup, 'log_from'>>;

/** Groups as queries read them. */
export class GroupReader {
  private readonly byId: Statement;

  constructor(connection: Connection) {
    this.byId = connection.prepare(`SELECT ${SHOWN_COLUMNS}, g.log_from FROM groups g WHERE g.app = ? AND g.id = ?`);
  }

  find(app: string, groupId: string): GroupRecord | undefined {
    return this.byId.get(app, groupId) as GroupRecord | undefined;
  }

  /**
   * The group, live or dismissed. `seen`: a revision that the caller has an answer of; throws `Behind` if this node doesn't
   * have it yet.
   */
  get(app: string, groupId: string, seen = '-1'): GroupRecord {
    const record = this.find(app, groupId);
    if (record !== undefined && record.revision >= Number(seen)) return record;
    if (record === undefined && seen === '-1') {
      throw new CohortError('GROUP_NOT_FOUND', `There is no group ${groupId}.`, { groupId });
    }
    throw new Behind(
      { stream: groupStream(app, groupId) },
      `This node has not applied revision ${seen} of group ${groupId} yet; the query needs it. Try again.`,
      { groupId, revision: seen },
    );
  }

  /** Like `get`, and throws `GROUP_DISMISSED` for a dismissed group. */
  live(app: string, groupId: string, seen?: string): GroupRecord {
    const record = this.get(app, groupId, seen);
    if (record.live === 1) return record;
    throw new CohortError('GROUP_DISMISSED', `Group ${groupId} was dismissed.`, { groupId });
  }

  /** The number, in this node's file, of a group that a cursor names. */
  gidOf(app: string, groupId: unknown): number {
    const record = this.byId.get(app, groupId) as GroupRecord | undefined;
    if (record === undefined) {
      throw new CohortError('CURSOR_INVALID', 'cursor is not valid for this list; start again at the first page.');
    }
    return record.gid;
  }
}

export const isoTime = (ms: number): string => new Date(ms).toISOString();

export const groupView = (record: ShownGroup): GroupView => ({
  groupId: record.id,
  numericId: record.numeric_id,
  name: record.name,
  description: record.description,
  avatar: record.avatar,
  ext: record.ext,
  owner: record.owner,
  capacity: record.capacity,
  memberCount: record.member_count,
  status: record.live === 1 ? 'live' : 'dismissed',
  createdAt: isoTime(record.created_at),
  updatedAt: isoTime(record.updated_at),
  revision: String(record.revision),
});
