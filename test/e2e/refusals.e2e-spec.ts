import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { startNats, type TestNats } from '../support/nats-server';
import { newDataDir, processesOf, startProduct, startToItsEnd, type Product } from '../support/product';
import { becomesReady } from '../support/ready';
import { requires } from '../support/servers';

requires('embedded event store', 'own event store', 'own nats-server');

const START_MS = 180_000;
jest.setTimeout(START_MS);

describe('npm start with wrong settings', () => {
  let data: Awaited<ReturnType<typeof newDataDir>>;
  let taken: Server;
  let port: string;
  let nats: TestNats;

  beforeAll(async () => {
    data = await newDataDir();
    nats = await startNats();
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    port = String((taken.address() as { port: number }).port);
  });

  afterAll(async () => {
    taken.close();
    await nats.stop();
    await data.remove();
  });

  /** Ends with code 1 and these sentences, no stack trace, and leaves nothing behind. */
  const refused = async (env: Record<string, string>, ...sentences: string[]): Promise<void> => {
    const dataDir = env.DATA_DIR ?? data.path;
    const { code, output } = await startToItsEnd({ dataDir, env });
    // A build may come first, and says so.
    expect(output.trim().split('\n').slice(-sentences.length)).toEqual(sentences);
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
    expect(processesOf(dataDir)).toEqual([]);
  };

  it.each(['GATEWAY_PORT', 'EVENTSTORE_PORT', 'NATS_PORT'])(
    'names the setting of a port that is in use: %s',
    async (setting) => {
      const also = setting === 'EVENTSTORE_PORT' ? ', or EVENTSTORE_URL to a server that runs already' : '';
      await refused(
        { [setting]: port },
        `${setting}: port ${port} is in use by another program. ` +
          `Set ${setting} to another port, or to 0 for a free one${also}.`,
      );
    },
  );

  it('suggests to use the nats-server that already listens on the port', async () => {
    await refused(
      { NATS_PORT: String(nats.port) },
      `NATS_PORT: port ${nats.port} is in use by another program. Set NATS_PORT to another port, or to 0 for a free one, ` +
        `or NATS_URL=${nats.url} to use the nats-server that is running there.`,
    );
  });

  it('reports that no server answers at NATS_URL, without the password', async () => {
    await refused(
      { NATS_URL: `nats://me:hidden@127.0.0.1:${port}` },
      `NATS_URL: no nats-server answers at nats://127.0.0.1:${port}.`,
    );
  });

  it('reports that no server answers at EVENTSTORE_URL, without the password', async () => {
    await refused(
      { EVENTSTORE_URL: 'esdb://me:hidden@127.0.0.1:1,127.0.0.1:2?tls=false' },
      'EVENTSTORE_URL: no server answers at esdb://127.0.0.1:1,127.0.0.1:2?tls=false.',
    );
  });

  it('lists all bad settings together', async () => {
    await refused(
      { NATS_PORT: '-1', EVENTSTORE_PORT: 'many', LOG_LEVEL: 'loud' },
      'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent; it is "loud".',
      'NATS_PORT must be a port from 0 to 65535 (0: a free one); it is "-1".',
      'EVENTSTORE_PORT must be a port from 0 to 65535 (0: a free one); it is "many".',
    );
  });

  it('explains the error in APPS_FILE, and requires the file in production', async () => {
    const file = join(data.path, 'apps.json');
    await refused({ APPS_FILE: file }, `APPS_FILE ${file}: there is no such file.`);
    writeFileSync(file, '{"apps": [');
    await refused({ APPS_FILE: file }, `APPS_FILE ${file}: it is not well-formed JSON; the fault is in line 1.`);
    await refused(
      { NODE_ENV: 'production' },
      'APPS_FILE must name the file that lists the apps: the demo app is not for production.',
    );
  });

  it('rejects a dialect of APPS_FILE that is not served, by its path', async () => {
    const file = join(data.path, 'apps-of-a-dialect.json');
    writeFileSync(file, '{"apps": [{"id": "shop", "easemob": {"appId": "s"}}]}');
    const dataDir = join(data.path, 'dialect');
    const { code, output } = await startToItsEnd({ dataDir, env: { APPS_FILE: file } });
    expect(output).toContain(
      `APPS_FILE ${file}: app "shop": easemob is not a dialect that is served here: rongcloud, lanying, wildfirechat, agora\n`,
    );
    expect(output.trim().split('\n').at(-1)).toBe('gateway could not start: it ended with code 1; see its last lines.');
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
    expect(processesOf(dataDir)).toEqual([]);
  });

  it('rejects a DATA_DIR that can not be a folder', async () => {
    const file = join(data.path, 'a-file');
    writeFileSync(file, '');
    await refused(
      { DATA_DIR: join(file, 'data') },
      `DATA_DIR: ${join(file, 'data')} can't be created as a folder. Set DATA_DIR to a folder that can be written.`,
    );
  });

  it('names the damaged file, and stops the parts that it had started', async () => {
    const dataDir = join(data.path, 'damaged');
    mkdirSync(join(dataDir, 'event-store'), { recursive: true });
    writeFileSync(join(dataDir, 'event-store/events.db'), 'no database at all'.repeat(1_000));
    const { code, output } = await startToItsEnd({ dataDir });
    expect(output).toContain(
      'events.db is damaged or not an event store: restore it, or set DATA_DIR to another place.',
    );
    expect(output.trim().split('\n').at(-1)).toBe(
      'event-store could not start: it ended with code 1; see its last lines.',
    );
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
    expect(processesOf(dataDir)).toEqual([]);
    expect(readdirSync(dataDir)).not.toContain('launcher.json');
  });

  describe('while another launcher runs', () => {
    let product: Product;

    beforeAll(async () => {
      product = await startProduct({ dataDir: join(data.path, 'running') });
    });

    afterAll(() => product?.stop('SIGTERM'));

    it('rejects a DATA_DIR in use, and does not disturb the other launcher', async () => {
      const { code, output } = await startToItsEnd({ dataDir: product.dataDir });
      expect(output.trim()).toBe(
        `DATA_DIR ${product.dataDir} is in use: Cohort already runs there (process ${product.pid}). ` +
          'Stop that process, or set DATA_DIR to another folder.',
      );
      expect(code).toBe(1);
      await becomesReady(product.running().gateway.url);
    });
  });
});
