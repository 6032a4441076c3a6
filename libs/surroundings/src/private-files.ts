import { chmodSync, closeSync, existsSync, lstatSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codeOf, safely } from './texts';

/** Of the owner alone. */
export const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
const OF_OTHERS = 0o077;

/** Keeps whatever this process and its children create to their user. */
export function keepNewFilesPrivate(): void {
  process.umask(OF_OTHERS);
}

/** Creates a folder of this process's user alone, and its parents. An existing one is taken from others. */
export function privateFolder(path: string): void {
  createFolder(path);
  tighten(path);
}

/**
 * Creates a folder, and its parents. An existing one stays as it is.
 *
 * The `recursive` of `mkdirSync` never returns where the parent exists and the system still says ENOENT, such as in `/proc`.
 */
export function createFolder(path: string): void {
  try {
    mkdirSync(path, { mode: PRIVATE_FOLDER });
  } catch (error) {
    if (isFolder(path)) return;
    const parent = dirname(path);
    if (codeOf(error) !== 'ENOENT' || existsSync(parent)) throw error;
    createFolder(parent);
    createFolder(path);
  }
}

const isFolder = (path: string): boolean => safely(() => statSync(path).isDirectory(), false);

/** Creates an empty file of this process's user alone. An existing one keeps its content and is taken from others. */
export function privateFile(path: string): void {
  closeSync(openSync(path, 'a', PRIVATE_FILE));
  tighten(path);
}

/**
 * Takes a folder, and all that is in it, from others: earlier versions left it readable. Links aren't followed. What belongs to
 * another user stays as it is.
 */
export function tightenAll(folder: string): void {
  tighten(folder);
  for (const entry of safely(() => readdirSync(folder, { withFileTypes: true }), [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) tightenAll(path);
    else if (entry.isFile()) tighten(path);
  }
}

/** Whether a folder belongs to this process's user and has no entries but these. */
export function holdsOnly(folder: string, names: (name: string) => boolean): boolean {
  return safely(() => statSync(folder).uid === process.getuid?.() && readdirSync(folder).every(names), false);
}

function tighten(path: string): void {
  // A file may vanish meanwhile, and a disk may have no permissions.
  safely(() => {
    const { mode, uid } = lstatSync(path).isSymbolicLink() ? statSync(path) : lstatSync(path);
    if ((mode & OF_OTHERS) !== 0 && uid === process.getuid?.()) chmodSync(path, mode & 0o7700);
  }, undefined);
}
