import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Bus } from '@cohort/bus';
import { startEmbeddedEventStore } from '@cohort/embedded-event-store';
import { startNatsWith } from '../support/configured-nats';
import { requires } from '../support/servers';

requires('own nats-server', 'embedded event store');

type ConfiguredNats = Awaited<ReturnType<typeof startNatsWith>>;

const FIXTURES = `${__dirname}/../embedded-event-store/fixtures`;
const PASSWORD = 'p@s/s?w#rd:x y';

/** Returns why a bus isn't connected, or that it is. */
async function outcome(servers: string): Promise<string> {
  try {
    const bus = await Bus.connect({ servers, name: 'test', timeoutMs: 400 });
    await bus.close();
    return 'connected';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('NATS_URL', () => {
  let withLogin: ConfiguredNats;
  let withToken: ConfiguredNats;
  let withTls: ConfiguredNats;

  beforeAll(async () => {
    withLogin = await startNatsWith(
      `authorization { users: [ { user: "me", password: ${JSON.stringify(PASSWORD)} } ] }`,
    );
    withToken = await startNatsWith('authorization { token: "t0k/en?x" }');
    withTls = await startNatsWith(
      `tls { cert_file: "${FIXTURES}/localhost.cert.pem", key_file: "${FIXTURES}/localhost.key.pem" }`,
    );
  });

  afterAll(() => Promise.all([withLogin, withToken, withTls].map((nats) => nats?.stop())));

  it.each([PASSWORD, encodeURIComponent(PASSWORD)])('connects with the password %s', async (password) => {
    expect(await outcome(`nats://me:${password}@127.0.0.1:${withLogin.port}`)).toBe('connected');
  });

  it('connects with a token', async () => {
    expect(await outcome(`nats://t0k/en?x@127.0.0.1:${withToken.port}`)).toBe('connected');
  });

  it('that has a wrong password, or none, is explained without it', async () => {
    const refused = `NATS can't be reached at 127.0.0.1:${withLogin.port} (user, password or token is missing or wrong).`;
    expect(await outcome(`nats://me:wr@ng@127.0.0.1:${withLogin.port}`)).toBe(refused);
    expect(await outcome(`nats://127.0.0.1:${withLogin.port}`)).toBe(refused);
  });

  it('that asks for TLS of a server without it is explained', async () => {
    expect(await outcome(`tls://t0k/en?x@127.0.0.1:${withToken.port}`)).toBe(
      `NATS can't be reached at 127.0.0.1:${withToken.port} (the server doesn't speak TLS: write nats:// in place of tls://).`,
    );
  });

  it.each(['nats', 'tls'])('%s:// to a server whose certificate is not trusted is explained', async (scheme) => {
    expect(await outcome(`${scheme}://127.0.0.1:${withTls.port}`)).toContain(
      "(the certificate isn't trusted: set NODE_EXTRA_CA_CERTS to the file of its authority; ",
    );
  });

  it('that names another program is explained', async () => {
    const http = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
    await once(http, 'listening');
    const store = await startEmbeddedEventStore({ memory: true });
    try {
      expect(await outcome(`nats://me:hidden@127.0.0.1:${(http.address() as AddressInfo).port}`)).toMatch(
        /^NATS can't be reached at \S+ \(an HTTP server answers at \S+, not a nats-server: check the port\)\.$/,
      );
      expect(await outcome(`nats://me:hidden@127.0.0.1:${store.port}`)).toContain(
        'an event store, or another server of HTTP/2',
      );
    } finally {
      http.close();
      http.closeAllConnections();
      await store.stop();
    }
  });

  it('that names an unknown host is explained', async () => {
    expect(await outcome('nats://me:hidden@no.such.host.invalid')).toBe(
      "NATS can't be reached at no.such.host.invalid:4222 (the host is not known: check its name).",
    );
  });
});
