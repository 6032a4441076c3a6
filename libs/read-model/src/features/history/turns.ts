import { isGroupEventType, type GroupEventType } from '@cohort/contracts';
import type { Connection, Statement } from '../../database';
import type { ReadSide } from '../../feature';
import type { LogEvent } from '../../log-event';
import type { GroupRecord } from '../../tables/group-reader';
import { LIVE, type GroupRow } from '../../tables/groups';
import { lastSeqOf, revisionOf } from '../../tables/places';
import type { Tables } from '../../tables/schema';

/**
 * `group_turns`: the revisions at which something of the group itself was set. `aspect` is the event's type and one of its
 * fields. The group's first event, and for each aspect the last event until a revision, are enough to know the group as it was
 * then.
 */
export const TURNS = {
  sql: `
    CREATE TABLE IF NOT EXISTS group_turns (
      gid INTEGER NOT NULL,
      aspect TEXT NOT NULL,
      revision INTEGER NOT NULL,
      PRIMARY KEY (gid, aspect, revision)
    ) STRICT, WITHOUT ROWID;
  `,
  order: { group_turns: 'gid, aspect, revision' },
} satisfies Tables;

/**
 * Whether an event sets something of the group itself, by its type. A new type must be added here. The first event needs no row:
 * it always counts.
 */
const TURNING: Readonly<Record<GroupEventType, boolean>> = {
  capacityChanged: true,
  disabled: true,
  dismissed: true,
  enabled: true,
  importStarted: true,
  infoChanged: true,
  ownerTransferred: true,
  settingsChanged: true,
  adminGranted: false,
  adminRevoked: false,
  allBanned: false,
  allUnbanned: false,
  allowListRemoved: false,
  allowListed: false,
  announcementDeleted: false,
  announcementPosted: false,
  applicationApproved: false,
  applicationDeclined: false,
  applicationExpired: false,
  applicationWithdrawn: false,
  applied: false,
  attributesSet: false,
  banned: false,
  blocked: false,
  created: false,
  displayNameChanged: false,
  fileRemoved: false,
  fileRenamed: false,
  fileShared: false,
  importCompleted: false,
  invitationAccepted: false,
  invitationDeclined: false,
  invitationExpired: false,
  invitationWithdrawn: false,
  invited: false,
  joinKeyChanged: false,
  memberExtraSet: false,
  memberJoined: false,
  memberKicked: false,
  memberLeft: false,
  membersImported: false,
  muteModeSet: false,
  pushModeSet: false,
  unbanned: false,
  unblocked: false,
};

/** Fills `group_turns`. */
export class TurnTable {
  private readonly insert: Statement;
  private readonly remove: Statement;

  constructor(connection: Connection) {
    this.insert = connection.prepare('INSERT OR REPLACE INTO group_turns (gid, aspect, revision) VALUES (?, ?, ?)');
    this.remove = connection.prepare('DELETE FROM group_turns WHERE gid = ?');
  }

  add({ gid, revision }: GroupRow, { type, data }: LogEvent): void {
    if (!isGroupEventType(type) || !TURNING[type]) return;
    for (const aspect of aspectsOf(type, data)) this.insert.run([gid, aspect, revision]);
  }

  erase({ gid }: GroupRow): void {
    this.remove.run([gid]);
  }
}

function aspectsOf(type: string, data: unknown): string[] {
  const fields = Object.entries(data as Readonly<Record<string, unknown>>).flatMap(([field, value]) =>
    typeof value === 'object' && value !== null
      ? Object.keys(value).map((inner) => `${type}.${field}.${inner}`)
      : [`${type}.${field}`],
  );
  return fields.length === 0 ? [type] : fields;
}

/** Which events make a group what it was. */
export function turns({ connection, groups }: ReadSide) {
  const nextAspect = connection.prepare('SELECT min(aspect) AS aspect FROM group_turns WHERE gid = ? AND aspect > ?');
  const last = connection.prepare(
    'SELECT max(revision) AS revision FROM group_turns WHERE gid = ? AND aspect = ? AND revision <= ?',
  );
  const lastOf = (table: string, place: string) => {
    const select = connection.prepare(`SELECT max(${place}) AS seq FROM ${table} WHERE gid = ? AND ${place} <= ?`);
    return (gid: number, until: number) => (select.get(gid, until) as { seq: number | null }).seq ?? 0;
  };
  const lastMemberships = [lastOf('members', 'seq'), lastOf('past_members', 'seq'), lastOf('past_members', 'left_seq')];

  return {
    /** The group, live or dismissed, as it is now; throws `GROUP_NOT_FOUND`. */
    groupNow: (app: string, groupId: string, seen?: string): GroupRecord => groups.get(app, groupId, seen),

    /** Revisions of the events that decide what the group was after this revision, in order. */
    turnsUntil({ gid }: GroupRecord, revision: number): number[] {
      const revisions = new Set([0]);
      // A group has few aspects, and may have many turns of each.
      for (let aspect: string | null = ''; ;) {
        ({ aspect } = nextAspect.get(gid, aspect) as { aspect: string | null });
        if (aspect === null) return [...revisions].sort((a, b) => a - b);
        const found = last.get(gid, aspect, revision) as { revision: number | null };
        if (found.revision !== null) revisions.add(found.revision);
      }
    },

    /** Whether the group had been dismissed at this revision: nothing follows a dismissal. */
    wasDismissed: ({ live, revision: newest }: GroupRecord, revision: number): boolean =>
      live === LIVE.dismissed && revision >= newest,

    /** Revision of the last event until then that changed who is a member. */
    lastMembershipUntil: ({ gid }: GroupRecord, revision: number): number =>
      revisionOf(Math.max(...lastMemberships.map((lastIn) => lastIn(gid, lastSeqOf(revision))))),
  };
}
