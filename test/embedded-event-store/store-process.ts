import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
export const MAIN = join(ROOT, 'libs/embedded-event-store/src/main.ts');
const EXEC_ARGV = ['-r', join(ROOT, 'test/support/ts-register.cjs')];

/** The command, started as a launcher starts it. */
export class StoreProcess {
  stdout = '';
  stderr = '';
  private readonly exited: Promise<[number | null, NodeJS.Signals | null]>;
  private readonly ready: Promise<unknown[]>;

  private constructor(readonly child: ChildProcess) {
    child.stdout!.on('data', (text) => (this.stdout += String(text)));
    child.stderr!.on('data', (text) => (this.stderr += String(text)));
    // With all it has written. Not 'close': that never comes after a disconnect.
    const ended = [once(child, 'exit'), once(child.stdout!, 'close'), once(child.stderr!, 'close')];
    this.exited = Promise.all(ended).then(() => [child.exitCode, child.signalCode]);
    this.ready = once(child, 'message');
    this.ready.catch(() => undefined);
  }

  static start(env: Record<string, string>): StoreProcess {
    return new StoreProcess(
      fork(MAIN, {
        execArgv: EXEC_ARGV,
        env: { ...process.env, EVENTSTORE_PORT: '0', ...env },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      }),
    );
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The connection string, once it is up; rejects with its last words when it ends before. */
  async url(): Promise<string> {
    const ended = this.exited.then(([code]) => {
      throw new Error(`The event store ended with ${code}: ${this.stderr}`);
    });
    const [message] = (await Promise.race([this.ready, ended])) as [{ ready: boolean; url: string }];
    ended.catch(() => undefined);
    return message.url;
  }

  /** Its exit code, or the signal that ended it. */
  async end(): Promise<number | NodeJS.Signals | null> {
    const [code, signal] = await this.exited;
    return code ?? signal;
  }

  async kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    this.child.kill(signal);
    return this.end();
  }
}
