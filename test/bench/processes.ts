import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import type { Part } from '../support/stack';

type Process = Pick<Part, 'endedByItself' | 'output'>;

/** A process of the service or of the bench has ended, and nothing more can be measured. */
export class ProcessEnded extends Error {}

const LOOK_EVERY_MS = 200;

/**
 * Resolves and rejects as the work does, or rejects when a process ends that nobody has stopped: the work would wait for it
 * for ever.
 */
export async function whileAlive<T>(work: Promise<T>, processes: () => readonly [string, Process][]): Promise<T> {
  let watch: NodeJS.Timeout | undefined;
  const death = new Promise<never>((_, reject) => {
    watch = setInterval(() => {
      for (const [name, { endedByItself, output }] of processes()) {
        if (endedByItself()) reject(new ProcessEnded(`${name} ended by itself:\n${output()}`));
      }
    }, LOOK_EVERY_MS);
  });
  try {
    return await Promise.race([work, death]);
  } finally {
    clearInterval(watch);
  }
}

/** Of a process, and of the others in its group if it leads one: a command may have started the server. Linux only. */
export async function residentMebibytes(pid: number): Promise<number> {
  if (!existsSync('/proc/self/status')) return NaN;
  const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const led = await Promise.all(
    all.map(async (one) => (one === pid || (await groupOf(one)) === pid ? one : undefined)),
  );
  const sizes = await Promise.all(led.filter((one) => one !== undefined).map(residentKibibytes));
  return sizes.reduce((sum, size) => sum + size, 0) / 1_024;
}

// A process may end meanwhile, and then has no memory.
const read = (pid: number, name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');

/** Behind the name, which may contain anything but its end: state, parent, group. */
const groupOf = async (pid: number): Promise<number> =>
  Number(/\) \S \d+ (\d+) [^)]*$/.exec(await read(pid, 'stat'))?.[1] ?? NaN);

const residentKibibytes = async (pid: number): Promise<number> =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(await read(pid, 'status'))?.[1] ?? 0);
