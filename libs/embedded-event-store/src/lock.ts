import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventLog, NewerSchemaError } from './log';

/** Why the store can't start, in one sentence for the person who starts it. */
export class StartError extends Error {}

/**
 * Opens the log of a directory. SQLite's own lock on the file keeps a second store out; the system lets go of it when
 * the process ends, however it ends. The file beside it only tells who holds it.
 */
export const openDirectory = (directory: string): EventLog => {
  const holder = join(directory, 'pid');
  try {
    mkdirSync(directory, { recursive: true });
    const log = EventLog.open(join(directory, 'events.db'));
    writeFileSync(holder, `${process.pid}\n`);
    return log;
  } catch (error) {
    throw explain(error, directory, holder);
  }
};

const explain = (error: unknown, directory: string, holder: string): unknown => {
  if (error instanceof NewerSchemaError)
    return new StartError(`The event store in ${directory} can't be used: ${error.message}.`);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return new StartError(`${directory} is in use by another event store (${holderOf(holder)}).`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'SQLITE_READONLY':
    case 'SQLITE_CANTOPEN':
      return new StartError(`The event store may not write to ${directory}: check the rights of DATA_DIR.`);
    case 'ENOSPC':
    case 'SQLITE_FULL':
      return new StartError(`The disk with ${directory} is full: make room, or set DATA_DIR to another disk.`);
    case 'ENOTDIR':
    case 'EEXIST':
      return new StartError(`${directory} can't be made: something on its path is no directory (see DATA_DIR).`);
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
      return new StartError(
        `${join(directory, 'events.db')} is damaged, or no event store: restore it, or set DATA_DIR to another place.`,
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
