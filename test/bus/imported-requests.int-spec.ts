import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bus } from '@cohort/bus';
import { connect, type NatsConnection } from 'nats';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';

requires('own nats-server');

/** A tenant in an account of its own, which imports the subjects of its requests. */
const CONFIG = `accounts {
  SERVICE: { users: [{ user: cohort, password: secret }], exports: [{ service: "group.v1.app.shop.>" }] }
  SHOP: {
    users: [{ user: shop, password: secret }]
    imports: [{ service: { account: SERVICE, subject: "group.v1.app.shop.>" } }]
  }
}`;
const SUBJECT = 'group.v1.app.shop.query.test';

describe('requests of another account of the nats-server', () => {
  let directory: string;
  let nats: TestNats;
  let shop: NatsConnection;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cohort-accounts-'));
    await writeFile(join(directory, 'nats.conf'), CONFIG);
    nats = await startNats({ args: ['--config', join(directory, 'nats.conf')], jetStream: false });
    shop = await connect({ servers: nats.url, user: 'shop', pass: 'secret' });
  });
  afterAll(async () => {
    await shop?.close();
    await nats?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** A service that answers each request with its reply subject. */
  async function serving(replyPrefixes: readonly string[]) {
    let ignored = 0;
    const bus = await Bus.connect({
      servers: nats.url.replace('//', '//cohort:secret@'),
      name: 'test',
      replyPrefixes,
      observer: { ignoredRequest: () => (ignored += 1), messageFault: () => undefined },
    });
    bus.requests.on(SUBJECT, (request) => void request.respond(request.reply));
    await bus.connection.flush();
    return { ignored: () => ignored, close: () => bus.close() };
  }

  test('are answered when the setting names the prefix of their reply subjects', async () => {
    const service = await serving(['_R_']);
    const answer = await shop.request(SUBJECT, '{}', { timeout: 20_000 });
    expect(answer.string()).toMatch(/^_R_\./);
    expect(service.ignored()).toBe(0);
    await service.close();
  });

  test('are ignored without that setting', async () => {
    const service = await serving([]);
    await expect(shop.request(SUBJECT, '{}', { timeout: 500 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(service.ignored()).toBe(1);
    await service.close();
  });

  test('may not name such a reply subject themselves: nats-server refuses it', async () => {
    const service = await serving(['_R_']);
    const refused = (async () => {
      for await (const { type, data } of shop.status()) if (String(type) === 'error') return data;
      return undefined;
    })();
    shop.publish(SUBJECT, '{}', { reply: '_R_.abc.def' });
    expect(await refused).toBe('PERMISSIONS_VIOLATION');
    expect(service.ignored()).toBe(0);
    await service.close();
  });
});
