import { CohortError, groupStream, type GroupView } from '@cohort/contracts';
import { Behind } from '../behind';
import type { Connection, Statement } from '../database';
import { isDisabled, settingsOf } from './group-flags';
import { LIVE, SHOWN_COLUMNS, type ShownGroup, type StoredGroup } from './groups';
import { NEVER } from './listed-users';
import type { GroupStanding } from './unusable';

/** A group found by its id. */
export type GroupRecord = ShownGroup & Readonly<Pick<StoredGroup, 'log_from'>>;

/** Groups as queries read them. */
export class GroupReader {
  private readonly byId: Statement;
  private readonly standing: Statement;

  constructor(connection: Connection) {
    this.byId = connection.prepare(`SELECT ${SHOWN_COLUMNS}, g.log_from FROM groups g WHERE g.app = ? AND g.id = ?`);
    this.standing = connection.prepare('SELECT standing FROM unusable_groups WHERE app = ? AND id = ?');
  }

  /** The group, unless it is unknown, erased, damaged, or being imported. */
  find(app: string, groupId: string): GroupRecord | undefined {
    const record = this.byId.get(app, groupId) as GroupRecord | undefined;
    return record?.live === LIVE.damaged || record?.live === LIVE.importing ? undefined : record;
  }

  /** Whether the group is being imported, so that nobody sees it. */
  isBeingImported(app: string, groupId: string): boolean {
    return (this.byId.get(app, groupId) as GroupRecord | undefined)?.live === LIVE.importing;
  }

  /** Throws `DATA_ERASED` or `DATA_DAMAGED` for a group whose stored events can't be used. */
  mustBeUsable(app: string, groupId: string): void {
    const { standing } = (this.standing.get(app, groupId) as { standing: GroupStanding } | undefined) ?? {};
    if (standing === 'erased') {
      const message = `An operator deleted the stored events of group ${groupId}; its id can't be used again.`;
      throw new CohortError('DATA_ERASED', message, { groupId });
    }
    if (standing === 'damaged') {
      const message = `The stored events of group ${groupId} are damaged: its first ones are missing, or can't be used.`;
      throw new CohortError('DATA_DAMAGED', message, { groupId });
    }
  }

  /**
   * The group, live or dismissed. `seen`: a revision that the caller has an answer of; throws `Behind` if this node doesn't
   * have it yet.
   */
  get(app: string, groupId: string, seen = '-1'): GroupRecord {
    const record = this.find(app, groupId);
    if (record !== undefined && record.revision >= Number(seen)) return record;
    if (record === undefined) this.mustBeUsable(app, groupId);
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
    if (record.live === LIVE.live) return record;
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

/** A ban-all that has run out is over, also before the event that says so. */
const banAllOf = ({ all_banned: until }: ShownGroup): Pick<GroupView, 'banAll'> =>
  until <= Date.now() ? {} : { banAll: until === NEVER ? {} : { until: isoTime(until) } };

function statusOf(record: ShownGroup): GroupView['status'] {
  if (record.live !== LIVE.live) return 'dismissed';
  return isDisabled(record) ? 'disabled' : 'live';
}

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
  settings: settingsOf(record),
  status: statusOf(record),
  ...banAllOf(record),
  createdAt: isoTime(record.created_at),
  updatedAt: isoTime(record.updated_at),
  revision: String(record.revision),
});
