import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtFile, ensureBuilt } from './built';
import { startEventStore, type TestEventStore } from './event-store';
import { startNats, type TestNats } from './nats-server';
import { READY_WITHIN_MS } from './servers';

export { FIRST_START_MS } from './built';

/** The source of each part. Its built form is what starts. */
export const MAIN = {
  command: 'apps/command/src/main.ts',
  query: 'apps/query/src/main.ts',
  worker: 'apps/worker/src/main.ts',
  gateway: 'apps/gateway/src/main.ts',
} as const;
export type PartName = keyof typeof MAIN;

/** A process of ours, started as it was built. */
export interface Part {
  readonly pid: number;
  /** Where the gateway serves HTTP. */
  readonly url: string;
  readonly healthUrl: string;
  /** The last of its stdout and stderr. */
  output(): string;
  /** Whether it ended although neither `kill` nor `stop` was called. */
  endedByItself(): boolean;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface PartOptions {
  /** More options for Node. */
  readonly nodeArgs?: readonly string[];
}

/** Starts one process and waits until it reports that it is ready. It ends when the tests do, however they end. */
export async function startPart(
  name: PartName,
  env: Readonly<Record<string, string>>,
  { nodeArgs = [] }: PartOptions = {},
): Promise<Part> {
  await ensureBuilt();
  const child = fork(builtFile(MAIN[name]), {
    execArgv: ['--enable-source-maps', ...nodeArgs],
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', HEALTH_PORT: '0', WILDFIRECHAT_PORT: 'off', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-20_000)));
  }
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  let asked = false;
  const end = async (signal: NodeJS.Signals) => {
    if (isRunning()) {
      asked = true;
      child.kill(signal);
    }
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
    endedByItself: () => !asked && !isRunning(),
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

/** The four apps, on servers that are given. */
export interface Apps {
  /** Where their data are. */
  readonly directory: string;
  readonly commands: readonly Part[];
  readonly queries: readonly Part[];
  readonly worker: Part;
  readonly gateway: Part;
  /** Starts one more process beside the others, with a data directory of its own. */
  start(name: PartName, env?: Readonly<Record<string, string>>): Promise<Part>;
  /** What went wrong: each process that ended by itself, with the last of its output. */
  faults(): string[];
  /** Stops all processes and removes their data. Resolves with the faults, those of stopping too. */
  stop(): Promise<string[]>;
}

/** The whole of Cohort. Its `faults` and its `stop` include the servers. */
export interface Stack extends Apps {
  readonly nats: TestNats;
  readonly eventStore: TestEventStore;
}

export interface StackOptions {
  /** Default 1. */
  readonly commandNodes?: number;
  /** Default 1. */
  readonly queryNodes?: number;
  /** The contents of `APPS_FILE`; default: none, which means the demo app. */
  readonly apps?: readonly object[];
  /** For every process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The whole of Cohort on free ports: nats-server and event store of its own, and the four apps, data in a new directory. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const nats = await startNats();
  let eventStore: TestEventStore | undefined;
  try {
    eventStore = await startEventStore();
    const apps = await startApps(nats, eventStore, options);
    return { ...apps, ...withServers(apps, nats, eventStore), nats, eventStore };
  } catch (error) {
    await eventStore?.stop();
    await nats.stop();
    throw error;
  }
}

const withServers = (apps: Apps, nats: TestNats, eventStore: TestEventStore): Pick<Apps, 'faults' | 'stop'> => {
  const fault = () => (eventStore.endedByItself() ? [`the event store ended by itself:\n${eventStore.output()}`] : []);
  return {
    faults: () => [...apps.faults(), ...fault()],
    stop: async () => {
      const found = [...(await apps.stop()), ...fault()];
      await eventStore.stop();
      await nats.stop();
      return found;
    },
  };
};

/** Starts the four apps on free ports, data in a new directory. */
export async function startApps(
  { url: natsUrl }: Pick<TestNats, 'url'>,
  { url: eventStoreUrl }: Pick<TestEventStore, 'url'>,
  { commandNodes = 1, queryNodes = 1, apps, env = {} }: StackOptions,
): Promise<Apps> {
  const directory = await mkdtemp(join(tmpdir(), 'cohort-stack-'));
  const common: Record<string, string> = {
    NATS_URL: natsUrl,
    EVENTSTORE_URL: eventStoreUrl,
    GATEWAY_PORT: '0',
    ...env,
  };
  const parts: { name: PartName; part: Part }[] = [];
  let count = 0;
  const start = async (name: PartName, own: Readonly<Record<string, string>> = {}) => {
    const part = await startPart(name, { ...common, DATA_DIR: join(directory, `${name}-${count++}`), ...own });
    parts.push({ name, part });
    return part;
  };
  const nodes = (name: PartName, number: number) => Array.from({ length: number }, () => start(name));
  const started = (name: PartName) => parts.filter((one) => one.name === name).map(({ part }) => part);
  const faults = () =>
    parts
      .filter(({ part }) => part.endedByItself())
      .map(({ name, part }) => `${name} ended by itself:\n${part.output()}`);
  const stop = async () => {
    const found = faults();
    const codes = await all(parts.map(({ part }) => part.stop()));
    const failed = parts.filter(({ part }, i) => codes[i] && !part.endedByItself());
    found.push(...failed.map(({ name, part }) => `${name} did not stop in order:\n${part.output()}`));
    await rm(directory, { recursive: true, force: true });
    return found;
  };
  try {
    if (apps) {
      common.APPS_FILE = join(directory, 'apps.json');
      await writeFile(common.APPS_FILE, JSON.stringify({ apps }));
    }
    const [worker, gateway] = await all([
      start('worker'),
      start('gateway'),
      ...nodes('command', commandNodes),
      ...nodes('query', queryNodes),
    ]);
    const [commands, queries] = [started('command'), started('query')];
    return { directory, commands, queries, worker: worker!, gateway: gateway!, start, faults, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The results of all, once each has succeeded or failed; throws the first failure. */
async function all<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
