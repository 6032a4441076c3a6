import {
  canonicalDecimal,
  ownNumber,
  type GroupNumber,
  type GroupsByNumberAnswer,
  type Owned,
  type UserNumber,
  type UsersByNumberAnswer,
} from '@cohort/contracts';
import type { ReadFeature, ReadSide, UserNumberHandlers, WriteSide } from '../feature';
import { LIVE } from '../tables/groups';
import type { Tables } from '../tables/schema';

/** `user_numbers`: the aliases of users. Numbers that follow from ids are in no table. */
const tables: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS user_numbers (
      app TEXT NOT NULL,
      user TEXT NOT NULL,
      number INTEGER NOT NULL,
      PRIMARY KEY (app, user)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX IF NOT EXISTS user_numbers_by_number ON user_numbers (app, number);
  `,
  queryIndexes: `
    CREATE INDEX IF NOT EXISTS groups_by_alias ON groups (app, numeric_id) WHERE numeric_id <> id;
  `,
  order: { user_numbers: 'app, user' },
};

function handlers({ connection }: WriteSide): UserNumberHandlers {
  const insert = connection.prepare(`
    INSERT INTO user_numbers (app, user, number) VALUES (?, ?, ?) ON CONFLICT (app, user) DO NOTHING`);
  return { numberAssigned: ({ app, id }, { number }) => void insert.run([app, id, Number(number)]) };
}

function lookups({ connection }: ReadSide) {
  const select = connection.prepare('SELECT number FROM user_numbers WHERE app = ? AND user = ?');
  return {
    /** The user's number, by their id or by an event; undefined if they have none yet. */
    numberOf: (app: string, userId: string): string | undefined => {
      const own = ownNumber(userId);
      if (own !== undefined) return own;
      const row = select.get(app, userId) as { number: number } | undefined;
      return row && String(row.number);
    },
  };
}

function queries({ connection, groups }: ReadSide) {
  const userOf = connection.prepare('SELECT user FROM user_numbers WHERE app = ? AND number = ?');
  const groupOf = connection.prepare(
    `SELECT id FROM groups WHERE app = ? AND numeric_id = ? AND numeric_id <> id AND live <> ${LIVE.damaged}`,
  );
  return {
    usersByNumber: ({ app, numbers: asked }: { app: string; numbers: string[] }): UsersByNumberAnswer => {
      const { found, missing } = findEach(asked, (number): UserNumber | undefined => {
        if (ownNumber(number) !== undefined) return { userId: number, number };
        if (canonicalDecimal(number) === undefined) return undefined;
        const row = userOf.get(app, Number(number)) as { user: string } | undefined;
        return row && { userId: row.user, number };
      });
      return { users: found, missing };
    },
    groupsByNumber: ({ app, numbers: asked }: { app: string; numbers: string[] }): GroupsByNumberAnswer => {
      const { found, missing } = findEach(asked, (number): GroupNumber | undefined => {
        if (ownNumber(number) !== undefined) return groups.find(app, number) && { groupId: number, number };
        const row = groupOf.get(app, number) as { id: string } | undefined;
        return row && { groupId: row.id, number };
      });
      return { groups: found, missing };
    },
  };
}

/** What each number names, once, in the given order. */
function findEach<T>(numbers: readonly string[], find: (number: string) => T | undefined) {
  const found: T[] = [];
  const missing: string[] = [];
  for (const number of new Set(numbers)) {
    const one = find(number);
    if (one === undefined) missing.push(number);
    else found.push(one);
  }
  return { found, missing };
}

/** Users and groups have numbers, for clients that know no other ids. */
export const numbers = {
  name: 'numbers',
  tables,
  open: ({ write, read }) => {
    const erase = write.connection.prepare('DELETE FROM user_numbers WHERE app = ? AND user = ?');
    return {
      userNumber: handlers(write),
      eraseUserNumber: ({ app, id }: Owned) => void erase.run([app, id]),
      queries: queries(read),
      lookups: lookups(read),
    };
  },
} satisfies ReadFeature;
