import { PRIVATE_FILE, privateFile, privateFolder, tightenAll } from '@cohort/surroundings';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventLog, NewerSchemaError } from './log';

/** A reason why the store can't start. The message is one sentence for operators. */
export class StoreStartError extends Error {
  override readonly name = 'StoreStartError';
}

/**
 * Opens the log in a directory. SQLite's lock on the file excludes a second store. The operating system releases it when
 * the process ends, even after a crash. The file `pid` only names the holder, for error messages. Only the user of the process
 * may read the directory: it holds the events of all tenants.
 *
 * @throws StoreStartError
 */
export const openDirectory = (directory: string): EventLog => {
  const holder = join(directory, 'pid');
  try {
    privateFolder(directory);
    tightenAll(directory);
    const file = join(directory, 'events.db');
    // SQLite gives its other files the permissions of this one.
    privateFile(file);
    const log = EventLog.open(file);
    writeFileSync(holder, `${process.pid}\n`, { mode: PRIVATE_FILE });
    return log;
  } catch (error) {
    throw explain(error, directory, holder);
  }
};

const explain = (error: unknown, directory: string, holder: string): unknown => {
  if (error instanceof NewerSchemaError)
    return new StoreStartError(`The event store in ${directory} can't be used: ${error.message}.`);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return new StoreStartError(`${directory} is in use by another event store (${holderOf(holder)}).`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EISDIR':
    case 'SQLITE_READONLY':
    case 'SQLITE_CANTOPEN':
      return new StoreStartError(`The event store can't write to ${directory}: check the permissions of DATA_DIR.`);
    case 'ENOSPC':
    case 'SQLITE_FULL':
      return new StoreStartError(`The disk with ${directory} is full: make room, or set DATA_DIR to another disk.`);
    case 'ENOTDIR':
    case 'EEXIST':
      return new StoreStartError(
        `${directory} can't be created: a part of its path is not a directory (see DATA_DIR).`,
      );
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
      return new StoreStartError(
        `${join(directory, 'events.db')} is damaged or not an event store: restore it, or set DATA_DIR to another place.`,
      );
    default:
      return error;
  }
};

const holderOf = (file: string): string => {
  try {
    return `pid ${readFileSync(file, 'utf8').trim()}`;
  } catch {
    return 'pid unknown';
  }
};
