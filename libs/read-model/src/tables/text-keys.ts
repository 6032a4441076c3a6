import { keyChange, openText, parseKeyId, type PersonalText, type Position } from '@cohort/contracts';
import type { AfterCommit } from '../after-commit';
import type { Connection, Statement } from '../database';
import type { LogEvent } from '../log-event';
import type { Tables } from './schema';

/**
 * `text_keys`: the keys of users' personal texts. Rows of features keep the sealed texts, which queries open. So an erased text is
 * gone with its key, wherever it is (docs/decisions/0006-personal-text.md). `erased_texts`: the position of each tenant's
 * last erasure. It empties texts without an event of a group, so copies of lists from before are read anew.
 */
export const TEXT_KEYS: Tables = {
  sql: `
    CREATE TABLE IF NOT EXISTS text_keys (
      app TEXT NOT NULL,
      user TEXT NOT NULL,
      number INTEGER NOT NULL,
      key TEXT NOT NULL,
      PRIMARY KEY (app, user, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE IF NOT EXISTS erased_texts (
      app TEXT NOT NULL PRIMARY KEY,
      position INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
  order: { text_keys: 'app, user, number', erased_texts: 'app' },
};

/** Keys as the projection writes them. In the log, a key comes before the texts that it seals. */
export class TextKeyTable {
  private readonly insert: Statement;
  private readonly remove: Statement;
  private readonly raise: Statement;
  /** Whether erased keys may still be in the write-ahead log. */
  private isUnclean = false;

  constructor(
    private readonly connection: Connection,
    private readonly afterCommit: AfterCommit,
  ) {
    this.insert = connection.prepare('INSERT OR REPLACE INTO text_keys VALUES (?, ?, ?, ?)');
    this.remove = connection.prepare('DELETE FROM text_keys WHERE app = ? AND user = ? AND number <= ?');
    this.raise = connection.prepare(`
      INSERT INTO erased_texts (app, position) VALUES (?, CAST(? AS INTEGER))
      ON CONFLICT (app) DO UPDATE SET position = max(position, excluded.position)`);
  }

  /** Applies an event of a key stream. Any other event changes nothing. */
  apply(event: LogEvent): void {
    const change = keyChange(event);
    if (change === undefined) return;
    const { app, id } = change.owner;
    if (change.kind === 'made') {
      this.insert.run([app, id, change.number, Buffer.from(change.key).toString('base64url')]);
      return;
    }
    this.raise.run([app, event.position]);
    if (this.remove.run([app, id, change.upTo]).changes > 0) this.afterCommit.add(() => (this.isUnclean = true));
  }

  /** To be called after a commit: SQLite overwrites deleted rows in the file, and this empties the log beside it. */
  clean(): void {
    if (!this.isUnclean) return;
    const [result] = this.connection.pragma('wal_checkpoint(TRUNCATE)') as { readonly busy: number }[];
    // A reader holds the log. The next commit tries again.
    this.isUnclean = result?.busy !== 0;
  }
}

/** The form in which a column keeps a personal text. */
export const storedText = (text: PersonalText): string => JSON.stringify(text);

/** Opens personal texts for queries. */
export class TextReader {
  private readonly select: Statement;
  private readonly erased: Statement;

  constructor(connection: Connection) {
    this.select = connection.prepare('SELECT key FROM text_keys WHERE app = ? AND user = ? AND number = ?');
    this.erased = connection.prepare('SELECT 1 FROM erased_texts WHERE app = ? AND position > CAST(? AS INTEGER)');
  }

  /** Whether texts of the tenant were erased after a position. */
  erasedAfter(app: string, position: Position): boolean {
    return this.erased.get(app, position) !== undefined;
  }

  /** The text of a column (`storedText`); empty if its key is gone, or if the column is. */
  open(stored: string | null): string {
    return stored === null ? '' : this.opened(JSON.parse(stored) as PersonalText);
  }

  /** A text; empty if its key is gone. */
  opened(text: PersonalText): string {
    return typeof text === 'string' ? text : openText(text, this.keyOf(text.keyId));
  }

  private keyOf(keyId: string): Uint8Array | undefined {
    const { owner, number } = parseKeyId(keyId) ?? {};
    const row = owner && (this.select.get(owner.app, owner.id, number) as { readonly key: string } | undefined);
    return row && Buffer.from(row.key, 'base64url');
  }
}
