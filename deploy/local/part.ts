import { StartError, type ReadyMessage, type ServedDialect } from '@cohort/process';
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { signal } from './processes';

/** Where a part can be reached. */
export interface Addresses {
  readonly url?: string;
  readonly healthUrl?: string;
  readonly dialects?: readonly ServedDialect[];
}

/** How one part of the service is started. */
export interface PartSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Whether it is a Node process of ours, which speaks to us and stops when we are gone. */
  readonly ours: boolean;
  /** Which of its lines are worth showing. */
  readonly keep: (line: string) => boolean;
  /** Resolves once the process serves; may give up when `signal` says that it has ended. */
  readonly whenReady: (child: ChildProcess, signal: AbortSignal) => Promise<Addresses>;
}

/** A process of ours says over IPC when it is ready, and where. */
export const whenItSaysReady: PartSpec['whenReady'] = (child) =>
  new Promise((resolve) => {
    child.on('message', (message: Partial<ReadyMessage>) => {
      if (message.ready !== true) return;
      const { url, healthUrl, dialects } = message;
      resolve({ url, healthUrl, dialects });
    });
  });

/** What a part tells of itself. */
export interface PartEvents {
  readonly output: (stream: Readable, keep: (line: string) => boolean) => void;
  readonly say: (text: string) => void;
  /** A process was started, became ready or ended. */
  readonly changed: () => void;
}

const FIRST_BACKOFF_MS = 200;
const LAST_BACKOFF_MS = 10_000;
/** A process that lived this long starts again without being punished for earlier deaths. */
const STEADY_MS = 30_000;

/**
 * One child process, kept running: started again, with growing pauses, whenever it ends without being asked to. It runs
 * in a process group of its own, so that Ctrl-C reaches only the launcher, which stops the parts in order.
 */
export class Part {
  private child?: ChildProcess;
  private ready?: Addresses;
  private addresses: Addresses = {};
  private readonly stopping = new AbortController();
  private kept: Promise<void> = Promise.resolve();

  /** @param spec made anew for each start, knowing where the part was reached before: it comes back there. */
  constructor(
    private readonly name: string,
    private readonly spec: (before: Addresses) => PartSpec,
    private readonly events: PartEvents,
  ) {}

  /** The process, from its start to its end. */
  get pid(): number | undefined {
    return this.child?.exitCode === null && this.child.signalCode === null ? this.child.pid : undefined;
  }

  /** The process when it serves, else `null`: while it is being started again. */
  get servingPid(): number | null {
    return this.ready === undefined ? null : (this.pid ?? null);
  }

  /** Where it is, or was, reached: it keeps its address over a restart. */
  get reachedAt(): Addresses {
    return this.addresses;
  }

  /** Starts it for the first time; a process that ends before it serves is a `StartError`. */
  async start(): Promise<Addresses> {
    const addresses = await this.launch();
    this.kept = this.keep();
    return addresses;
  }

  /** Asks it to end, and ends it after `graceMs` without asking. */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    const { child } = this;
    if (child && this.pid !== undefined) {
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      const timer = setTimeout(() => {
        this.events.say(`${this.name} did not stop in ${graceMs / 1000} s; killed.`);
        this.kill();
      }, graceMs);
      await closed;
      clearTimeout(timer);
    }
    await this.kept;
  }

  /** Ends the process, and whatever it started, at once. */
  kill(): void {
    this.stopping.abort();
    if (this.pid !== undefined) signal(-this.pid, 'SIGKILL');
  }

  private async launch(): Promise<Addresses> {
    const { command, args, env, ours, keep, whenReady } = this.spec(this.addresses);
    const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', ours ? 'ipc' : 'ignore'];
    const child = spawn(command, args, { env, detached: true, stdio });
    this.child = child;
    this.ready = undefined;
    child.once('exit', () => this.events.changed());
    const ended = new AbortController();
    const exited = new Promise<never>((_, reject) => {
      const fail = (why: string): void => {
        reject(new StartError(`${this.name} could not start: ${why}.`));
        ended.abort();
      };
      // Not `exit`: its last lines, which say why, come before `close`.
      child.once('close', (code, by) => fail(`it ended with ${by ?? `code ${code}`}; its last lines say why`));
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
    let backoff = FIRST_BACKOFF_MS;
    let started = Date.now();
    for (;;) {
      if (this.pid !== undefined) await once(this.child!, 'exit');
      if (stopped.aborted) return;
      if (Date.now() - started > STEADY_MS) backoff = FIRST_BACKOFF_MS;
      this.events.say(`${this.name} has ended; starting it again in ${backoff / 1000} s.`);
      await delay(backoff, undefined, { signal: stopped }).catch(() => undefined);
      if (stopped.aborted) return;
      backoff = Math.min(backoff * 2, LAST_BACKOFF_MS);
      started = Date.now();
      await this.launch().then(
        () => this.events.say(`${this.name} runs again.`),
        (error: unknown) => this.events.say(error instanceof Error ? error.message : String(error)),
      );
    }
  }
}
