import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startNatsWith } from '../support/configured-nats';
import { newDataDir, startProduct, startToItsEnd, type Product } from '../support/product';
import { becomesReady } from '../support/ready';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';

requires('embedded event store', 'own event store', 'own nats-server');

const START_MS = 180_000;
jest.setTimeout(START_MS);

const ROOT = resolve(__dirname, '../..');
const START = join(ROOT, 'deploy/local/start.cjs');
const REQUEST = join(ROOT, 'deploy/local/request.cjs');
const PASSWORD = 'p@s/s?w#rd:x y';
const DEAD_PROXY = 'http://127.0.0.1:9';
const isRoot = process.getuid?.() === 0;

let data: Awaited<ReturnType<typeof newDataDir>>;
beforeEach(async () => (data = await newDataDir()));
afterEach(() => data.remove());

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => join(entry.parentPath, entry.name));

/** What a file holds that SQLite or the launcher may just have removed. */
const contentOf = (file: string): string => {
  try {
    return statSync(file).isFile() ? readFileSync(file, 'latin1') : '';
  } catch {
    return '';
  }
};

/** Files and folders that others than their owner may use. */
const openToOthers = (folder: string): string[] =>
  [folder, ...filesIn(folder)].filter((path) => (statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o077);

const request = async (natsUrl: string): Promise<{ stdout: string; stderr: string }> => {
  const env = { PATH: process.env.PATH, NATS_URL: natsUrl };
  const args = [REQUEST, 'group.v1.query.group', '{"app":"demo","groupId":"none"}'];
  return promisify(execFile)(process.execPath, args, { env }).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
};

describe('npm start with a NATS_URL that has a password, behind a proxy, in a folder that others may read', () => {
  let nats: Awaited<ReturnType<typeof startNatsWith>>;
  beforeAll(async () => {
    nats = await startNatsWith(`authorization { users: [ { user: "me", password: ${JSON.stringify(PASSWORD)} } ] }`);
  });
  afterAll(() => nats?.stop());

  it.each([
    ['as it is', PASSWORD],
    ['percent-encoded', encodeURIComponent(PASSWORD)],
  ])('works, shows the password nowhere, and closes the folder (%s)', async (_, password) => {
    // As an earlier version left it.
    for (const folder of ['event-store', 'query', 'nats']) mkdirSync(join(data.path, folder), { mode: 0o755 });
    writeFileSync(join(data.path, 'nats/old'), '', { mode: 0o644 });
    chmodSync(data.path, 0o755);
    const natsUrl = `nats://me:${password}@127.0.0.1:${nats.port}`;
    const env = { NATS_URL: natsUrl, http_proxy: DEAD_PROXY, grpc_proxy: DEAD_PROXY, all_proxy: DEAD_PROXY };
    const product = await startProduct({ dataDir: data.path, env });
    try {
      expect(product.running().nats.url).toBe(`nats://127.0.0.1:${nats.port}`);
      expect((await request(natsUrl)).stdout).toContain('GROUP_NOT_FOUND');
      expect((await request(`nats://me:wrong@127.0.0.1:${nats.port}`)).stderr).toBe(
        `NATS_URL: nats://127.0.0.1:${nats.port} refuses the user, password or token, or needs one.\n`,
      );
      expect(openToOthers(data.path)).toEqual([]);
      const line = product
        .output()
        .split('\n')
        .find((text) => text.includes('nats req'));
      expect(line).toContain('nats req --server "$NATS_URL" group.v1.command.create');
      expect(product.output()).toContain("curl --noproxy '*' -s");
      expect(filesIn(data.path).length).toBeGreaterThan(8);
      for (const text of [product.output(), ...filesIn(data.path).map(contentOf)]) {
        expect(text).not.toContain(PASSWORD);
        expect(text).not.toContain(encodeURIComponent(PASSWORD));
        expect(text).not.toContain('s/s?w');
      }
    } finally {
      await product.stop();
    }
  });
});

/** Whether this user may open the port 80, and nobody has it. */
const canUsePort80 = (): Promise<boolean> =>
  new Promise((answer) => {
    const server = createServer().once('error', () => answer(false));
    server.listen(80, '127.0.0.1', () => server.close(() => answer(true)));
  });

it('a gateway on port 80, the default of its URLs, serves there again after a kill', async () => {
  if (!(await canUsePort80())) return void console.warn('skipped: this user can not use port 80');
  const product: Product = await startProduct({ dataDir: data.path, env: { GATEWAY_PORT: '80' } });
  try {
    const { pid, url } = product.running().gateway;
    expect(url).toBe('http://127.0.0.1:80');
    process.kill(pid, 'SIGKILL');
    await waitFor(() => product.running().gateway.pid !== null && product.running().gateway.pid !== pid, {
      withinMs: 60_000,
    });
    expect(product.running().gateway.url).toBe('http://127.0.0.1:80');
    await becomesReady('http://127.0.0.1:80');
  } finally {
    await product.stop();
  }
});

describe('npm start', () => {
  const refused = async (env: Record<string, string>, command?: readonly [string, ...string[]]): Promise<string> => {
    const { code, output } = await startToItsEnd({ dataDir: env.DATA_DIR ?? data.path, env, command });
    expect(output).not.toMatch(/^\s+at /m);
    expect(output).not.toContain('hidden');
    expect(code).toBe(1);
    return output.trim().split('\n').at(-1)!;
  };

  it.each([
    [{ NODE_ENV: 'Production' }, 'NODE_ENV must be development, test or production, or unset; it is "Production".'],
    [
      { EVENTSTORE_URL: 'kurrentdb://me:hidden@host' },
      'EVENTSTORE_URL must begin with esdb:// instead, which a KurrentDB server understands as well; it is "kurrentdb://***".',
    ],
    [
      { NATS_URL: 'nats://me:hidden%/hidden@host' },
      'NATS_URL has a percent sign that begins no code such as %40: write it as %25; it is "nats://***".',
    ],
    [
      { GATEWAY_HOST: 'no.such.host.invalid' },
      'GATEWAY_HOST: no.such.host.invalid is not a known host. Set GATEWAY_HOST to one, such as 127.0.0.1.',
    ],
    [{ GATEWAY_PORT: '0x50' }, 'GATEWAY_PORT must be a port from 0 to 65535 (0: a free one); it is "0x50".'],
    [{ GATEWAY_PORT: '4999', NATS_PORT: '4999' }, 'GATEWAY_PORT and NATS_PORT are both 4999. Set one to another port.'],
  ])('with %j is refused, and the error says what to change', async (env: Record<string, string>, sentence) => {
    expect(await refused(env)).toBe(sentence);
  });

  it("in production, with the demo's keys in a file, is refused without a secret in the output", async () => {
    const file = join(data.path, 'apps.json');
    writeFileSync(file, JSON.stringify({ apps: [{ id: 'shop', rongcloud: { appKey: 'demo', appSecret: 'hidden' } }] }));
    const env = { NODE_ENV: 'production', APPS_FILE: file };
    const { code, output } = await startToItsEnd({ dataDir: join(data.path, 'data'), env });
    expect(output).toContain(
      `APPS_FILE ${file}: app "shop": rongcloud.appKey is that of the demo app, which is public: not for production; ` +
        'app "shop": rongcloud.appSecret must have at least 12 characters\n',
    );
    expect(output).not.toContain('hidden');
    expect(code).toBe(1);
  });

  it('in a folder that was removed, without HOME, is refused if its data are relative to it', async () => {
    const folder = join(data.path, 'gone');
    mkdirSync(folder);
    const script = `cd '${folder}' && rmdir '${folder}' && unset HOME DATA_DIR && exec node '${START}'`;
    expect(await refused({}, ['sh', '-c', script])).toBe(
      'DATA_DIR: the folder in which the process was started no longer exists: use an absolute path.',
    );
  });

  (isRoot ? it : it.skip)('as a user without a name names the user by number', async () => {
    const [setpriv, ...options] = ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups'] as const;
    const mayRead = await promisify(execFile)(setpriv, [...options, 'test', '-r', START]).catch(() => undefined);
    if (!mayRead) return void console.warn('skipped: setpriv is missing, or other users may not read this folder');
    chmodSync(data.path, 0o755);
    expect(await refused({}, [setpriv, ...options, process.execPath, START])).toBe(
      `DATA_DIR: the user with the id 54321 may not write to ${data.path}. Set DATA_DIR to a folder that can be written.`,
    );
  });
});
