import { namesUsers, usersNamedIn, type Actor } from '@cohort/contracts';
import type { Connection, Statement } from '../../database';
import type { ReadSide } from '../../feature';
import type { LogEvent } from '../../log-event';
import { LIVE, type GroupRow } from '../../tables/groups';
import { SEQS_PER_EVENT } from '../../tables/places';
import type { Tables } from '../../tables/schema';

/**
 * `user_events`: a user acted in this event, or it names them. Who joins and leaves isn't here, since the rows of memberships
 * show it: a row less for each member.
 */
export const USER_EVENTS = {
  sql: `
    CREATE TABLE IF NOT EXISTS user_events (
      gid INTEGER NOT NULL,
      revision INTEGER NOT NULL,
      user TEXT NOT NULL,
      app TEXT NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY (gid, revision, user)
    ) STRICT, WITHOUT ROWID;
  `,
  queryIndexes: `
    CREATE INDEX IF NOT EXISTS events_of_user ON user_events (app, user, at, gid, revision);
  `,
  order: { user_events: 'gid, revision, user' },
} satisfies Tables;

/** The events that rows of memberships show for the users that they name. */
const OF_MEMBERSHIPS: ReadonlySet<string> = new Set([
  'created',
  'memberJoined',
  'memberLeft',
  'memberKicked',
  'membersImported',
]);

/** Fills `user_events` with the events of all types. */
export class UserEventTable {
  private readonly insert: Statement;
  private readonly remove: Statement;

  constructor(connection: Connection) {
    this.insert = connection.prepare(
      'INSERT OR REPLACE INTO user_events (gid, revision, user, app, at) VALUES (?, ?, ?, ?, ?)',
    );
    this.remove = connection.prepare('DELETE FROM user_events WHERE gid = ?');
  }

  add(group: GroupRow, { type, data, metadata }: LogEvent): void {
    const acting = actingUser(metadata.actor as Actor | undefined);
    const isOfMemberships = OF_MEMBERSHIPS.has(type);
    if (isOfMemberships && !namesOthers(data as object)) {
      // Most events: nothing is collected.
      if (acting !== undefined) this.putUnlessShown(group, data as Memberships, acting);
      return;
    }
    const { members, owner, ...others } = data as Memberships;
    const users = new Set(usersNamedIn(isOfMemberships ? others : (data as object)));
    if (acting !== undefined) users.add(acting);
    for (const user of users) this.putUnlessShown(group, isOfMemberships ? { members, owner } : {}, user);
  }

  private putUnlessShown(group: GroupRow, { members, owner }: Memberships, user: string): void {
    if (user === owner || members?.some(({ userId }) => userId === user)) return;
    const { gid, app, revision, updated_at } = group;
    this.insert.run([gid, revision, user, app, updated_at]);
  }

  erase({ gid }: GroupRow): void {
    this.remove.run([gid]);
  }
}

/** The user who acted, or for whom a service did. */
const actingUser = (actor: Actor | undefined): string | undefined =>
  actor?.type === 'user' ? actor.id : actor?.onBehalfOf;

/** The users of an event whose memberships it begins or ends, in the fields of the types above. */
interface Memberships {
  readonly members?: readonly { readonly userId: string }[] | undefined;
  readonly owner?: string | undefined;
}

/** Whether an event of a type above names users in other fields, too. */
function namesOthers(data: object): boolean {
  for (const field in data) if (field !== 'members' && field !== 'owner' && namesUsers(field)) return true;
  return false;
}

/** The place of an event in a user's history, which is ordered by time, then by group, then by revision. */
export interface HistoryPlace {
  /** The group is being imported: nobody sees it yet. */
  readonly hidden?: true;
  readonly at: number;
  readonly groupId: string;
  readonly revision: number;
}

interface Place {
  readonly at: number;
  readonly gid: number;
  readonly revision: number;
}

interface Place {
  readonly at: number;
  readonly gid: number;
  readonly revision: number;
}

/** Above every time and group. */
const END = Number.MAX_SAFE_INTEGER;
/** The newest first. */
const byTime = (a: Place, b: Place): number => b.at - a.at || b.gid - a.gid || b.revision - a.revision;

/** Events of a user, from rows of memberships and from `user_events`. Each part is in order, so that a page costs its entries. */
export function userEvents({ connection, groups }: ReadSide) {
  const part = (
    table: string,
    condition: string,
    at: string,
    place: string,
    { scale = 1, order = `, t.${place} DESC` } = {},
  ) => {
    const select = connection.prepare(
      `SELECT t.${at} AS at, t.gid, t.${place} / ${scale} AS revision FROM ${table} t
       WHERE app = ?1 AND user = ?2 AND ${condition} (t.${at}, gid) <= (?3, ?4)
         AND (t.${at} < ?3 OR gid < ?4 OR t.${place} < ?5 * ${scale})
       ORDER BY t.${at} DESC, gid DESC${order} LIMIT ?6`,
    );
    return (...asked: [string, string, number, number, number, number]) => select.all(...asked) as Place[];
  };
  const scale = SEQS_PER_EVENT;
  const parts = [
    // A user has one row in a group.
    part('members', 'ended IS NULL AND', 'joined_at', 'seq', { scale, order: '' }),
    part('members', 'ended IS NOT NULL AND', 'joined_at', 'seq', { scale }),
    part('past_members', '', 'joined_at', 'seq', { scale }),
    part('past_members', '', 'left_at', 'left_seq', { scale }),
    part('user_events', '', 'at', 'revision'),
  ];
  const groupOf = connection.prepare('SELECT id, live FROM groups WHERE gid = ?');

  return {
    /** At most `count` events in which the user acted or which name them, before a place, the newest first. */
    eventsOfUser(app: string, user: string, until: HistoryPlace | undefined, count: number): HistoryPlace[] {
      const before = until
        ? ([until.at, groups.gidOf(app, until.groupId), until.revision] as const)
        : ([END, END, 0] as const);
      const all = parts.flatMap((rows) => rows(app, user, ...before, count)).sort(byTime);
      const distinct = all.filter((place, i) => i === 0 || byTime(place, all[i - 1]!) !== 0);
      return distinct.slice(0, count).map(({ at, gid, revision }) => {
        const { id: groupId, live } = groupOf.get(gid) as { id: string; live: number };
        return { at, groupId, revision, ...(live === LIVE.importing ? { hidden: true as const } : {}) };
      });
    },
  };
}
