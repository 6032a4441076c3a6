import { StartError, type ReadyMessage, type ServedDialect } from '@cohort/process';
import { messageOf } from '@cohort/surroundings';
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { signal } from './processes';

/** The addresses of a part. */
export interface Addresses {
  readonly url?: string;
  /** The port of `url`. */
  readonly port?: number;
  readonly healthUrl?: string;
  readonly dialects?: readonly ServedDialect[];
}

/** The command that starts a part, and its handling. */
export interface PartSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Whether it is a Node process of Cohort, which has an IPC channel and stops when the launcher ends. */
  readonly ours: boolean;
  /** Whether others wait for it. Then its pauses stay short. */
  readonly needed: boolean;
  /** Selects the lines of its output that are shown. */
  readonly keep: (line: string) => boolean;
  /** Resolves once the process serves. It may reject when `signal` is aborted, because the process has ended. */
  readonly whenReady: (child: ChildProcess, signal: AbortSignal) => Promise<Addresses>;
}

/** Resolves once a process of Cohort sends `ready` and its addresses over IPC. */
export const whenReadyMessage: PartSpec['whenReady'] = (child) =>
  new Promise((resolve) => {
    child.on('message', (message: Partial<ReadyMessage>) => {
      if (message.ready !== true) return;
      const { url, port, healthUrl, dialects } = message;
      resolve({ url, port, healthUrl, dialects });
    });
  });

/** Receives the output and the events of a part. */
export interface PartEvents {
  readonly output: (stream: Readable, keep: (line: string) => boolean) => void;
  readonly say: (text: string) => void;
  /** Called when the process has started, is ready or has ended. */
  readonly changed: () => void;
}

/** Pauses before a restart, in milliseconds: they double with each crash in a row. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_OF_NEEDED_MS = 1_000;
/** After this time of life, a crash counts as the first one. */
const STEADY_MS = 30_000;

/** Signals that a process gets because of a fault of its own. All other signals come from outside. */
const FAULTS: ReadonlySet<NodeJS.Signals> = new Set([
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGSEGV',
  'SIGSYS',
  'SIGTRAP',
]);

/**
 * One child process that is kept running: it is restarted whenever it ends without a request. The pauses grow if it
 * crashes again and again. An end by a signal from outside (`kill`, the system's lack of memory) is no crash. It runs in
 * its own process group, so that Ctrl-C reaches only the launcher, which stops the parts in order.
 */
export class Part {
  private child?: ChildProcess;
  private ready?: Addresses;
  private addresses: Addresses = {};
  private readonly stopping = new AbortController();
  private kept: Promise<void> = Promise.resolve();
  /** Crashes in a row. */
  private crashes = 0;
  private startedAt = 0;
  private needed = false;

  /** @param spec Called for each start, with the previous addresses, so that the part keeps them. */
  constructor(
    private readonly name: string,
    private readonly spec: (before: Addresses) => PartSpec,
    private readonly events: PartEvents,
  ) {}

  /** The process id, from the start of the process to its end. */
  get pid(): number | undefined {
    return this.child?.exitCode === null && this.child.signalCode === null ? this.child.pid : undefined;
  }

  /** The process id while the part serves, and `null` while it is restarted. */
  get servingPid(): number | null {
    return this.ready === undefined ? null : (this.pid ?? null);
  }

  /** The addresses of the part. It keeps them over a restart. */
  get reachedAt(): Addresses {
    return this.addresses;
  }

  /**
   * Starts the part for the first time.
   *
   * @throws StartError the process ended by itself before it served
   */
  async start(): Promise<Addresses> {
    for (;;) {
      try {
        const addresses = await this.launch();
        this.kept = this.keep();
        return addresses;
      } catch (error) {
        if (this.stopping.signal.aborted || !this.endedFromOutside) throw error;
        await this.pauseBeforeRestart();
      }
    }
  }

  /** Ends the process, which is then started again: it runs, but doesn't work. */
  restart(): void {
    if (this.pid !== undefined) signal(-this.pid, 'SIGKILL');
  }

  /** Sends SIGTERM, and SIGKILL after `graceMs`. Resolves once the process has ended. */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    const { child } = this;
    if (child && this.pid !== undefined) {
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      const timer = setTimeout(() => {
        this.events.say(`${this.name} did not stop in ${graceMs / 1000} s; killed it.`);
        this.kill();
      }, graceMs);
      await closed;
      clearTimeout(timer);
    }
    await this.kept;
  }

  /** Kills the process and its children at once. */
  kill(): void {
    this.stopping.abort();
    if (this.pid !== undefined) signal(-this.pid, 'SIGKILL');
  }

  private async launch(): Promise<Addresses> {
    this.child = undefined;
    this.ready = undefined;
    const { command, args, env, ours, needed, keep, whenReady } = this.spec(this.addresses);
    this.needed = needed;
    this.startedAt = Date.now();
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', ours ? 'ipc' : 'ignore'];
    const child = spawn(command, args, { env, detached: true, stdio });
    this.child = child;
    child.once('exit', () => this.events.changed());
    const ended = new AbortController();
    const exited = new Promise<never>((_, reject) => {
      const fail = (why: string): void => {
        reject(new StartError(`${this.name} could not start: ${why}.`));
        ended.abort();
      };
      // `close` comes after the last lines of output, which have the reason. `exit` may come before them.
      child.once('close', (code, by) => fail(`it ended with ${by ?? `code ${code}`}; see its last lines`));
      child.once('error', (error) => fail(error.message));
    });
    exited.catch(() => undefined);
    this.events.output(child.stdout!, keep);
    this.events.output(child.stderr!, keep);
    this.events.changed();
    this.addresses = await Promise.race([whenReady(child, ended.signal), exited]);
    this.ready = this.addresses;
    this.events.changed();
    return this.addresses;
  }

  private async keep(): Promise<void> {
    const stopped = this.stopping.signal;
    for (;;) {
      if (this.pid !== undefined) await once(this.child!, 'exit');
      await this.pauseBeforeRestart();
      if (stopped.aborted) return;
      await this.launch().then(
        () => this.events.say(`${this.name} runs again.`),
        (error: unknown) => this.events.say(messageOf(error)),
      );
    }
  }

  /** Whether the process was ended by a signal from outside, or by a request to stop that came from outside. */
  private get endedFromOutside(): boolean {
    const { exitCode, signalCode } = this.child ?? {};
    return signalCode ? !FAULTS.has(signalCode) : exitCode === 0;
  }

  private async pauseBeforeRestart(): Promise<void> {
    const stopped = this.stopping.signal;
    if (stopped.aborted) return;
    if (this.endedFromOutside) this.crashes = 0;
    else this.crashes = Date.now() - this.startedAt > STEADY_MS ? 1 : this.crashes + 1;
    const longest = this.needed ? LONGEST_PAUSE_OF_NEEDED_MS : LONGEST_PAUSE_MS;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, this.crashes - 1), longest);
    const { exitCode, signalCode } = this.child ?? {};
    const how = signalCode ?? (exitCode === null || exitCode === undefined ? 'an error' : `code ${exitCode}`);
    this.events.say(`${this.name} has ended with ${how}; restarting it in ${pause / 1000} s.`);
    await delay(pause, undefined, { signal: stopped }).catch(() => undefined);
  }
}
