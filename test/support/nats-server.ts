import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface TestNats {
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  /** SIGKILL; data stay. */
  kill(): Promise<void>;
  /** Starts it again after `kill`, on its port, with its data or, when they shall be lost, without. */
  restart(options?: { wiped?: boolean; args?: string[] }): Promise<void>;
  /** Ends it and removes its data, unless they are in a `directory` that was given. */
  stop(): Promise<void>;
}

interface Options {
  readonly port?: number;
  readonly args?: readonly string[];
  /** Default true. */
  readonly jetStream?: boolean;
  /** Where its data are, and stay after `stop`. Default: a new directory, which `stop` removes. */
  readonly directory?: string;
}

/** Starts a real nats-server with JetStream on a free port (or `port`), data in a directory of its own (or `directory`). */
export async function startNats(options: Options = {}): Promise<TestNats> {
  const { port = -1, args = [], jetStream = true } = options;
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'cohort-nats-')));
  const launch = (on: number, more: readonly string[]) =>
    launchNats([
      ...['--addr', '127.0.0.1', '--port', String(on)],
      ...(jetStream ? ['--jetstream', '--store_dir', directory] : []),
      ...more,
    ]);
  let running = await launch(port, args);
  return {
    url: `nats://127.0.0.1:${running.port}`,
    get pid() {
      return running.child.pid!;
    },
    port: running.port,
    kill: () => running.end('SIGKILL'),
    restart: async ({ wiped = false, args: others = args as string[] } = {}) => {
      await running.end('SIGKILL');
      if (wiped) await rm(directory, { recursive: true, force: true });
      running = await launch(running.port, others);
    },
    stop: async () => {
      await running.end('SIGTERM');
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

interface Launched {
  readonly child: ChildProcess;
  readonly port: number;
  end(signal: NodeJS.Signals): Promise<void>;
}

/**
 * Kills a process when this one ends, even by SIGKILL: then the guard's input ends. Our own processes need no guard: they
 * stop when their channel to their parent closes.
 */
function endWithTests(pid: number, exited: Promise<unknown>): void {
  const guard = spawn('sh', ['-c', 'read _; kill -9 "$1"', 'sh', String(pid)], { stdio: ['pipe', 'ignore', 'ignore'] });
  void exited.then(() => guard.kill('SIGKILL'));
}

async function launchNats(args: readonly string[]): Promise<Launched> {
  const child = spawn('nats-server', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  if (child.pid !== undefined) endWithTests(child.pid, exited);

  const port = await new Promise<number>((resolve, reject) => {
    const log: string[] = [];
    let found = 0;
    // Keeps on reading: a full pipe would stop the server.
    createInterface(child.stderr).on('line', (line) => {
      if (log.length < 100) log.push(line);
      found ||= Number(/Listening for client connections on .*:(\d+)$/.exec(line)?.[1] ?? 0);
      if (line.includes('Server is ready')) resolve(found);
    });
    void exited.then(() => reject(new Error(`nats-server ended:\n${log.join('\n')}`)));
    child.once('error', reject);
  });
  return {
    child,
    port,
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
    },
  };
}
