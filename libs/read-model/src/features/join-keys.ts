import type { GroupHandlers, ReadFeature, ReadSide, WriteSide } from '../feature';
import type { GroupRow } from '../tables/groups';
import { settingsOf } from '../tables/group-flags';
import { ROLE_NAMES } from '../tables/members';
import type { Role } from '@cohort/contracts';
import type { Tables } from '../tables/schema';

/** `join_keys`: the number of each group's join key, if it was ever changed. */
const tables: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS join_keys (
      gid INTEGER PRIMARY KEY,
      number INTEGER NOT NULL
    ) STRICT;
  `,
  order: { join_keys: 'gid' },
};

function handlers({ connection }: WriteSide): GroupHandlers {
  const set = connection.prepare('INSERT OR REPLACE INTO join_keys (gid, number) VALUES (?, ?)');
  return { joinKeyChanged: ({ gid }, { key }) => void set.run([gid, key]) };
}

/** What a join code depends on. */
export interface JoinCodeBasis {
  /** The number of the group's join key. */
  readonly key: number;
  readonly membersMayInvite: boolean;
  /** Of the user who asks, if they are a member. */
  readonly role: Role | undefined;
}

function lookups({ connection, groups }: ReadSide) {
  const select = connection.prepare('SELECT number FROM join_keys WHERE gid = ?');
  const roleOf = connection.prepare('SELECT role FROM members WHERE gid = ? AND user = ?');
  return {
    /** Throws `GROUP_NOT_FOUND` or `GROUP_DISMISSED`. */
    joinCodeBasis: (app: string, groupId: string, userId: string | undefined): JoinCodeBasis => {
      const group = groups.live(app, groupId);
      const { number = 0 } = (select.get(group.gid) as { readonly number: number } | undefined) ?? {};
      const member = roleOf.get(group.gid, userId ?? '') as { readonly role: 0 | 1 | 2 } | undefined;
      return {
        key: number,
        membersMayInvite: settingsOf(group).membersMayInvite,
        role: member && ROLE_NAMES[member.role],
      };
    },
  };
}

/** The keys of groups' join codes. */
export const joinKeys = {
  name: 'join-keys',
  tables,
  open: ({ write, read }) => {
    const erase = write.connection.prepare('DELETE FROM join_keys WHERE gid = ?');
    return {
      group: handlers(write),
      eraseGroup: ({ gid }: GroupRow) => void erase.run([gid]),
      lookups: lookups(read),
    };
  },
} satisfies ReadFeature;
