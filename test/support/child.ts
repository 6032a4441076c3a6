import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** A server that is not one of our own processes: it has no channel to its parent. */
export interface Child {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Resolves with the exit code when it has ended. */
  readonly exited: Promise<number | null>;
  isRunning(): boolean;
  /** The last of its stdout and stderr. */
  output(): string;
  /** Whether it ended although `end` wasn't called. */
  endedByItself(): boolean;
  /**
   * Sends a signal to it and to all its children, unless they have ended. Resolves with the exit code when all of them have
   * ended; SIGKILL follows after half a minute.
   */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

const KEPT_OUTPUT = 20_000;
const STOP_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 10;

/** Starts a program, in a process group of its own. It ends when the tests do, however they end. */
export function startChild(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Child {
  const child = spawn(program, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    // Keeps on reading: a full pipe would stop the server.
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-KEPT_OUTPUT)));
  }
  const exited = once(child, 'exit').then(
    ([code]) => code as number | null,
    (error: Error) => {
      output += error.message;
      return 1;
    },
  );
  const pid = child.pid ?? 0;
  if (pid !== 0) endWithTests(pid, exited);
  const isRunning = () => pid !== 0 && child.exitCode === null && child.signalCode === null;
  let asked = false;
  return {
    process: child,
    pid,
    exited,
    isRunning,
    output: () => output,
    endedByItself: () => !asked && !isRunning(),
    end: async (signal) => {
      asked ||= isRunning();
      const late = Date.now() + STOP_WITHIN_MS;
      // A shell ends at once, and the server that it has started may still be writing.
      for (
        let isThere = signalGroup(pid, signal);
        isThere;
        isThere = signalGroup(pid, Date.now() > late ? 'SIGKILL' : 0)
      ) {
        await delay(LOOK_EVERY_MS);
      }
      return exited;
    },
  };
}

/** Returns whether the group has a process; the signal 0 only asks. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== 0 && process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}

/** Kills a process group when this process ends, even by SIGKILL: then the guard's input ends. */
function endWithTests(pid: number, exited: Promise<unknown>): void {
  const guard = spawn('sh', ['-c', 'read _; kill -9 "-$1"', 'sh', String(pid)], {
    // The Ctrl-C of a terminal ends the tests, and then the guard has work to do.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  void exited.then(() => guard.kill('SIGKILL'));
}
