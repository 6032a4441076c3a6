import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
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

/** Linux only; elsewhere not a number. */
export async function residentMebibytes(pid: number): Promise<number> {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return NaN;
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(await readFile(file, 'utf8'))?.[1] ?? NaN) / 1_024;
}
