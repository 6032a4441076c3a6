import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A process id and the start time of its process. Ids are reused; the pair is unique. */
export interface KnownProcess {
  readonly pid: number;
  readonly started: string;
}

/** Returns the process with this id, or undefined if there is none or it is a zombie. */
export function identify(pid: number): KnownProcess | undefined {
  const started = process.platform === 'linux' ? startedByProc(pid) : startedByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

export const isRunning = (known: KnownProcess): boolean => identify(known.pid)?.started === known.started;

function startedByProc(pid: number): string | undefined {
  try {
    // proc(5): the fields after the name in parentheses are fixed. Field 3 is the state, 22 the start in ticks since boot.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${boot}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

function startedByPs(pid: number): string | undefined {
  const { stdout, status } = spawnSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const text = stdout.trim();
  return status === 0 && text !== '' && !text.startsWith('Z') ? text.replace(/^\S+\s+/, '') : undefined;
}

/** Sends a signal. A process that has ended is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The process has ended.
  }
}

/** Ends processes that aren't children of this one: by SIGTERM, and after `graceMs` by SIGKILL. */
export async function end(processes: readonly KnownProcess[], graceMs: number): Promise<void> {
  const deadline = Date.now() + graceMs;
  processes.filter(isRunning).forEach(({ pid }) => signal(pid, 'SIGTERM'));
  while (processes.some(isRunning)) {
    if (Date.now() > deadline) processes.filter(isRunning).forEach(({ pid }) => signal(pid, 'SIGKILL'));
    await delay(25);
  }
}
