import type { Owned } from '@cohort/contracts';
import type { ReadFeature, ReadSide, UserHandlers, WriteSide } from '../feature';
import type { Tables } from '../tables/schema';

/** `user_syncs`: the numbers of each user's last requested sync, and of the last completed one (-1: none). */
const tables: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS user_syncs (
      app TEXT NOT NULL,
      user TEXT NOT NULL,
      requested INTEGER NOT NULL,
      completed INTEGER NOT NULL,
      PRIMARY KEY (app, user)
    ) STRICT, WITHOUT ROWID;
  `,
  order: { user_syncs: 'app, user' },
};

function handlers({ connection }: WriteSide): UserHandlers {
  const request = connection.prepare(`
    INSERT INTO user_syncs (app, user, requested, completed) VALUES (?, ?, ?, -1)
    ON CONFLICT (app, user) DO UPDATE SET requested = excluded.requested`);
  // The log may no longer have the request: completed ones are truncated.
  const complete = connection.prepare(`
    INSERT INTO user_syncs (app, user, requested, completed) VALUES (?1, ?2, ?3, ?3)
    ON CONFLICT (app, user) DO UPDATE SET completed = excluded.completed`);
  return {
    syncRequested: ({ app, id }, _data, { revision }) => void request.run([app, id, revision]),
    syncCompleted: ({ app, id }, { sync }) => void complete.run([app, id, sync]),
  };
}

interface SyncNumbers {
  readonly requested: number;
  readonly completed: number;
}

function lookups({ connection }: ReadSide) {
  const select = connection.prepare('SELECT requested, completed FROM user_syncs WHERE app = ? AND user = ?');
  return {
    /** The numbers of the user's last requested sync, and of the last completed one; -1 if there is none. */
    syncNumbers: (app: string, userId: string): SyncNumbers =>
      (select.get(app, userId) as SyncNumbers | undefined) ?? { requested: -1, completed: -1 },
  };
}

/** How far the syncs of users are. */
export const userSync = {
  name: 'user-sync',
  tables,
  open: ({ write, read }) => {
    const erase = write.connection.prepare('DELETE FROM user_syncs WHERE app = ? AND user = ?');
    return {
      user: handlers(write),
      eraseUser: ({ app, id }: Owned) => void erase.run([app, id]),
      lookups: lookups(read),
    };
  },
} satisfies ReadFeature;
