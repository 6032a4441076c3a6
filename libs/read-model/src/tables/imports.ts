import type { Tables } from './schema';

/** `imports`: groups that came from elsewhere. `completed` is 0 until the group is visible. */
export const IMPORTS: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS imports (
      gid INTEGER PRIMARY KEY,
      app TEXT NOT NULL,
      import_id TEXT NOT NULL,
      next INTEGER NOT NULL,
      completed INTEGER NOT NULL,
      started_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX IF NOT EXISTS running_imports ON imports (app) WHERE completed = 0;
  `,
  order: { imports: 'gid' },
};
