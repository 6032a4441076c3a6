import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const REGISTER = join(__dirname, '../support/ts-register.cjs');
const KEPT_OUTPUT = 5_000;

/** A process of the bench's own: a file in this folder. */
export interface Engine<Message> {
  /** Resolves with its next message; rejects if it ends before. */
  next(): Promise<Message>;
  /** Resolves with its answer to a message. */
  ask(): Promise<Message>;
  endedByItself(): boolean;
  output(): string;
  stop(): Promise<void>;
}

export function startEngine<Message>(file: string, ...args: readonly string[]): Engine<Message> {
  const child = fork(join(__dirname, `${file}.ts`), args, {
    execArgv: ['-r', REGISTER],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-KEPT_OUTPUT)));
  }
  const exited = once(child, 'exit');
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  let asked = false;
  const next = async () => {
    const message = once(child, 'message');
    const ended = exited.then(() => {
      throw new Error(`${file} ended before it was done:\n${output}`);
    });
    const [first] = (await Promise.race([message, ended])) as [Message];
    return first;
  };
  return {
    next,
    ask: () => {
      child.send('ask');
      return next();
    },
    endedByItself: () => !asked && !isRunning(),
    output: () => output,
    stop: async () => {
      asked = true;
      if (isRunning()) child.kill();
      await exited;
    },
  };
}
