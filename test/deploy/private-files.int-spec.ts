import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedEventStore } from '@cohort/embedded-event-store';
import { ReadModel } from '@cohort/read-model';
import { replaceFile, takeDataDir } from '../../deploy/local/data-dir';
import { writeNatsConfig } from '../../deploy/local/nats-server';
import { requires } from '../support/servers';

requires('embedded event store');

let directory: string;
let umask: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cohort-private-'));
  umask = process.umask(0);
});
afterEach(() => {
  process.umask(umask);
  rmSync(directory, { recursive: true, force: true });
});

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

/** The permissions of all that is in a folder, by path. */
const modes = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => [path, modeOf(join(folder, path))]),
  );

describe('with a umask that allows everything, only the owner may use', () => {
  it('the folder, the files and the folders of the launcher', async () => {
    const path = join(directory, 'a/data');
    const dataDir = await takeDataDir(path, () => undefined);
    writeNatsConfig(dataDir.folder('nats'));
    replaceFile(dataDir.runFile, {});
    expect([modeOf(join(directory, 'a')), modeOf(path)]).toEqual(['700', '700']);
    expect(modes(path)).toEqual({
      'launcher.json': '600',
      'run.json': '600',
      nats: '700',
      'nats/nats-server.conf': '600',
    });
    dataDir.release();
  });

  it('the files of the embedded event store', async () => {
    const store = await startEmbeddedEventStore({ directory: join(directory, 'event-store') });
    expect(modes(directory)).toMatchObject({
      'event-store': '700',
      'event-store/pid': '600',
      'event-store/events.db': '600',
      'event-store/events.db-wal': '600',
    });
    await store.stop();
  });

  it('the files of a query node, and their copy for another node', async () => {
    const file = join(directory, 'query/query.db');
    const model = ReadModel.open({ file, store: 'a store' });
    await ReadModel.copy(file, join(directory, 'query/copy.db'));
    expect(modes(directory)).toMatchObject({
      query: '700',
      'query/query.db': '600',
      'query/query.db-wal': '600',
      'query/query.db.lock': '600',
      'query/copy.db': '600',
    });
    model.close();
  });
});

describe('a folder of an earlier version', () => {
  it('is taken from others with all that Cohort keeps in it, and links are not followed', async () => {
    const elsewhere = join(directory, 'elsewhere');
    const path = join(directory, 'data');
    mkdirSync(join(path, 'nats/jetstream'), { recursive: true });
    for (const file of [elsewhere, join(path, 'nats/jetstream/1.blk'), join(path, 'run.json')]) writeFileSync(file, '');
    symlinkSync(elsewhere, join(path, 'nats/link'));
    (await takeDataDir(path, () => undefined)).release();
    expect(modeOf(path)).toBe('700');
    expect(modeOf(elsewhere)).toBe('666');
    expect(modes(path)).toMatchObject({ nats: '700', 'nats/jetstream': '700', 'nats/jetstream/1.blk': '600' });
  });

  it('that holds other things too keeps its permissions and theirs', async () => {
    mkdirSync(join(directory, 'query'));
    writeFileSync(join(directory, 'letter.txt'), '');
    chmodSync(directory, 0o755);
    (await takeDataDir(directory, () => undefined)).release();
    expect(modeOf(directory)).toBe('755');
    expect(modes(directory)).toEqual({ 'letter.txt': '666', query: '700' });
  });
});
