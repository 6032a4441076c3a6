import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';
import { collect, connect, failure, someEvents } from './support';
import { ensureBuilt, FIRST_START_MS } from '../support/built';
import { StoreProcess } from './store-process';

requires('embedded event store');

beforeAll(ensureBuilt, FIRST_START_MS);

let directory: string;
let processes: StoreProcess[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'event-store-'));
  processes = [];
});
afterEach(async () => {
  for (const store of processes)
    if (store.child.exitCode === null && store.child.signalCode === null) await store.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

const start = (env: Record<string, string> = {}): StoreProcess => {
  const store = StoreProcess.start({ DATA_DIR: directory, ...env });
  processes.push(store);
  return store;
};

/** Returns the one line on stderr of a command that can't start. */
const refusal = async (env: Record<string, string>): Promise<string> => {
  const store = start(env);
  expect(await store.end()).toBe(1);
  expect(store.stdout).toBe('');
  expect(store.stderr.trim().split('\n')).toHaveLength(1);
  return store.stderr.trim();
};

describe('the command of the embedded event store', () => {
  it('prints one line once it is ready, sets its process title, and keeps its events over a restart', async () => {
    const store = start();
    const url = await store.url();
    expect(url).toMatch(/^esdb:\/\/127\.0\.0\.1:\d+\?tls=false$/);
    await waitFor(() => store.stdout.includes('\n'));
    expect(store.stdout).toMatch(/^Event store ready on port \d+, events in .*event-store\.\n$/);
    expect(readFileSync(`/proc/${store.pid}/comm`, 'utf8')).toMatch(/^cohort-event-st/);
    const client = connect(url);
    await client.appendToStream('s', someEvents(3));
    await client.dispose();
    expect(await store.kill('SIGTERM')).toBe(0);
    expect(store.stderr).toBe('');

    const again = connect(await start().url());
    expect(await collect(again.readStream('s'))).toHaveLength(3);
    await again.dispose();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'stops in order on %s, with a subscription and a batch open',
    async (signal) => {
      const store = start();
      const client = connect(await store.url());
      await client.appendToStream('s', someEvents(1));
      const subscription = failure(collect(client.subscribeToAll()));
      expect(await store.kill(signal)).toBe(0);
      await subscription;
      await client.dispose();
    },
  );

  it('stops when its parent has ended', async () => {
    const store = start();
    await store.url();
    store.child.disconnect();
    expect(await store.end()).toBe(0);
  });

  it('rejects a directory in use, and names the process that uses it', async () => {
    const first = start();
    await first.url();
    expect(await refusal({})).toBe(
      `${join(directory, 'event-store')} is in use by another event store (pid ${first.pid}).`,
    );
  });

  it('uses the directory of a killed process immediately', async () => {
    const first = start();
    await first.url();
    expect(await first.kill('SIGKILL')).toBe('SIGKILL');
    await start().url();
  });

  it('names the setting when the port is in use', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    expect(await refusal({ EVENTSTORE_PORT: String(port) })).toMatch(
      new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is in use: .*EVENTSTORE_PORT`),
    );
    taken.close();
  });

  it.each(['-1', '65536', 'http', '1.5'])('names the setting when the port is %s', async (port) => {
    expect(await refusal({ EVENTSTORE_PORT: port })).toMatch(/^EVENTSTORE_PORT must be a whole number from 0 to 65535/);
  });

  it('names the setting when the directory can not be created', async () => {
    writeFileSync(join(directory, 'file'), '');
    expect(await refusal({ DATA_DIR: join(directory, 'file') })).toMatch(/not a directory \(see DATA_DIR\)\.$/);
  });

  it('names the setting when it has no permission to write', async () => {
    chmodSync(directory, 0o500);
    // Root may write everywhere except into the kernel.
    const env: Record<string, string> = process.getuid?.() === 0 ? { DATA_DIR: '/sys/cohort' } : {};
    expect(await refusal(env)).toMatch(/check the permissions of DATA_DIR\.$/);
  });

  it('rejects a file that is not an event store', async () => {
    mkdirSync(join(directory, 'event-store'));
    writeFileSync(join(directory, 'event-store', 'events.db'), 'no database at all, but long enough to be looked at');
    expect(await refusal({})).toMatch(/is damaged or not an event store/);
  });

  it('rejects an address that is not loopback without user and password', async () => {
    expect(await refusal({ EVENTSTORE_HOST: '0.0.0.0' })).toMatch(/set EVENTSTORE_USER and EVENTSTORE_PASSWORD/);
    expect(await refusal({ EVENTSTORE_USER: 'cohort' })).toMatch(/must be given together/);
    await start({ EVENTSTORE_HOST: '0.0.0.0', EVENTSTORE_USER: 'cohort', EVENTSTORE_PASSWORD: 'secret' }).url();
  });

  it('names the setting when a certificate can not be read', async () => {
    expect(await refusal({ EVENTSTORE_TLS_CERT: '/nowhere.pem', EVENTSTORE_TLS_KEY: '/nowhere.key' })).toMatch(
      /^EVENTSTORE_TLS_CERT names \/nowhere\.pem/,
    );
    expect(await refusal({ EVENTSTORE_TLS_CERT: '/nowhere.pem' })).toMatch(/must be given together/);
  });
});
