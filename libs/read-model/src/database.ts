import { createFolder, messageOf, PRIVATE_FILE, privateFile } from '@cohort/surroundings';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import Database from 'libsql';
import AsyncDatabase from 'libsql/promise';

export type Connection = Database.Database;
export type Statement = Database.Statement<unknown[]>;

/** Memory for pages of the file, of each connection. */
const CACHE_KIB = 64 * 1024;
/** Pages after which the write-ahead log is folded into the file (40 MiB): fewer and larger writes in a rebuild. */
const CHECKPOINT_PAGES = 10_000;

/** An error that an operator can mend: its message names the file and the problem. */
export class ReadModelFileError extends Error {
  override readonly name = 'ReadModelFileError';
}

/** The SQLite error code of an error, such as `SQLITE_FULL`; undefined for any other error. */
export function sqliteCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined;
}

const STORAGE_FAULT =
  /^SQLITE_(FULL|IOERR|CORRUPT|NOTADB|READONLY|CANTOPEN|BUSY|LOCKED|NOMEM|PERM|PROTOCOL|INTERRUPT|NOLFS|AUTH|FORMAT)/;

/** Whether the disk or the file is at fault (full, damaged, read-only), and not the event at hand. */
export const isStorageFault = (error: unknown): boolean => STORAGE_FAULT.test(sqliteCode(error) ?? '');

/** Whether the file is damaged, so that only a new one helps. */
export const isDamage = (error: unknown): boolean => /^SQLITE_(CORRUPT|NOTADB)/.test(sqliteCode(error) ?? '');

/**
 * Locks the file for this process until `release`, or until the process ends in any way: the lock is the operating
 * system's, on a file beside it. Throws `ReadModelFileError` if another process has the lock.
 */
export function lockFile(file: string): { release(): void } {
  const connection = connect(`${file}.lock`);
  try {
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    if (sqliteCode(error) !== 'SQLITE_BUSY') throw error;
    throw new ReadModelFileError(
      `Another query node uses ${file}. Each node needs a file of its own: set another QUERY_NODE or DATA_DIR.`,
    );
  }
  return { release: () => void connection.close() };
}

/** The connection that the projection writes with. */
export function openWriter(file: string): Connection {
  const connection = connect(file);
  try {
    // Deleted rows are overwritten with zeros, since keys of personal texts are among them.
    // A crash of the machine may undo the last transactions, each as a whole. They are applied again from the log.
    connection.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      PRAGMA secure_delete = ON;
      PRAGMA cache_size = -${CACHE_KIB};
      PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    `);
    return connection;
  } catch (error) {
    connection.close();
    throw fileError(file, error);
  }
}

/** The connection that queries read with; it can't write. */
export function openReader(file: string): Connection {
  const connection = connect(file);
  connection.exec(`PRAGMA query_only = ON; PRAGMA cache_size = -${CACHE_KIB};`);
  return connection;
}

/** Executes SQL that takes long, in a thread of its own. The writer can't write meanwhile. */
export async function executeAside(file: string, sql: string): Promise<void> {
  const connection = new AsyncDatabase(file);
  try {
    await connection.exec(`PRAGMA cache_size = -${CACHE_KIB}; ${sql}`);
  } finally {
    connection.close();
  }
}

/** Suffix of the mark beside a file that was found to be damaged. */
const CONDEMNED = '.damaged';

/** Marks a file as damaged, so that the next start deletes it. */
export const condemnFile = (file: string): void => writeFileSync(file + CONDEMNED, '', { mode: PRIVATE_FILE });

export const isCondemned = (file: string): boolean => existsSync(file + CONDEMNED);

/** Deletes a read model's file and SQLite's files beside it. The lock file stays, as it may be held. */
export function deleteFile(file: string): void {
  // The mark goes last: until then the next start deletes the rest.
  for (const suffix of ['', '-wal', '-shm', '-journal', CONDEMNED]) rmSync(file + suffix, { force: true });
}

/** Makes `to` a copy of `from` as it is at one commit. The node that writes `from` may be running. */
export async function copyFile(from: string, to: string): Promise<void> {
  // Opening a missing file would make one.
  if (!existsSync(from))
    throw new ReadModelFileError(`the file ${from} doesn't exist: correct QUERY_START_FROM or remove it.`);
  const partial = `${to}.partial`;
  rmSync(partial, { force: true });
  createFolder(dirname(to));
  const connection = connect(from);
  try {
    privateFile(partial);
    connection.prepare('VACUUM INTO ?').run([partial]);
    const copy = await open(partial);
    await copy.sync();
    await copy.close();
    await rename(partial, to);
  } catch (error) {
    rmSync(partial, { force: true });
    throw fileError(from, error);
  } finally {
    connection.close();
  }
}

function connect(file: string): Connection {
  try {
    createFolder(dirname(file));
    // SQLite gives its other files the permissions of this one.
    privateFile(file);
    return new Database(file);
  } catch (error) {
    throw fileError(file, error);
  }
}

/** The error for a file that can't be used. */
export function fileError(file: string, error: unknown): Error {
  const code = sqliteCode(error);
  if (code === 'SQLITE_NOTADB' || code === 'SQLITE_CORRUPT') {
    return new ReadModelFileError(
      `${file} is damaged. Stop the node, delete the file and start the node again; it rebuilds the file from the event store.`,
    );
  }
  const reason = messageOf(error);
  return new ReadModelFileError(
    `${file} can't be opened (${reason}). Check permissions and free disk space of DATA_DIR.`,
  );
}
