import { StartError } from '@cohort/process';
import { codeOf, holdsOnly, PRIVATE_FILE, privateFolder, tightenAll, userName } from '@cohort/surroundings';
import {
  accessSync,
  constants,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { end, identify, isRunning, type KnownProcess } from './processes';

/** Free space required at start. */
const LEAST_FREE_BYTES = 64 * 1024 * 1024;
/** Time in which the processes of a killed launcher must stop. Those of Cohort stop by themselves, nats-server doesn't. */
const LEFTOVERS_GRACE_MS = 10_000;

/**
 * The file `launcher.json`: the launcher that uses the folder, and its children. After a `kill -9` of the launcher, the next
 * one ends these children.
 */
interface Journal {
  readonly launcher: KnownProcess;
  readonly children: readonly KnownProcess[];
}

/** A `DATA_DIR` that this launcher uses exclusively. */
export interface DataDir {
  readonly path: string;
  /** The path of `run.json`, in which the launcher lists the running parts. */
  readonly runFile: string;
  /** Returns the folder of a part, created if missing. */
  folder(name: string): string;
  /** Records the launcher's children in `launcher.json`. */
  note(children: readonly KnownProcess[]): void;
  release(): void;
}

/**
 * Takes `DATA_DIR` for this launcher. Ends the processes that a killed launcher left behind.
 *
 * @throws StartError another launcher uses the folder, it can't be written, or its disk is full
 */
export async function takeDataDir(path: string, say: (text: string) => void): Promise<DataDir> {
  const me = identify(process.pid);
  if (!me) throw new Error('This process is not in the process table.');
  const journal = join(path, 'launcher.json');
  const write = (content: Journal): void => replaceFile(journal, content);

  explain(path, () => {
    keepPrivate(path);
    const { bavail, bsize } = statfsSync(path);
    refuseFullDisk(path, bavail * bsize);
  });
  for (let unreadable = 0; !explain(path, () => createFile(journal, { launcher: me, children: [] }));) {
    const text = readIfThere(journal);
    const other = parseJournal(text);
    if (!other && unreadable++ < 3) {
      await delay(50); // Another launcher may be writing the file. If not, a crash left it incomplete.
      continue;
    }
    if (other && isRunning(other.launcher)) {
      throw new StartError(
        `DATA_DIR ${path} is in use: Cohort already runs there (process ${other.launcher.pid}). ` +
          'Stop that process, or set DATA_DIR to another folder.',
      );
    }
    const left = other?.children.filter(isRunning) ?? [];
    if (left.length > 0) {
      say('An earlier run was killed; ending the processes it left behind ...');
      await end(left, LEFTOVERS_GRACE_MS);
    }
    explain(path, () => removeIfStill(journal, text));
  }
  const runFile = join(path, 'run.json');
  explain(path, () => rmSync(runFile, { force: true }));

  return {
    path,
    runFile,
    folder: (name) => {
      const folder = join(path, name);
      explain(folder, () => {
        privateFolder(folder);
        accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
      });
      return folder;
    },
    note: (children) => write({ launcher: me, children }),
    release: () => {
      rmSync(runFile, { force: true });
      rmSync(journal, { force: true });
    },
  };
}

/** What Cohort keeps in the folder. */
const FOLDERS: readonly string[] = ['event-store', 'nats', 'query'];
const isOurs = (name: string): boolean => FOLDERS.includes(name) || /^(run|launcher)\.json(\.\d+)?$/.test(name);

/**
 * Takes the data from other users of the machine. The folder itself may hold other things (`DATA_DIR=/tmp`): then only what
 * Cohort keeps in it is taken.
 */
function keepPrivate(path: string): void {
  if (!existsSync(path) || holdsOnly(path, isOurs)) privateFolder(path);
  for (const name of FOLDERS.filter((folder) => existsSync(join(path, folder)))) tightenAll(join(path, name));
}

/** Replaces a file atomically: a reader gets the old content or the new one, never a part. */
export function replaceFile(file: string, content: object): void {
  const partial = `${file}.${process.pid}`;
  rmSync(partial, { force: true });
  try {
    writeFileSync(partial, `${JSON.stringify(content)}\n`, { mode: PRIVATE_FILE });
    renameSync(partial, file);
  } catch (error) {
    // A full disk leaves an empty file.
    rmSync(partial, { force: true });
    throw error;
  }
}

/** @internal Exported for its test, which can't fill a disk. */
export function refuseFullDisk(path: string, freeBytes: number): void {
  if (freeBytes >= LEAST_FREE_BYTES) return;
  const megabytes = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)} MB`;
  throw new StartError(
    `The disk of DATA_DIR ${path} is full: ${megabytes(freeBytes)} are free, ${megabytes(LEAST_FREE_BYTES)} are needed. ` +
      'Make room, or set DATA_DIR to a folder on another disk.',
  );
}

/** Creates the file. Returns false if it exists already. Of two concurrent calls, one succeeds. */
function createFile(file: string, content: Journal): boolean {
  try {
    writeFileSync(file, JSON.stringify(content), { flag: 'wx', mode: PRIVATE_FILE });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function parseJournal(text: string | undefined): Journal | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Journal);
  } catch {
    return undefined;
  }
}

/** Removes the file of a dead launcher, unless another launcher has replaced it meanwhile. */
function removeIfStill(file: string, text: string | undefined): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (readIfThere(aside) === text) rmSync(aside);
    else renameSync(aside, file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function explain<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof StartError) throw error;
    const elsewhere = 'Set DATA_DIR to a folder that can be written.';
    switch (codeOf(error)) {
      case 'EACCES':
      case 'EPERM':
        throw new StartError(`DATA_DIR: the ${userName()} may not write to ${path}. ${elsewhere}`);
      case 'EROFS':
        throw new StartError(`DATA_DIR: ${path} is on a read-only disk. ${elsewhere}`);
      case 'ENOSPC':
      case 'EDQUOT':
        throw new StartError(`The disk of DATA_DIR ${path} is full. Make room, or set DATA_DIR to another disk.`);
      case 'ENOTDIR':
      case 'EEXIST':
      case 'ENOENT':
        throw new StartError(`DATA_DIR: ${path} can't be created as a folder. ${elsewhere}`);
      case undefined:
      default:
        throw error;
    }
  }
}
