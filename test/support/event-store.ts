import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BACKWARDS, END, EventStoreDBClient } from '@eventstore/db-client';
import { builtFile, ensureBuilt } from './built';
import { startChild, type Child } from './child';
import { freePort, isFree, isListening } from './free-port';
import { EVENTSTORE_COMMAND, EVENTSTORE_URL, mustBeDeclared, READY_WITHIN_MS } from './servers';

/** An event store for tests: the embedded one, or the one of `EVENTSTORE_COMMAND`, in a process of its own. */
export interface TestEventStore {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Where its data are. */
  readonly directory: string;
  /** The last of its stdout and stderr. */
  output(): string;
  /** Whether it ended although nobody here has ended it. */
  endedByItself(): boolean;
  /** SIGKILL; data stay. */
  kill(): Promise<void>;
  /** Starts it again on its port and with its data; kills it first if it still runs. */
  restart(changed?: Pick<EventStoreOptions, 'env' | 'maxFileKiB'>): Promise<void>;
  /** Stops it in order and removes its data, unless they are in a `directory` that was given. Resolves with the exit code. */
  stop(): Promise<number | null>;
}

export interface EventStoreOptions {
  /** Default: one that is free. */
  readonly port?: number;
  /** Where its data are, and stay after `stop`. Default: a new directory, which `stop` removes. */
  readonly directory?: string;
  /** More settings of the embedded event store. */
  readonly env?: Readonly<Record<string, string>>;
  /** The system lets the embedded event store write files of this size at most, as on a full disk. */
  readonly maxFileKiB?: number;
  /** More options for Node, if it is the embedded event store. */
  readonly nodeArgs?: readonly string[];
}

const EMBEDDED = 'libs/embedded-event-store/src/main.ts';
/** A free port may be taken by somebody else before the server has it. */
const ATTEMPTS = 3;
const LOOK_EVERY_MS = 25;

/** Starts an event store that nobody else uses, and waits until it answers. */
export function startEventStore(options: EventStoreOptions = {}): Promise<TestEventStore> {
  mustBeDeclared('own event store');
  return start(options);
}

async function start(options: EventStoreOptions): Promise<TestEventStore> {
  await ensureBuilt();
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'cohort-events-')));
  await mkdir(directory, { recursive: true });
  let port = options.port ?? (await freePort());
  let child: Child | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      child = await launch(port, directory, options);
      break;
    } catch (error) {
      if (options.port !== undefined || attempt === ATTEMPTS) throw error;
      port = await freePort();
    }
  }
  const running = () => child!;
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    const code = await running().end(signal);
    await isFree(port);
    return code;
  };
  return {
    url: urlOf(port),
    port,
    get pid() {
      return running().pid;
    },
    directory,
    output: () => running().output(),
    endedByItself: () => running().endedByItself(),
    kill: async () => void (await end('SIGKILL')),
    restart: async (changed) => {
      await end('SIGKILL');
      child = await launch(port, directory, { ...options, ...changed });
    },
    stop: async () => {
      const code = await end('SIGTERM');
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
      return code;
    },
  };
}

/** An event store that isn't this spec's own. */
export type UsedEventStore = Pick<TestEventStore, 'url' | 'stop'>;

/**
 * An event store that others may use at the same time, and that has their events: the one of `EVENTSTORE_URL`, or a new
 * one. Specs use apps (tenants) of their own in it, and leave it running.
 */
export async function useEventStore(options: EventStoreOptions = {}): Promise<UsedEventStore> {
  if (EVENTSTORE_URL === undefined) return start(options);
  return { url: EVENTSTORE_URL, stop: () => Promise.resolve(0) };
}

const urlOf = (port: number): string => `esdb://127.0.0.1:${port}?tls=false`;

/** Starts the process and waits until it answers. */
async function launch(port: number, directory: string, options: EventStoreOptions): Promise<Child> {
  const child = EVENTSTORE_COMMAND === undefined ? embedded(port, directory, options) : foreign(port, directory);
  const until = Date.now() + READY_WITHIN_MS;
  while (!(await answers(port))) {
    const late = Date.now() > until;
    if (!late && child.isRunning()) {
      await delay(LOOK_EVERY_MS);
      continue;
    }
    const why = late ? `was not ready within ${READY_WITHIN_MS} ms` : 'ended before it was ready';
    await child.end('SIGKILL');
    throw new Error(`The event store ${why}:\n${child.output()}`);
  }
  if (child.isRunning()) return child;
  throw new Error(`Another event store has the port ${port}:\n${child.output()}`);
}

function embedded(port: number, directory: string, { nodeArgs = [], env = {}, maxFileKiB }: EventStoreOptions): Child {
  // In units of 512 bytes.
  const limit = maxFileKiB === undefined ? '' : `ulimit -f ${maxFileKiB * 2} && `;
  const node = [process.execPath, '--enable-source-maps', ...nodeArgs, builtFile(EMBEDDED)];
  return startChild('sh', ['-c', `${limit}exec "$@"`, 'sh', ...node], {
    PATH: process.env.PATH,
    DATA_DIR: directory,
    EVENTSTORE_PORT: String(port),
    ...env,
  });
}

/** The command has port and folder in place of `{port}` and `{folder}`, and in the variables PORT and FOLDER. */
function foreign(port: number, directory: string): Child {
  const line = EVENTSTORE_COMMAND!.replaceAll('{port}', String(port)).replaceAll('{folder}', directory);
  const env: NodeJS.ProcessEnv = { ...process.env, PORT: String(port), FOLDER: directory };
  // An EventStoreDB takes each variable that begins like this for an option of its own.
  delete env.EVENTSTORE_COMMAND;
  delete env.EVENTSTORE_URL;
  return startChild('sh', ['-c', line], env);
}

/** Whether it reads the log. A server that listens may still be starting. */
async function answers(port: number): Promise<boolean> {
  if (!(await isListening(port))) return false;
  const client = EventStoreDBClient.connectionString(urlOf(port));
  try {
    for await (const _ of client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }));
    return true;
  } catch {
    return false;
  } finally {
    await client.dispose();
  }
}
