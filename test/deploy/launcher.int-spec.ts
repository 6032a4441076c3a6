import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { askJetStream } from '@cohort/bus';
import { connect } from 'nats';
import { refuseFullDisk, replaceFile, takeDataDir } from '../../deploy/local/data-dir';
import { JetStreamWatch } from '../../deploy/local/jetstream-watch';
import { endedWithLauncher, natsAnswers } from '../../deploy/local/nats-server';
import { lookByPs, lookInProc } from '../../deploy/local/npm.cjs';
import { Part, whenReadyMessage, type Addresses, type PartSpec } from '../../deploy/local/part';
import { end, identify, isRunning } from '../../deploy/local/processes';
import { RunRecord } from '../../deploy/local/run-record';
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

it('a process is seen in the same way by ps and by /proc', async () => {
  const child = spawn('sh', ['-c', 'sleep 60; echo "a b"'], { stdio: 'ignore' });
  children.push(child);
  await once(child, 'spawn');
  const byPs = lookByPs(child.pid!)!;
  expect(byPs).toMatchObject({ parent: process.pid, command: 'sh -c sleep 60; echo "a b"' });
  expect(lookInProc(child.pid!)).toMatchObject({ parent: process.pid, command: 'sh -c sleep 60; echo "a b" ' });
  expect(lookByPs(child.pid!)!.started).toBe(byPs.started);
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  expect(lookByPs(child.pid!)).toBeUndefined();
  expect(lookInProc(child.pid!)).toBeUndefined();
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

  const part = (code: string | ((before: Addresses) => string), needed = false): Part =>
    new Part(
      'it',
      (before): PartSpec => ({
        command: process.execPath,
        args: ['-e', typeof code === 'string' ? code : code(before)],
        env: process.env,
        ours: true,
        needed,
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
    expect(said.filter((text) => text.includes('restarting it'))).toEqual(
      Array(3).fill('it has ended with SIGKILL; restarting it in 0.2 s.'),
    );
    process.kill(it.servingPid!, 'SIGKILL');
    await waitFor(() => it.servingPid === null);
    await it.stop(5_000);
    expect(it.pid).toBeUndefined();
  });

  const DIES = `${READY} setTimeout(() => process.exit(3), 10);`;
  it.each([
    { what: 'that crashes again and again', needed: false, pauses: [0.2, 0.4, 0.8, 1.6] },
    { what: 'that others wait for and that crashes again and again', needed: true, pauses: [0.2, 0.4, 0.8, 1, 1] },
  ])('$what is restarted after growing pauses', async ({ needed, pauses }) => {
    const it = part(DIES, needed);
    await it.start();
    const restarts = () => said.filter((text) => text.includes('restarting it'));
    await waitFor(() => restarts().length >= pauses.length, { withinMs: 30_000 });
    await it.stop(5_000);
    expect(restarts().slice(0, pauses.length)).toEqual(
      pauses.map((pause) => `it has ended with code 3; restarting it in ${pause} s.`),
    );
  });

  it.each([
    { what: 'killed', end: "process.kill(process.pid, 'SIGKILL')", how: 'SIGKILL' },
    { what: 'asked to stop by someone else', end: "process.kill(process.pid, 'SIGTERM')", how: 'SIGTERM' },
    { what: 'stopped in order', end: 'process.exit(0)', how: 'code 0' },
  ])('that is $what again and again is restarted soon each time', async ({ end, how }) => {
    const it = part(`${READY} setTimeout(() => ${end}, 10);`);
    await it.start();
    const restarts = () => said.filter((text) => text.includes('restarting it'));
    await waitFor(() => restarts().length >= 6, { withinMs: 30_000 });
    await it.stop(5_000);
    expect(restarts().slice(0, 6)).toEqual(Array(6).fill(`it has ended with ${how}; restarting it in 0.2 s.`));
  });

  it('that a signal from outside ends before it is ready for the first time is started again', async () => {
    const once = join(directory, 'once');
    const it = part(
      `if (fs.existsSync(${JSON.stringify(once)})) { ${READY} }
       else { fs.writeFileSync(${JSON.stringify(once)}, ''); process.kill(process.pid, 'SIGKILL'); }`,
    );
    expect(await it.start()).toMatchObject({ url: 'http://here:1' });
    await it.stop(5_000);
  });

  it('that can not even be started is tried again after growing pauses', async () => {
    let starts = 0;
    const it = part(() => {
      starts += 1;
      if (starts === 2 || starts === 3) throw new Error('The disk is full.');
      return READY;
    });
    await it.start();
    process.kill(it.servingPid!, 'SIGKILL');
    await waitFor(() => starts === 4 && it.servingPid !== null);
    expect(said).toEqual([
      'it has ended with SIGKILL; restarting it in 0.2 s.',
      'The disk is full.',
      'it has ended with an error; restarting it in 0.2 s.',
      'The disk is full.',
      'it has ended with an error; restarting it in 0.4 s.',
      'it runs again.',
    ]);
    await it.stop(5_000);
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

describe('the record of what runs', () => {
  const said: string[] = [];
  let record: RunRecord | undefined;
  beforeEach(() => (said.length = 0));
  afterEach(() => record?.stop());

  const recorded = (noted: number[][], content: object | undefined, broken: () => boolean): RunRecord =>
    new RunRecord({
      dataDir: {
        path: directory,
        runFile: join(directory, 'run.json'),
        note: (children) => {
          if (broken()) throw new Error('no space');
          noted.push(children.map(({ pid }) => pid));
        },
      },
      children: () => [process.pid],
      run: () => content,
      say: (text) => said.push(text),
      againMs: 5,
    });

  it('is written again by itself once DATA_DIR can be written, and each change is said once', async () => {
    let tries = 0;
    const noted: number[][] = [];
    record = recorded(noted, { gateway: 1 }, () => ++tries < 4);
    record.update();
    await waitFor(() => noted.length === 1);
    expect(JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8'))).toEqual({ gateway: 1 });
    expect(said).toEqual([
      `DATA_DIR ${directory} can't be written; run.json isn't up to date: no space`,
      `DATA_DIR ${directory} can be written again.`,
    ]);
  });

  it('lists the children without a run.json until all parts have been ready, and nothing after the stop', () => {
    const noted: number[][] = [];
    record = recorded(noted, undefined, () => false);
    record.update();
    record.stop();
    record.update();
    expect(noted).toEqual([[process.pid]]);
    expect(existsSync(join(directory, 'run.json'))).toBe(false);
  });

  it('leaves no partial file behind when a file can not be replaced', () => {
    mkdirSync(join(directory, 'run.json', 'in-the-way'), { recursive: true });
    expect(() => replaceFile(join(directory, 'run.json'), {})).toThrow();
    expect(readdirSync(directory)).toEqual(['run.json']);
  });
});

(process.platform === 'linux' ? it : it.skip)('a nats-server ends with its killed launcher', async () => {
  const { command, args } = endedWithLauncher('sleep', ['60']);
  const script = `console.log(require('child_process').spawn(${JSON.stringify(command)}, ${JSON.stringify(args)}, { detached: true }).pid)`;
  const launcher = spawn(process.execPath, ['-e', `${script}; setInterval(() => {}, 1000)`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(launcher);
  const [line] = (await once(launcher.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  await waitFor(() => lookInProc(pid)?.command === 'sleep 60 ');
  launcher.kill('SIGKILL');
  await waitFor(() => identify(pid) === undefined);
});

describe('the watch on JetStream', () => {
  const said: string[] = [];
  let watch: JetStreamWatch | undefined;
  beforeEach(() => (said.length = 0));
  afterEach(() => watch?.stop());

  it('restarts a nats-server that serves core NATS and whose JetStream answers nothing any more', async () => {
    const jetStream = ['--jetstream', '--store_dir', directory];
    const nats = await startNats({ jetStream: false, args: jetStream });
    const client = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    // It takes the requests in the place of JetStream and never answers.
    client.subscribe('$JS.API.>', { callback: () => undefined });
    let restarts = 0;
    const ask = () => askJetStream(nats.url, 'ANY', 300);
    try {
      expect(await ask()).toBeUndefined();
      await nats.restart({ args: [] });
      await waitFor(async () => (await ask())?.startsWith('JetStream did not answer within 300 ms') === true);
      let serving: number | null = nats.pid;
      const restart = () => {
        restarts += 1;
        serving = null;
        void nats.restart({ args: jetStream }).then(() => (serving = nats.pid));
      };
      watch = new JetStreamWatch({
        ask,
        serving: () => serving,
        restart,
        say: (text) => said.push(text),
        lookEveryMs: 50,
      });
      watch.start();
      await waitFor(() => restarts === 1 && serving !== null);
      await waitFor(async () => (await ask()) === undefined);
      expect(said).toEqual([
        'nats runs, but JetStream did not answer within 300 ms, although the nats-server runs: killing it, so that it is restarted.',
      ]);
    } finally {
      watch?.stop();
      await client.close();
      await nats.stop();
    }
  });

  it('says why and restarts once, and not again soon while it does not help', async () => {
    const nats = await startNats({ jetStream: false });
    let restarts = 0;
    let asked = 0;
    const ask = async () => {
      asked += 1;
      return askJetStream(nats.url, 'ANY', 300);
    };
    try {
      watch = new JetStreamWatch({
        ask,
        serving: () => nats.pid,
        restart: () => (restarts += 1),
        say: (text) => said.push(text),
        lookEveryMs: 10,
      });
      watch.start();
      await waitFor(() => asked > 20);
      expect(restarts).toBe(1);
    } finally {
      watch?.stop();
      await nats.stop();
    }
  });

  it('neither restarts for a single failure nor counts failures of a process that has ended since', async () => {
    const answers = ['silent', 'silent', undefined, 'silent', 'silent', 'silent'];
    let pid = 1;
    let restarts = 0;
    const ask = () => {
      // The process ends while the fifth question is under way.
      if (answers.length === 2) pid += 1;
      return Promise.resolve(answers.shift());
    };
    watch = new JetStreamWatch({
      ask,
      serving: () => pid,
      restart: () => (restarts += 1),
      say: () => undefined,
      lookEveryMs: 1,
    });
    watch.start();
    await waitFor(() => answers.length === 0);
    expect(restarts).toBe(0);
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
