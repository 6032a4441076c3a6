import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { comparePositions, QUERY_APPLIED_SUBJECT, type QueryNodeApplied } from '@cohort/contracts';
import { created, joined, left, syncCompleted, syncRequested } from '@cohort/contracts/testing';
import { createLogger } from '@cohort/process';
import { ReadModel } from '@cohort/read-model';
import Database from 'libsql';
import { Projector } from '../../apps/query/src/projector';
import { builtFile, ensureBuilt } from '../support/built';
import { startEventStore } from '../support/event-store';
import { freePort } from '../support/free-port';
import { metric } from '../support/metrics';
import { FIRST_START_MS, MAIN } from '../support/stack';
import { waitFor } from '../support/wait-for';
import { Surroundings, wrote } from './support';

// Some tests start many processes.
jest.setTimeout(180_000);

const app = 'demo';
let around: Surroundings;
beforeAll(ensureBuilt, FIRST_START_MS);

/** The tests of this group share a broker, an event store and a directory. Their nodes end with each test. */
function shareSurroundings(): void {
  beforeAll(async () => {
    around = await Surroundings.start();
  });
  afterEach(() => around?.stopNodes());
  afterAll(() => around?.stop());
}

/** All rows of a node's file; the node isn't running. */
function dumpOf(node: string): string[] {
  const model = ReadModel.open({ file: around.file(node), store: around.store.storeId });
  try {
    return [...model.dump()];
  } finally {
    model.close();
  }
}

/** The rows of the whole log, made in this process. */
async function rowsOfLog(): Promise<string[]> {
  const model = ReadModel.open({ file: join(around.directory, 'expected.db'), store: around.store.storeId });
  const projector = new Projector(model, around.store, createLogger('query', 'warn', 'json'));
  try {
    expect(await projector.start()).toBe(true);
    return [...model.dump()];
  } finally {
    await projector.stop();
    model.close();
    ReadModel.delete(join(around.directory, 'expected.db'));
  }
}

/** Writes this many groups: each is created by an append of three events, and changed by another of two. */
async function writeGroups(count: number, from = 0): Promise<string> {
  let last = '0';
  for (let i = from; i < from + count; i += 50) {
    const written = await Promise.all(
      Array.from({ length: 50 }, async (_, k) => {
        const id = `g${i + k}`;
        await around.writer.group(id, created(`o${k}`), joined('add', 3, `a${i}`, `b${k}`), joined('add', 4, `c${k}`));
        return around.writer.group(id, left(3, `b${k}`), joined('add', 4, `d${i}`));
      }),
    );
    for (const { position } of written) if (comparePositions(position, last) > 0) last = position;
  }
  return last;
}

/** A busy machine may take long. */
const STARTS = { withinMs: 60_000 };

/** Starts a node without waiting for anything. The system lets it write files of `maxFileKiB` at most. */
function launch(node: string, env: Readonly<Record<string, string>> = {}, maxFileKiB?: number) {
  const command = [process.execPath, '--enable-source-maps', builtFile(MAIN.query)];
  const limit = maxFileKiB === undefined ? [] : ['sh', '-c', `ulimit -S -f ${maxFileKiB * 2} && exec "$@"`, 'sh'];
  const [program, ...args] = [...limit, ...command] as [string, ...string[]];
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH, HEALTH_PORT: '0', ...around.env({ QUERY_NODE: node }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  // After all of its output.
  const exited = once(child, 'close') as Promise<[number | null]>;
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return (await exited)[0];
  };
  return { pid: child.pid!, output: () => output, exited: exited.then(([code]) => code), end };
}

describe('a query node that catches up', () => {
  shareSurroundings();
  let last: string;
  let rows: string[];
  beforeAll(async () => {
    last = await writeGroups(1_000);
    rows = await rowsOfLog();
    expect(rows.length).toBeGreaterThan(5_000);
  });

  it('since its file was deleted is not ready until it has the whole log, shows its progress, and ends in the same rows', async () => {
    ReadModel.delete(around.file('one'));
    const port = await freePort();
    const node = launch('one', { HEALTH_PORT: String(port) });
    try {
      const seen = new Set<string>();
      const answered: unknown[] = [];
      await waitFor(
        async () => {
          const answer = await around.ask('group', { app, groupId: 'g0' }).catch(() => undefined);
          const { status, text } = await readiness(port);
          seen.add(`${status} ${/[1-9]\d* events, \d+ %/.exec(text)?.[0] ?? ''}`);
          if (answer !== undefined && /\d events, \d+ %/.test(text)) answered.push(answer);
          return status === 200;
        },
        { withinMs: 120_000, everyMs: 5 },
      );
      // It takes no queries before: an incomplete read model would deny groups that exist.
      expect(answered).toEqual([]);
      expect([...seen].filter((line) => /^503 [1-9]\d* events, \d+ %$/.test(line)).length).toBeGreaterThan(0);
      expect(await around.ask('group', { app, groupId: 'g0' })).toMatchObject({ memberCount: 4, revision: '4' });
      await wrote(node, /"events":5000,.*caught up with the event store/);
    } finally {
      await node.end('SIGTERM');
    }
    expect(dumpOf('one')).toEqual(rows);
  });

  it('and is killed continues from its position without half an append, and ends in the same rows', async () => {
    const model = () => ReadModel.open({ file: around.file('killed'), store: around.store.storeId });
    const positions: string[] = [];
    for (let i = 0; i < 4; i++) {
      const port = await freePort();
      const node = launch('killed', { HEALTH_PORT: String(port) });
      const events = () => metric({ healthUrl: `http://127.0.0.1:${port}` }, 'cohort_projection_events_total');
      try {
        await waitFor(() => node.output().includes('following the event store'), { ...STARTS, everyMs: 2 });
        // In the midst of the log, at any moment of a transaction.
        const moved = async () => (await events()) > 0 || node.output().includes('caught up');
        if (i % 2 === 0) await waitFor(moved, { everyMs: 1 });
        else await delay(i * 24);
      } finally {
        await node.end('SIGKILL');
      }
      const read = model();
      const position = read.applied.current;
      const groups = [...read.dump()].filter((line) => line.startsWith('groups '));
      // After the first append of a group, or after the second: 4 members each time, by its events and by its rows.
      for (const line of groups) expect(line).toMatch(/"member_count":4,.*"revision":(2|4),/);
      for (const line of groups.slice(-100)) {
        const { id } = JSON.parse(line.slice('groups '.length)) as { id: string };
        expect(read.queries.members({ app, groupId: id }).members).toHaveLength(4);
      }
      // The events up to the position are applied, and none beyond it.
      const newest = [...read.anchors()].map((anchor) => anchor.position);
      if (position !== '0') expect(newest).toEqual([position]);
      read.close();
      positions.push(position);
    }
    expect([...positions].sort(comparePositions)).toEqual(positions);
    expect(positions.some((position) => position !== '0' && position !== last)).toBe(true);

    const node = await around.node('killed', { QUERY_AFTER_TIMEOUT_MS: '20000' });
    await around.ask('group', { app, groupId: 'g0', after: last });
    await node.stop();
    expect(dumpOf('killed')).toEqual(rows);
  });
});

describe('a query node that finds another event store', () => {
  shareSurroundings();

  it('that is the same with truncated syncs does not rebuild its file', async () => {
    await around.writer.group('kept', created('ann'));
    const folder = (name: string) => join(around.directory, name);
    await around.store.close();
    await around.eventStore.stop();
    await cp(folder('events'), folder('backup'), { recursive: true });
    around.eventStore = await startEventStore({ directory: folder('events') });
    await around.connectStore();
    await around.writer.user('ann', syncRequested([]));
    const { position } = await around.writer.user('ann', syncCompleted(0, '0'));
    await (await around.node('one')).stop();
    await around.store.setTruncateBefore('user-demo/ann', 2);
    const { position: after } = await around.writer.group('lost', created('ann'));
    const node = await around.node('one');
    await wrote(node, 'caught up with the event store');
    expect(node.output()).not.toContain('rebuilt');
    expect(await around.ask('userSync', { app, userId: 'ann', sync: 0, after: position })).toMatchObject({
      completed: true,
    });
    expect(await around.ask('group', { app, groupId: 'lost', after })).toMatchObject({ owner: 'ann' });
  });

  it('that was restored from an older backup, with other events in the places of its own, rebuilds its file', async () => {
    const storeId = around.store.storeId;
    await around.replaceEventStore('backup');
    expect(around.store.storeId).toBe(storeId);
    const { position: after } = await around.writer.group('new', created('bob'));
    const node = await around.node('one');
    await wrote(
      node,
      /the applied event at revision 0 of group-demo\/lost, position \d+ is missing from the event store/,
    );
    const groups = await around.ask('groups', { app, groupIds: ['kept', 'lost', 'new'], after });
    expect(groups).toMatchObject({ groups: [{ groupId: 'kept' }, { groupId: 'new' }], missing: ['lost'] });
  });

  it('with another identity logs that, and rebuilds its file', async () => {
    const formerly = around.store.storeId;
    await around.replaceEventStore('other');
    const { position: after } = await around.writer.group('new', created('bob'));
    const node = await around.node('one');
    await wrote(node, `it was made from event store ${formerly}, and this is event store ${around.store.storeId}`);
    await wrote(node, "the read model doesn't match the event store or this build: deleting and rebuilding it");
    const groups = await around.ask('groups', { app, groupIds: ['kept', 'new'], after });
    expect(groups).toMatchObject({ groups: [{ groupId: 'new' }], missing: ['kept'] });
  });
});

/** Status and text of a node's readiness. */
async function readiness(port: number): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}/health/ready`);
  return { status: response.status, text: await response.text() };
}

/** Lifts a process's limit of its files, which takes the place of a full disk. */
const makeRoom = (pid: number): number | null => spawnSync('prlimit', ['--pid', `${pid}`, '--fsize=unlimited']).status;
const canMakeRoom = spawnSync('prlimit', ['--version']).status === 0;

describe('a full disk', () => {
  /** Two nodes whose disks are full. */
  let full: LimitedNode[] = [];
  afterAll(() => Promise.all(full.map(({ process }) => process.end('SIGTERM'))));
  shareSurroundings();
  let last: string;

  interface LimitedNode {
    readonly process: ReturnType<typeof launch>;
    readonly port: number;
  }
  async function limitedNode(name: string): Promise<LimitedNode> {
    const port = await freePort();
    return { process: launch(name, { HEALTH_PORT: String(port) }, 1_024), port };
  }
  const becomesReady = ({ port }: LimitedNode) => waitFor(async () => (await readiness(port)).status === 200, STARTS);

  beforeAll(async () => {
    full = [await limitedNode('ended'), await limitedNode('waiting')];
    await Promise.all(full.map(becomesReady));
    const { position } = await around.writer.group('g', created('ann'));
    expect(await around.ask('group', { app, groupId: 'g', after: position })).toMatchObject({ owner: 'ann' });
  });

  it('stops the projection and makes nodes unready; other nodes answer, and a node that starts again continues once there is room', async () => {
    await around.node('roomy', { QUERY_AFTER_TIMEOUT_MS: '20000' });
    const gone = await Promise.all(['ended', 'waiting'].map((name) => around.goodbyeOf(name)));
    last = await writeGroups(500);
    for (const { port } of full) {
      await waitFor(async () => /the projection stopped: .*(disk|full)/.test((await readiness(port)).text));
      expect((await readiness(port)).status).toBe(503);
    }
    await Promise.all(gone.map((said) => said()));
    for (let i = 0; i < 20; i++) {
      expect(await around.ask('group', { app, groupId: 'g499', after: last })).toMatchObject({ memberCount: 4 });
    }
    await full[0]!.process.end('SIGTERM');
    const again = await around.node('ended');
    await wrote(again, 'caught up with the event store');
    expect(again.output()).not.toContain('rebuilt');
    await around.stopNodes();
    expect(dumpOf('ended')).toEqual(dumpOf('roomy'));
  });

  (canMakeRoom ? it : it.skip)(
    'that has room again lets the same process apply the log and take queries again',
    async () => {
      const { process: node, port } = full[1]!;
      // No node takes queries.
      await expect(around.ask('group', { app, groupId: 'g0' })).rejects.toThrow();
      expect((await readiness(port)).status).toBe(503);
      expect(makeRoom(node.pid)).toBe(0);
      await becomesReady(full[1]!);
      await wrote(node, 'the projection works again');
      await waitFor(() => around.ask('group', { app, groupId: 'g499', after: last }).then(() => true));
      expect(await around.ask('group', { app, groupId: 'g499', after: last })).toMatchObject({ memberCount: 4 });
      expect(node.output().split('caught up with the event store')).toHaveLength(2);
      const { position: after } = await around.writer.group('later', created('ann'));
      expect(await around.ask('group', { app, groupId: 'later', after })).toMatchObject({ owner: 'ann' });
      await node.end('SIGTERM');
      expect(dumpOf('waiting')).toEqual(await rowsOfLog());
    },
  );
});

describe('query nodes of one event store', () => {
  shareSurroundings();

  describe('a query node that starts from the copy of another one’s file', () => {
    it('copies it while the other node runs and writes', async () => {
      await writeGroups(500);
      await around.node('one');
      let writing = true;
      const writes = (async () => {
        await around.writer.group('busy', created('ann'));
        for (let i = 1; writing; i++) await around.writer.group('busy', joined('add', i + 1, `u${i}`));
      })();
      const copies: string[] = [];
      try {
        for (const name of ['two', 'three']) {
          const node = await around.node(name, { QUERY_START_FROM: around.file('one') });
          await wrote(node, 'the read model begins with a copy of another one');
          await wrote(node, 'caught up with the event store');
          expect(node.output()).not.toMatch(/"from":"0",.*following the event store/);
          copies.push(name);
        }
      } finally {
        writing = false;
        await writes;
      }
      const { position: after } = await around.writer.group('last', created('ann'));
      for (let i = 0; i < 20; i++) {
        expect(await around.ask('group', { app, groupId: 'last', after })).toMatchObject({ owner: 'ann' });
      }
      const heard = new Map<string, string>();
      around.client.subscribe(QUERY_APPLIED_SUBJECT, {
        callback: (_error, message) => {
          const { node, position } = message.json<QueryNodeApplied>();
          heard.set(node, position);
        },
      });
      await waitFor(() => heard.size === 3 && [...heard.values()].every((each) => comparePositions(each, after) >= 0));
      await around.stopNodes();
      const rows = dumpOf('one');
      expect(rows.length).toBeGreaterThan(2_500);
      for (const name of copies) expect(dumpOf(name)).toEqual(rows);
    });

    it('fails to start without a file of its own if QUERY_START_FROM does not exist', async () => {
      const missing = { QUERY_START_FROM: around.file('missing') };
      const node = launch('four', missing);
      expect(await node.exited).toBe(1);
      expect(node.output()).toContain(
        `QUERY_START_FROM: the file ${around.file('missing')} doesn't exist: correct QUERY_START_FROM or remove it.`,
      );
      expect(node.output()).not.toMatch(/\n\s+at /);
    });

    it('continues from its file once it has one, without QUERY_START_FROM and without reading the log from its beginning', async () => {
      // As the test of copies has left it.
      await cp(around.file('one'), around.file('five'));
      const { position: after } = await around.writer.group('new', created('bob'));
      const node = await around.node('five', { QUERY_START_FROM: around.file('missing') });
      await wrote(node, /"events":1,.*caught up with the event store/);
      const groups = await around.ask('groups', { app, groupIds: ['g0', 'new'], after });
      expect(groups).toMatchObject({ groups: [{ groupId: 'g0', memberCount: 4 }, { groupId: 'new' }], missing: [] });
    });
  });

  describe('two query nodes', () => {
    it('have the same rows, and each answers once it has the position in `after`', async () => {
      await Promise.all([around.node('one'), around.node('two')]);
      const heard = new Map<string, string>();
      around.client.subscribe(QUERY_APPLIED_SUBJECT, {
        callback: (_error, message) => {
          const { node, position } = message.json<QueryNodeApplied>();
          heard.set(node, position);
        },
      });
      for (let i = 1; i < 100; i++) {
        const { position: after } = await (i === 1
          ? around.writer.group('g', created('u1'))
          : around.writer.group('g', joined('add', i, `u${i}`)));
        // Either of them answers.
        expect(await around.ask('isMember', { app, groupId: 'g', userId: `u${i}`, after })).toMatchObject({
          isMember: true,
        });
      }
      const { position } = await around.writer.group('g', left(98, 'u2'));
      await waitFor(
        () => heard.size === 2 && [...heard.values()].every((each) => comparePositions(each, position) >= 0),
      );
      await around.stopNodes();
      expect(dumpOf('one')).toEqual(dumpOf('two'));
    });

    it('can not use the same file: the second one ends with an error message', async () => {
      const one = await around.node('same');
      const second = launch('same');
      expect(await second.exited).toBe(1);
      expect(second.output()).toContain(`Another query node uses ${around.file('same')}.`);
      expect(second.output()).not.toMatch(/\n\s+at /);
      expect(await around.ask('status', { app })).toMatchObject({ degraded: [] });
      await one.kill();
      // The lock ends with its process, even if that is killed.
      await around.node('same');
    });
  });

  describe('a damaged file', () => {
    /** Overwrites the page where an index begins. */
    async function damage(node: string, index: string): Promise<void> {
      const connection = new Database(around.file(node));
      connection.pragma('wal_checkpoint(TRUNCATE)');
      const { rootpage } = connection.prepare('SELECT rootpage FROM sqlite_master WHERE name = ?').get(index) as {
        rootpage: number;
      };
      const { page_size } = connection.prepare('PRAGMA page_size').get() as { page_size: number };
      connection.close();
      const file = await open(around.file(node), 'r+');
      await file.write(Buffer.alloc(page_size, 0xff), 0, page_size, (rootpage - 1) * page_size);
      await file.close();
    }

    it('stops the projection and ends the process, while other nodes answer; the next start rebuilds the file', async () => {
      await around.writer.group('spoiled', created('ann'));
      await (await around.node('damaged')).stop();
      await damage('damaged', 'groups_of_user');
      const port = await freePort();
      const node = launch('damaged', { HEALTH_PORT: String(port) });
      const ready = () => readiness(port);
      try {
        await waitFor(async () => (await ready()).status === 200, STARTS);
        const gone = await around.goodbyeOf('damaged');
        await around.node('sound');
        const { position: after } = await around.writer.group('spoiled', joined('add', 2, 'bob'));
        await waitFor(async () => /the projection stopped: .*malformed/.test((await ready()).text));
        expect((await ready()).status).toBe(503);
        await gone();
        for (let i = 0; i < 20; i++) {
          expect(await around.ask('isMember', { app, groupId: 'spoiled', userId: 'bob', after })).toMatchObject({
            isMember: true,
          });
        }
        expect(await node.exited).toBe(1);
      } finally {
        await node.end('SIGTERM');
      }
      const again = await around.node('damaged');
      await wrote(again, 'it was found to be damaged');
      await around.stopNodes();
      expect(dumpOf('damaged')).toEqual(dumpOf('sound'));
    });

    it('that can not be opened ends the start with an error message; once deleted, it is rebuilt', async () => {
      await damage('damaged', 'meta');
      const node = launch('damaged');
      expect(await node.exited).toBe(1);
      expect(node.output()).toContain(
        `${around.file('damaged')} is damaged. Stop the node, delete the file and start the node again; it rebuilds the file from the event store.`,
      );
      await rm(around.file('damaged'));
      await around.node('damaged');
      expect(await around.ask('group', { app, groupId: 'spoiled' })).toMatchObject({ owner: 'ann' });
    });
  });

  describe('an outage of the event store', () => {
    it('makes the query node unready after QUERY_MAX_LAG_SECONDS, until the store is back', async () => {
      await around.writer.group('outage', created('ann'));
      const node = await around.node('one', { QUERY_MAX_LAG_SECONDS: '1' });
      const status = async () => (await fetch(`${node.healthUrl}/health/ready`)).status;
      const { port } = around.eventStore;
      await around.store.close();
      const cut = Date.now();
      const unready = waitFor(async () => (await status()) === 503).then(() => Date.now());
      await Promise.all([unready, around.eventStore.stop()]);
      expect((await unready) - cut).toBeGreaterThan(1_000);
      // The reason is that of the last attempt, not that of the break.
      const why = async () => (await fetch(`${node.healthUrl}/health/ready`)).text();
      await waitFor(async () => (await why()).includes('ECONNREFUSED'));
      expect(await why()).not.toContain('shutting down');
      expect(await around.ask('group', { app, groupId: 'outage' })).toMatchObject({ owner: 'ann' });
      around.eventStore = await startEventStore({ directory: join(around.directory, 'events'), port });
      await around.connectStore();
      await waitFor(async () => (await status()) === 200, { withinMs: 30_000 });
      const { position: after } = await around.writer.group('back', created('bob'));
      expect(await around.ask('group', { app, groupId: 'back', after })).toMatchObject({ owner: 'bob' });
    });
  });
});
