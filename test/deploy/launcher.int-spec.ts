import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { refuseFullDisk, takeDataDir } from '../../deploy/local/data-dir';
import { natsAnswers } from '../../deploy/local/nats-server';
import { Part, whenReadyMessage, type Addresses, type PartSpec } from '../../deploy/local/part';
import { end, identify, isRunning } from '../../deploy/local/processes';
import { startNats } from '../support/nats-server';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';

requires('own nats-server');

let directory: string;
const children: ChildProcess[] = [];

beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'cohort-launcher-'))));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

const idle = (code = 'setInterval(() => {}, 1000)'): ChildProcess => {
  const child = spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
  children.push(child);
  return child;
};

describe('a process is identified by its id and its start time', () => {
  it('until it ends, and not after it', async () => {
    const child = idle();
    const known = identify(child.pid!)!;
    expect(isRunning(known)).toBe(true);
    expect(isRunning({ ...known, started: 'at another time' })).toBe(false);
    const exited = once(child, 'exit');
    await end([known], 5_000);
    await exited;
    expect(identify(child.pid!)).toBeUndefined();
  });

  it('and is killed when it does not stop in time', async () => {
    const up = join(directory, 'up');
    const stubborn = idle(
      `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); fs.writeFileSync(${JSON.stringify(up)}, '')`,
    );
    await waitFor(() => existsSync(up));
    const exited = once(stubborn, 'exit');
    await end([identify(stubborn.pid!)!], 100);
    expect(await exited).toEqual([null, 'SIGKILL']);
  });
});

describe('DATA_DIR', () => {
  const said: string[] = [];
  const take = (path = directory) => takeDataDir(path, (text) => said.push(text));
  const journal = () => join(directory, 'launcher.json');

  it('is used by one launcher at a time', async () => {
    const first = await take();
    await expect(take()).rejects.toThrow(
      `DATA_DIR ${directory} is in use: Cohort already runs there (process ${process.pid}). ` +
        'Stop that process, or set DATA_DIR to another folder.',
    );
    first.release();
    (await take()).release();
    expect(existsSync(journal())).toBe(false);
  });

  it('goes to one of two launchers that start at the same moment', async () => {
    const outcomes = await Promise.allSettled([take(), take(), take()]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is taken over from a killed launcher, whose children are ended', async () => {
    const dead = idle('0');
    const orphan = idle();
    const left = identify(orphan.pid!)!;
    const launcher = { pid: dead.pid!, started: 'once' };
    await once(dead, 'exit');
    writeFileSync(journal(), JSON.stringify({ launcher, children: [left, { pid: process.pid, started: 'another' }] }));
    writeFileSync(join(directory, 'run.json'), '{}');
    const exited = once(orphan, 'exit');
    const mine = await take();
    await exited;
    expect(isRunning(left)).toBe(false);
    expect(said.at(-1)).toBe('An earlier run was killed; ending the processes it left behind ...');
    expect(existsSync(mine.runFile)).toBe(false);
    expect(JSON.parse(readFileSync(journal(), 'utf8'))).toEqual({ launcher: identify(process.pid), children: [] });
    mine.release();
  });

  it('is taken over when a crash of the machine left a partial file', async () => {
    writeFileSync(journal(), '{"launcher": {"pi');
    (await take()).release();
  });

  it('must be a folder, on a disk with room', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    await expect(take(join(file, 'data'))).rejects.toThrow(
      `DATA_DIR: ${join(file, 'data')} can't be created as a folder.`,
    );
    expect(() => refuseFullDisk('/srv/data', 3.5 * 1024 * 1024)).toThrow(
      'The disk of DATA_DIR /srv/data is full: 3 MB are free, 64 MB are needed. ' +
        'Make room, or set DATA_DIR to a folder on another disk.',
    );
    expect(() => refuseFullDisk('/srv/data', 64 * 1024 * 1024)).not.toThrow();
  });
});

describe('a part', () => {
  const said: string[] = [];
  let output = '';
  let changes = 0;

  beforeEach(() => {
    said.length = 0;
    output = '';
    changes = 0;
  });

  const part = (code: string | ((before: Addresses) => string)): Part =>
    new Part(
      'it',
      (before): PartSpec => ({
        command: process.execPath,
        args: ['-e', typeof code === 'string' ? code : code(before)],
        env: process.env,
        ours: true,
        keep: () => true,
        whenReady: whenReadyMessage,
      }),
      {
        output: (stream: Readable) => stream.on('data', (data: Buffer) => (output += data.toString())),
        say: (text) => said.push(text),
        changed: () => changes++,
      },
    );
  const READY =
    "process.send({ ready: true, url: 'http://here:1' }); process.once('disconnect', () => process.exit(0));";

  it('has started once it reports that it is ready, and stops on request', async () => {
    const it = part(`console.log('hello'); ${READY}`);
    expect(await it.start()).toEqual({ url: 'http://here:1', healthUrl: undefined });
    const pid = it.servingPid!;
    expect(identify(pid)).toBeDefined();
    expect(changes).toBeGreaterThanOrEqual(2);
    await it.stop(5_000);
    expect(identify(pid)).toBeUndefined();
    expect(it.servingPid).toBeNull();
    expect(output).toBe('hello\n');
    expect(said).toEqual([]);
  });

  it('that ends before it is ready fails to start, after its last lines were printed', async () => {
    const it = part("console.error('The disk is full.'); process.exit(3)");
    await expect(it.start()).rejects.toThrow('it could not start: it ended with code 3; see its last lines.');
    expect(output).toBe('The disk is full.\n');
    await it.stop(5_000);
  });

  it('is restarted at the same address each time it ends, but not after a stop', async () => {
    const seen: Addresses[] = [];
    const it = part((before) => (seen.push(before), READY));
    await it.start();
    for (let death = 1; death <= 3; death++) {
      const pid = it.servingPid!;
      process.kill(pid, 'SIGKILL');
      await waitFor(() => it.servingPid !== null && it.servingPid !== pid);
    }
    expect(seen).toEqual([{}, ...Array<Addresses>(3).fill({ url: 'http://here:1', healthUrl: undefined })]);
    expect(said.filter((text) => text.includes('restarting it'))).toEqual([
      'it has ended; restarting it in 0.2 s.',
      'it has ended; restarting it in 0.4 s.',
      'it has ended; restarting it in 0.8 s.',
    ]);
    process.kill(it.servingPid!, 'SIGKILL');
    await waitFor(() => it.servingPid === null);
    await it.stop(5_000);
    expect(it.pid).toBeUndefined();
  });

  it('that does not stop in time is killed together with its children', async () => {
    const stubborn = part(
      `process.on('SIGTERM', () => {});
       const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
       process.send({ ready: true, url: String(child.pid) }); setInterval(() => {}, 1000);`,
    );
    const { url } = await stubborn.start();
    await stubborn.stop(200);
    await waitFor(() => identify(Number(url)) === undefined);
    expect(said).toEqual(['it did not stop in 0.2 s; killed it.']);
  });
});

describe('natsAnswers', () => {
  it('checks each address of the list', async () => {
    const nats = await startNats();
    try {
      expect(await natsAnswers(nats.url)).toBe(true);
      expect(await natsAnswers(`nats://127.0.0.1:1,${nats.url}`)).toBe(true);
      expect(await natsAnswers('nats://127.0.0.1:1')).toBe(false);
    } finally {
      await nats.stop();
    }
    expect(await natsAnswers(nats.url)).toBe(false);
  });
});
