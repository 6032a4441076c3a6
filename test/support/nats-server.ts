import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startChild, type Child } from './child';
import { isFree } from './free-port';
import { mustBeDeclared, NATS_SERVER_COMMAND, NATS_URL, READY_WITHIN_MS } from './servers';
import { borrowNats } from './shared-nats';

export interface TestNats {
  readonly url: string;
  readonly pid: number;
  readonly port: number;
  /** The last of its stdout and stderr. */
  output(): string;
  /** Whether it ended although nobody here has ended it. */
  endedByItself(): boolean;
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

/**
 * Starts a real nats-server that nobody else uses, with JetStream, on a free port (or `port`), data in a directory of its
 * own (or `directory`).
 */
export function startNats(options: Options = {}): Promise<TestNats> {
  mustBeDeclared('own nats-server');
  return start(options);
}

async function start(options: Options): Promise<TestNats> {
  const { port = -1, args = [], jetStream = true } = options;
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'cohort-nats-')));
  const launch = (on: number, more: readonly string[]) =>
    launchNats([
      ...['--addr', '127.0.0.1', '--port', String(on)],
      ...(jetStream ? ['--jetstream', '--store_dir', directory] : []),
      ...more,
    ]);
  let running = await launch(port, args);
  const end = async (signal: NodeJS.Signals) => {
    await running.child.end(signal);
    await isFree(running.port);
  };
  return {
    url: `nats://127.0.0.1:${running.port}`,
    get pid() {
      return running.child.pid;
    },
    port: running.port,
    output: () => running.child.output(),
    endedByItself: () => running.child.endedByItself(),
    kill: () => end('SIGKILL'),
    restart: async ({ wiped = false, args: others = args as string[] } = {}) => {
      await end('SIGKILL');
      if (wiped) await rm(directory, { recursive: true, force: true });
      running = await launch(running.port, others);
    },
    stop: async () => {
      await end('SIGTERM');
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A nats-server that isn't this spec's own. */
export type UsedNats = Pick<TestNats, 'url' | 'stop'>;

/** A nats-server for one Cohort of this run, which is left running: the one of `NATS_URL`, or a new one. */
export async function useNats(): Promise<UsedNats> {
  if (NATS_URL === undefined) return start({});
  return { url: NATS_URL, stop: await borrowNats(NATS_URL) };
}

async function launchNats(args: readonly string[]): Promise<{ readonly child: Child; readonly port: number }> {
  const child = startChild('sh', ['-c', `exec ${NATS_SERVER_COMMAND} "$@"`, 'sh', ...args]);
  const port = new Promise<number>((resolve) => {
    let found = 0;
    createInterface(child.process.stderr!).on('line', (line) => {
      found ||= Number(/Listening for client connections on .*:(\d+)$/.exec(line)?.[1] ?? 0);
      if (line.includes('Server is ready')) resolve(found);
    });
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, READY_WITHIN_MS);
  });
  const ready = await Promise.race([port, child.exited.then(() => undefined), late]);
  clearTimeout(timer);
  if (typeof ready === 'number') return { child, port: ready };
  await child.end('SIGKILL');
  throw new Error(`nats-server was not ready:\n${child.output()}`);
}
