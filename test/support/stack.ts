import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startNats, type TestNats } from './nats-server';

const ROOT = resolve(__dirname, '../..');
const REGISTER = join(__dirname, 'ts-register.cjs');

/** In a fresh clone, processes that start together each compile all they import, on few processors. */
const READY_WITHIN_MS = 60_000;

const MAIN = {
  'event-store': 'libs/embedded-event-store/src/main.ts',
  command: 'apps/command/src/main.ts',
  query: 'apps/query/src/main.ts',
  worker: 'apps/worker/src/main.ts',
  gateway: 'apps/gateway/src/main.ts',
} as const;
export type PartName = keyof typeof MAIN;

/** A process of ours, started from its sources. */
export interface Part {
  readonly pid: number;
  /** What it serves: HTTP of the gateway, the event store's connection string. */
  readonly url: string;
  readonly healthUrl: string;
  /** The last it wrote to stdout and stderr. */
  output(): string;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface PartOptions {
  /** Start what was built into `dist`, as a user does, rather than the sources. */
  readonly built?: boolean;
  /** More options for Node. */
  readonly nodeArgs?: readonly string[];
}

/** Starts one process and waits until it says that it is ready. It ends when the tests do, however they end. */
export async function startPart(
  name: PartName,
  env: Readonly<Record<string, string>>,
  { built = false, nodeArgs = [] }: PartOptions = {},
): Promise<Part> {
  const main = built ? join('dist', MAIN[name].replace(/\.ts$/, '.js')) : MAIN[name];
  const child = fork(join(ROOT, main), {
    cwd: ROOT,
    execArgv: [...(built ? ['--enable-source-maps'] : ['-r', REGISTER]), ...nodeArgs],
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', HEALTH_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-20_000)));
  }
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return (await exited)[0];
  };
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void end('SIGKILL');
  }, READY_WITHIN_MS);
  const ready = await Promise.race([
    readiness(child),
    exited.then(([code]) => {
      const why = late ? `was not ready within ${READY_WITHIN_MS} ms` : `ended with ${code} before it was ready`;
      throw new Error(`${name} ${why}:\n${output}`);
    }),
  ]).finally(() => clearTimeout(timer));
  return {
    pid: child.pid!,
    url: ready.url ?? '',
    healthUrl: ready.healthUrl ?? '',
    output: () => output,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}

interface Ready {
  readonly ready: true;
  readonly url?: string;
  readonly healthUrl?: string;
}

const readiness = (child: ChildProcess): Promise<Ready> =>
  new Promise((resolve) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && 'ready' in message) resolve(message as Ready);
    });
  });

export interface Stack {
  readonly nats: TestNats;
  readonly eventStore: Part;
  readonly command: Part;
  readonly queries: readonly Part[];
  readonly worker: Part;
  readonly gateway: Part;
  /** Starts one more process beside the others, with a data directory of its own. */
  start(name: PartName, env?: Readonly<Record<string, string>>): Promise<Part>;
  /** Stops everything, in order, and removes its data. */
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Default 1. */
  readonly queryNodes?: number;
  /** The contents of `APPS_FILE`; default: none, which means the demo app. */
  readonly apps?: readonly object[];
  /** For every process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The whole of Cohort on free ports: nats-server, the embedded event store and the four apps, data in a new directory. */
export async function startStack({ queryNodes = 1, apps, env = {} }: StackOptions = {}): Promise<Stack> {
  const directory = await mkdtemp(join(tmpdir(), 'cohort-stack-'));
  const parts: Part[] = [];
  let nats: TestNats | undefined;
  const stop = async () => {
    for (const part of [...parts].reverse()) await part.stop();
    await nats?.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    nats = await startNats();
    const common: Record<string, string> = { NATS_URL: nats.url, GATEWAY_PORT: '0', EVENTSTORE_PORT: '0', ...env };
    if (apps) {
      common.APPS_FILE = join(directory, 'apps.json');
      await writeFile(common.APPS_FILE, JSON.stringify({ apps }));
    }
    let count = 0;
    const start = async (name: PartName, own: Readonly<Record<string, string>> = {}) => {
      const part = await startPart(name, { ...common, DATA_DIR: join(directory, `${name}-${count++}`), ...own });
      parts.push(part);
      return part;
    };
    const eventStore = await start('event-store');
    common.EVENTSTORE_URL = eventStore.url;
    const command = await start('command');
    const queries: Part[] = [];
    for (let i = 0; i < queryNodes; i++) queries.push(await start('query'));
    const worker = await start('worker');
    const gateway = await start('gateway');
    return { nats, eventStore, command, queries, worker, gateway, start, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
