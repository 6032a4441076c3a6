import { spawn } from 'node:child_process';
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
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Starts a real nats-server with JetStream on a free port (or `port`), data in a directory of its own. */
export async function startNats({ port = -1, args = [] }: { port?: number; args?: string[] } = {}): Promise<TestNats> {
  const directory = await mkdtemp(join(tmpdir(), 'cohort-nats-'));
  const child = spawn(
    'nats-server',
    ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', directory, ...args],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
  };
  const killWithTests = () => child.kill('SIGKILL');
  process.once('exit', killWithTests);
  void exited.then(() => process.off('exit', killWithTests));

  const actual = await new Promise<number>((resolve, reject) => {
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
    url: `nats://127.0.0.1:${actual}`,
    pid: child.pid!,
    port: actual,
    kill: () => end('SIGKILL'),
    stop: async () => {
      await end('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
}
