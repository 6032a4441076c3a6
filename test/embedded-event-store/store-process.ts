import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { builtFile } from '../support/built';

/** The command, started as it was built like a launcher starts it. The spec builds first, by `ensureBuilt`. */
export class StoreProcess {
  stdout = '';
  stderr = '';
  private readonly exited: Promise<[number | null, NodeJS.Signals | null]>;
  private readonly ready: Promise<unknown[]>;

  private constructor(readonly child: ChildProcess) {
    child.stdout!.on('data', (text) => (this.stdout += String(text)));
    child.stderr!.on('data', (text) => (this.stderr += String(text)));
    // Waits for all of its output. After a disconnect, 'close' is never emitted.
    const ended = [once(child, 'exit'), once(child.stdout!, 'close'), once(child.stderr!, 'close')];
    this.exited = Promise.all(ended).then(() => [child.exitCode, child.signalCode]);
    this.ready = once(child, 'message');
    this.ready.catch(() => undefined);
  }

  static start(env: Record<string, string>): StoreProcess {
    return new StoreProcess(
      fork(builtFile('libs/embedded-event-store/src/main.ts'), {
        execArgv: [],
        env: { ...process.env, EVENTSTORE_PORT: '0', ...env },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      }),
    );
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves with the connection string once the store is ready. Rejects with its stderr if it ends before. */
  async url(): Promise<string> {
    const ended = this.exited.then(([code]) => {
      throw new Error(`The event store ended with ${code}: ${this.stderr}`);
    });
    const [message] = (await Promise.race([this.ready, ended])) as [{ ready: boolean; url: string }];
    ended.catch(() => undefined);
    return message.url;
  }

  /** The exit code, or the signal that ended the process. */
  async end(): Promise<number | NodeJS.Signals | null> {
    const [code, signal] = await this.exited;
    return code ?? signal;
  }

  async kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    this.child.kill(signal);
    return this.end();
  }
}
