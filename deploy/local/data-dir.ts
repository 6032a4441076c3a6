import { codeOf, StartError } from '@cohort/process';
import { accessSync, constants, mkdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { end, identify, isRunning, type KnownProcess } from './processes';

/** What is needed to start at all; the services keep their own watch on the disk afterwards. */
const LEAST_FREE_BYTES = 64 * 1024 * 1024;
/** Children of a launcher that was killed stop by themselves; nats-server has to be told. */
const LEFTOVERS_GRACE_MS = 10_000;

/** `launcher.json`: who has the folder, and what he started, so that the next one can end what a kill -9 left behind. */
interface Journal {
  readonly launcher: KnownProcess;
  readonly children: readonly KnownProcess[];
}

/** The launcher's hold on its `DATA_DIR`. */
export interface DataDir {
  readonly path: string;
  /** Where the launcher writes what runs (`run.json`). */
  readonly runFile: string;
  /** A folder for one of the parts, made if need be. */
  folder(name: string): string;
  /** Writes down what was started, so that no `kill -9` leaves a process that nobody knows. */
  note(children: readonly KnownProcess[]): void;
  release(): void;
}

/**
 * Takes `DATA_DIR` for this launcher. Ends what an earlier one, killed without a chance to, has left running. Refuses a
 * folder that another launcher holds, that can't be written, or whose disk is full.
 */
export async function takeDataDir(path: string, say: (text: string) => void): Promise<DataDir> {
  const me = identify(process.pid);
  if (!me) throw new Error('This process is not among the running ones.');
  const journal = join(path, 'launcher.json');
  const write = (content: Journal): void => replaceFile(journal, content);

  explain(path, () => {
    mkdirSync(path, { recursive: true });
    const { bavail, bsize } = statfsSync(path);
    refuseFullDisk(path, bavail * bsize);
  });
  for (let unreadable = 0; !explain(path, () => createFile(journal, { launcher: me, children: [] }));) {
    const text = readIfThere(journal);
    const other = parseJournal(text);
    if (!other && unreadable++ < 3) {
      await delay(50); // Being written this moment; else cut short by a crash, and nobody's.
      continue;
    }
    if (other && isRunning(other.launcher)) {
      throw new StartError(
        `DATA_DIR ${path} is in use: Cohort already runs there (process ${other.launcher.pid}). ` +
          'Stop that one, or set DATA_DIR to another folder.',
      );
    }
    const left = other?.children.filter(isRunning) ?? [];
    if (left.length > 0) {
      say('An earlier run was killed; ending what it left behind ...');
      await end(left, LEFTOVERS_GRACE_MS);
    }
    removeIfStill(journal, text);
  }
  const runFile = join(path, 'run.json');
  rmSync(runFile, { force: true });

  return {
    path,
    runFile,
    folder: (name) => {
      const folder = join(path, name);
      explain(folder, () => {
        mkdirSync(folder, { recursive: true });
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

/** Writes a file so that a reader sees the old one or the new one, never a part. */
export function replaceFile(file: string, content: object): void {
  const partial = `${file}.${process.pid}`;
  writeFileSync(partial, `${JSON.stringify(content)}\n`);
  renameSync(partial, file);
}

/** @internal exported for its test: a full disk isn't made by hand. */
export function refuseFullDisk(path: string, freeBytes: number): void {
  if (freeBytes >= LEAST_FREE_BYTES) return;
  const megabytes = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)} MB`;
  throw new StartError(
    `The disk of DATA_DIR ${path} is full: ${megabytes(freeBytes)} are free, ${megabytes(LEAST_FREE_BYTES)} needed. ` +
      'Make room, or set DATA_DIR to a folder on another disk.',
  );
}

/** False when the file is there already: of two that try at the same time one succeeds. */
function createFile(file: string, content: Journal): boolean {
  try {
    writeFileSync(file, JSON.stringify(content), { flag: 'wx' });
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

/** Removes a dead launcher's file, but not the one that another, starting at this moment, has put in its place. */
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
        throw new StartError(`DATA_DIR: the user ${userInfo().username} may not write in ${path}. ${elsewhere}`);
      case 'EROFS':
        throw new StartError(`DATA_DIR: ${path} is on a disk that can only be read. ${elsewhere}`);
      case 'ENOSPC':
      case 'EDQUOT':
        throw new StartError(`The disk of DATA_DIR ${path} is full. Make room, or set DATA_DIR to another disk.`);
      case 'ENOTDIR':
      case 'EEXIST':
      case 'ENOENT':
        throw new StartError(`DATA_DIR: ${path} can't be made a folder. ${elsewhere}`);
      case undefined:
      default:
        throw error;
    }
  }
}
