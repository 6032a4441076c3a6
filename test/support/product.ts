import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { mustBeDeclared, NATS_SERVER_COMMAND } from './servers';
import { waitFor } from './wait-for';

const ROOT = resolve(__dirname, '../..');
const START = ['node', 'deploy/local/start.cjs'] as const;
/** A start may build first. */
const START_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 30_000;

interface Server {
  readonly pid: number;
  readonly url: string;
}
interface App {
  readonly pid: number;
  readonly healthUrl: string;
}

/** `DATA_DIR/run.json`. */
export interface RunFile {
  readonly gateway: Server;
  readonly nats: Server;
  readonly eventStore: Server;
  readonly command: App;
  readonly query: App;
  readonly worker: App;
}

/** The product as a person starts it. */
export interface Product {
  readonly dataDir: string;
  readonly pid: number;
  /** What runs at this moment. */
  running(): RunFile;
  /** All it has printed. */
  output(): string;
  /** Sends a signal, SIGINT by default as Ctrl-C does; resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface ProductOptions {
  readonly dataDir: string;
  /** Default: free ports, and nothing else of this process's environment that is a setting. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default `node deploy/local/start.cjs`. The signals of `stop` go to its whole process group, as a terminal's do. */
  readonly command?: readonly [string, ...string[]];
}

// `npm start` looks for a nats-server on the PATH.
const PATH = [...(isAbsolute(NATS_SERVER_COMMAND) ? [dirname(NATS_SERVER_COMMAND)] : []), process.env.PATH].join(
  delimiter,
);

const environment = ({ dataDir, env }: ProductOptions): NodeJS.ProcessEnv => ({
  PATH,
  HOME: process.env.HOME,
  GATEWAY_PORT: '0',
  WILDFIRECHAT_PORT: '0',
  NATS_PORT: '0',
  EVENTSTORE_PORT: '0',
  DATA_DIR: dataDir,
  ...env,
});

/** Runs the start to its end: for starts that are refused. */
export function startToItsEnd(options: ProductOptions): Promise<{ code: number | null; output: string }> {
  const { child, output, exited } = begin(options);
  const timer = setTimeout(() => child.kill('SIGTERM'), START_WITHIN_MS);
  return exited.then((code) => {
    clearTimeout(timer);
    return { code, output: output() };
  });
}

/** Starts the product and waits until it says that it is ready. */
export async function startProduct(options: ProductOptions): Promise<Product> {
  mustBeDeclared('embedded event store');
  const { child, output, exited } = begin(options);
  const file = join(options.dataDir, 'run.json');
  const running = (): RunFile => JSON.parse(readFileSync(file, 'utf8')) as RunFile;
  let ended = false;
  void exited.then(() => (ended = true));
  const stop = async (signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> => {
    if (!ended) signalGroup(child.pid!, signal);
    return within(STOP_WITHIN_MS, exited, () => `It did not stop:\n${output()}`);
  };
  try {
    await waitFor(() => ended || (existsSync(file) && output().includes('Ctrl-C stops it')), {
      withinMs: START_WITHIN_MS,
    });
    if (ended) throw new Error(`It ended before it was ready:\n${output()}`);
  } catch (error) {
    await stop('SIGTERM');
    throw error;
  }
  return { dataDir: options.dataDir, pid: child.pid!, running, output, stop };
}

/** A group whose last process has ended is no longer there, a moment before its pipes are heard to be closed. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function begin(options: ProductOptions) {
  const [command, ...args] = options.command ?? START;
  // A process group of its own, as a shell gives each command; the tests' own Ctrl-C is not its.
  const child = spawn(command, args, {
    cwd: ROOT,
    env: environment(options),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const endWithTests = () => child.kill('SIGTERM');
  process.once('exit', endWithTests);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  }
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      process.off('exit', endWithTests);
      resolve(code);
    });
  });
  return { child, exited, output: () => text };
}

/** A new folder for data; removed, with whatever is in it, by `remove`. */
export async function newDataDir(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'cohort-e2e-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

async function within<T>(ms: number, promise: Promise<T>, complaint: () => string): Promise<T> {
  const stop = new AbortController();
  const late = delay(ms, undefined, { signal: stop.signal }).then(() => Promise.reject(new Error(complaint())));
  late.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
  }
}

/** Every process on this machine that was started for this data directory. Linux only: read from `/proc`. */
export function processesOf(dataDir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`DATA_DIR=${dataDir}`);
      } catch {
        return false;
      }
    });
}

/** What a process calls itself. Linux only. */
export const titleOf = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0]!;

/** Runs a line as a shell does when a user pastes it. */
export const paste = async (line: string): Promise<string> =>
  (await promisify(execFile)('sh', ['-c', line], { cwd: tmpdir() })).stdout;
