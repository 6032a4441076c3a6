/**
 * Raised whenever tables change, or what a projection writes for an event it already knew: a file of another version is
 * built anew from the log. A newly known event type needs no new version: its events are replayed (see `Projection`).
 */
export const SCHEMA_VERSION = 2;

/** Roles as they are stored, and sorted. */
export const ROLE_NUMBERS = { member: 0, admin: 1, owner: 2 } as const;
export const ROLE_NAMES = ['member', 'admin', 'owner'] as const;

/**
 * Every row is a function of the log alone, so that any node, and any rebuild, has the same ones.
 *
 * - `meta`: which store, and how far its log has been applied; written in the transaction that applied it.
 * - `anchors`: the last applied event of each category, by which another log under the same store id is told.
 * - `groups`: `gid` is the group's number in this file, in the order of creation. A dismissed group keeps its row.
 *   `position` is that of its last event; who left at or before the revision `log_from` may be gone from `left_members`.
 * - `members`: `seq` orders a group's members as they joined: its event's revision and the place in that event. `changed`
 *   is such a place, too: where the role last changed, null since the joining. The rows of a dismissed group stay, as the
 *   record of who was in it; `ended` is the position of its end, null while it is live.
 * - `left_members`: who left a group, until the group forgets it. `left_groups_from`: the position up to which something
 *   of a user's was forgotten. Both, and the places and positions above, tell what changed in a list (see `LeftTable`).
 * - `failed_events`: what couldn't be applied. `unknown_types`: what was skipped, and from where to replay it.
 */
export const SCHEMA = `
  CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    schema_version INTEGER NOT NULL,
    store TEXT NOT NULL,
    position TEXT NOT NULL
  ) STRICT;

  CREATE TABLE anchors (
    category TEXT PRIMARY KEY,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    position TEXT NOT NULL,
    event_id TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE groups (
    gid INTEGER PRIMARY KEY,
    app TEXT NOT NULL,
    id TEXT NOT NULL,
    numeric_id TEXT NOT NULL,
    name TEXT NOT NULL,
    owner TEXT NOT NULL,
    capacity INTEGER NOT NULL,
    member_count INTEGER NOT NULL,
    live INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    position INTEGER NOT NULL,
    log_from INTEGER NOT NULL,
    description TEXT NOT NULL,
    avatar TEXT NOT NULL,
    ext TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX groups_by_id ON groups (app, id);
  CREATE INDEX live_groups_by_app ON groups (app, gid) WHERE live = 1;

  CREATE TABLE members (
    gid INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    user TEXT NOT NULL,
    role INTEGER NOT NULL,
    joined_at INTEGER NOT NULL,
    app TEXT NOT NULL,
    changed INTEGER,
    ended INTEGER,
    PRIMARY KEY (gid, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX members_by_user ON members (gid, user);
  CREATE INDEX members_with_role ON members (gid, role, seq) WHERE role > 0;
  CREATE INDEX members_by_change ON members (gid, changed) WHERE changed IS NOT NULL;
  CREATE INDEX ended_groups_of_user ON members (app, user, ended) WHERE ended IS NOT NULL;

  CREATE TABLE left_members (
    gid INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    user TEXT NOT NULL,
    app TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (gid, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE left_groups_from (
    app TEXT NOT NULL,
    user TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (app, user)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE user_syncs (
    app TEXT NOT NULL,
    user TEXT NOT NULL,
    requested INTEGER NOT NULL,
    completed INTEGER NOT NULL,
    PRIMARY KEY (app, user)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE failed_events (
    position TEXT PRIMARY KEY,
    stream TEXT NOT NULL,
    revision INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    error TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE unknown_types (
    category TEXT NOT NULL,
    type TEXT NOT NULL,
    event_version INTEGER NOT NULL,
    first_position TEXT NOT NULL,
    resume_position TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    PRIMARY KEY (category, type, event_version)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Indexes by user, which only queries need. A new file gets them when it has caught up with the log: a group's members
 * lie together, a user's groups don't, so that adding to these one event after another is most of a rebuild's work, and
 * sorting them once at the end is little.
 */
export const QUERY_INDEXES = `
  CREATE INDEX IF NOT EXISTS groups_of_user ON members (app, user, joined_at, gid, ended) WHERE ended IS NULL;
  CREATE INDEX IF NOT EXISTS left_groups_of_user ON left_members (app, user, position);
`;

/** All tables, with the columns that order their rows in a dump. */
export const TABLES: Readonly<Record<string, string>> = {
  meta: 'id',
  anchors: 'category',
  groups: 'gid',
  members: 'gid, seq',
  left_members: 'gid, seq',
  left_groups_from: 'app, user',
  user_syncs: 'app, user',
  failed_events: 'length(position), position',
  unknown_types: 'category, type, event_version',
};
