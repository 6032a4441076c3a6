import { START } from '@cohort/contracts';
import { deleteFile, fileError, isCondemned, openWriter, type Connection } from './database';
import { SCHEMA_VERSION, type Tables } from './tables/schema';

export interface FileSettings {
  /** The SQLite file; made if it isn't there. It belongs to this process alone. */
  readonly file: string;
  /** The UUID of the event store whose log is applied. */
  readonly store: string;
  /** Called with the reason before the file's content is thrown away. */
  readonly onRebuild?: (reason: string) => void;
}

/** Opens the file for writing, with all tables. Content that can't be used is thrown away. */
export function openFile({ file, store, onRebuild }: FileSettings, tables: readonly Tables[]): Connection {
  if (isCondemned(file)) {
    onRebuild?.('it was found to be damaged');
    deleteFile(file);
  }
  const writer = openWriter(file);
  try {
    const reason = whyUnusable(writer, store);
    if (reason === undefined) {
      // Those of a feature that the build which made the file doesn't have.
      createTables(writer, tables);
      return writer;
    }
    if (reason !== 'new') onRebuild?.(reason);
  } catch (error) {
    writer.close();
    throw fileError(file, error);
  }
  writer.close();
  deleteFile(file);
  const fresh = openWriter(file);
  fresh.transaction(() => {
    createTables(fresh, tables);
    fresh.prepare('INSERT INTO meta VALUES (1, ?, ?, ?)').run([SCHEMA_VERSION, store, START]);
  })();
  return fresh;
}

const createTables = (connection: Connection, tables: readonly Tables[]) =>
  connection.exec(tables.map(({ sql }) => sql).join('\n'));

function whyUnusable(connection: Connection, store: string): string | undefined {
  const hasMeta = connection.prepare("SELECT 1 FROM sqlite_master WHERE name = 'meta'").get() !== undefined;
  if (!hasMeta) return 'new';
  const meta = connection.prepare('SELECT * FROM meta').get() as { store: string; schema_version: number } | undefined;
  if (meta === undefined) return 'new';
  if (meta.store !== store) return `it was made from event store ${meta.store}, and this is event store ${store}`;
  if (meta.schema_version !== SCHEMA_VERSION) {
    return `its schema is of version ${meta.schema_version}, and this build's is ${SCHEMA_VERSION}`;
  }
  return undefined;
}
