import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

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
  /** Sends a signal to it and to all its children, unless it has ended; resolves with the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

const KEPT_OUTPUT = 20_000;

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
    end: (signal) => {
      if (isRunning()) {
        asked = true;
        signalGroup(pid, signal);
      }
      return exited;
    },
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // It ended a moment ago.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
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
