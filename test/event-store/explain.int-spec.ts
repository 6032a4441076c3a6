import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect as connectTcp, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { startEmbeddedEventStore, type EmbeddedEventStore } from '@cohort/embedded-event-store';
import { connectEventStore, StoreMisconfigured, StoreUnavailable } from '@cohort/event-store';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';

requires('own nats-server', 'embedded event store');

const FIXTURES = `${__dirname}/../embedded-event-store/fixtures`;
const CERTIFICATE = `${FIXTURES}/localhost.cert.pem`;
const PASSWORD = 'p@s/s?w#rd:x y';

/** Returns the error of a first connection, or that there is none. */
async function outcome(url: string): Promise<Error | 'connected'> {
  try {
    const store = await connectEventStore({ url });
    await store.close();
    return 'connected';
  } catch (error) {
    return error as Error;
  }
}

describe('EVENTSTORE_URL', () => {
  let plain: EmbeddedEventStore;
  let secure: EmbeddedEventStore;
  let http: Server;
  let nats: TestNats;
  const trusted = () => `localhost:${secure.port}?tlsCAFile=${encodeURIComponent(CERTIFICATE)}`;

  beforeAll(async () => {
    plain = await startEmbeddedEventStore({ memory: true });
    const tls = {
      certificate: readFileSync(CERTIFICATE, 'utf8'),
      key: readFileSync(`${FIXTURES}/localhost.key.pem`, 'utf8'),
    };
    secure = await startEmbeddedEventStore({ memory: true, tls, user: 'me', password: PASSWORD });
    http = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
    await once(http, 'listening');
    nats = await startNats({ jetStream: false });
  });

  afterAll(async () => {
    http?.close();
    await Promise.all([plain?.stop(), secure?.stop(), nats?.stop()]);
  });

  it.each([PASSWORD, encodeURIComponent(PASSWORD)])('connects over TLS with the password %s', async (password) => {
    expect(await outcome(`esdb://me:${password}@${trusted()}`)).toBe('connected');
  });

  it('connects to an address of IPv6, to a cluster of one, and by discovery', async () => {
    const onLoopback6 = await startEmbeddedEventStore({ memory: true, host: '::1' }).catch(() => undefined);
    if (onLoopback6) {
      expect(await outcome(`esdb://[::1]:${onLoopback6.port}?tls=false`)).toBe('connected');
      await onLoopback6.stop();
    }
    expect(await outcome(`esdb://127.0.0.1:${plain.port},127.0.0.1:1?tls=false`)).toBe('connected');
    expect(await outcome(`esdb+discover://127.0.0.1:${plain.port}?tls=false`)).toBe('connected');
  });

  const misconfigured: readonly [what: string, url: () => string, message: RegExp][] = [
    [
      'TLS to a server without it',
      () => `esdb://127.0.0.1:${plain.port}`,
      /^the server at 127\.0\.0\.1:\d+ doesn't speak TLS: add the option tls=false \(esdb:\/\/127\.0\.0\.1:\d+\?tls=false\)\.$/,
    ],
    [
      'no TLS to a server with it',
      () => `esdb://me:hidden@localhost:${secure.port}?tls=false`,
      /^the server at localhost:\d+ speaks only TLS: remove the option tls=false\.$/,
    ],
    [
      'a certificate that is not trusted',
      () => `esdb://me:hidden@localhost:${secure.port}`,
      /^The certificate of localhost:\d+ isn't trusted: name its authority by the option tlsCAFile\./,
    ],
    [
      'a wrong password',
      () => `esdb://me:hidden@${trusted()}`,
      /^esdb:\/\/localhost:\d+\?tlsCAFile=\*\*\* refuses the user or the password\.$/,
    ],
    [
      'no password',
      () => `esdb://${trusted()}`,
      / requires a user and a password \(esdb:\/\/user:password@host:port\)\.$/,
    ],
    [
      'an HTTP server',
      () => `esdb://me:hidden@127.0.0.1:${(http.address() as AddressInfo).port}?tls=false`,
      /^an HTTP server answers at 127\.0\.0\.1:\d+, not an event store: check the port\.$/,
    ],
    [
      'a nats-server',
      () => `esdb://127.0.0.1:${nats.port}?tls=false`,
      /^a nats-server answers at 127\.0\.0\.1:\d+, not an event store: check the port\.$/,
    ],
  ];

  it.each(misconfigured)('with %s is explained, and the explanation says what to change', async (_, url, message) => {
    const error = await outcome(url());
    expect(error).toBeInstanceOf(StoreMisconfigured);
    expect((error as Error).message).toMatch(message);
    expect(JSON.stringify((error as Error).message)).not.toContain('hidden');
  });

  it('with a password that can not be sent, since there is no TLS, is explained', async () => {
    const login = { user: 'me', password: PASSWORD };
    const store = await startEmbeddedEventStore({ memory: true, ...login });
    const error = await outcome(store.connectionString);
    await store.stop();
    expect(error).toBeInstanceOf(StoreMisconfigured);
    expect((error as Error).message).toBe(
      `esdb://127.0.0.1:${store.port}?tls=false requires the user and the password, which the client sends over TLS alone.`,
    );
  });

  it('of a server that is not there is explained: it may come', async () => {
    const gone = await outcome('esdb://127.0.0.1:1?tls=false');
    expect(gone).toBeInstanceOf(StoreUnavailable);
    expect((gone as Error).message).toBe('no server answers at esdb://127.0.0.1:1?tls=false.');
    const unknown = await outcome('esdb://no.such.host.invalid?tls=false');
    expect((unknown as Error).message).toBe('the host of no.such.host.invalid:2113 is not known: check its name.');
  });

  describe('with a proxy in the environment', () => {
    const before = { ...process.env };
    let proxy: Server;
    const asked: string[] = [];
    const open: Duplex[] = [];

    beforeAll(async () => {
      proxy = createServer().listen(0, '127.0.0.1');
      await once(proxy, 'listening');
      // Every name is the event store here.
      proxy.on('connect', ({ url }: { url?: string }, socket) => {
        asked.push(url!);
        const there = connectTcp(plain.port, '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 OK\r\n\r\n');
          there.pipe(socket).pipe(there);
        });
        for (const [one, other] of [
          [there, socket],
          [socket, there],
        ] as const) {
          open.push(one);
          one.on('error', () => other.destroy());
        }
      });
      process.env.http_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    });

    beforeEach(() => {
      asked.length = 0;
      delete process.env.no_grpc_proxy;
      delete process.env.no_proxy;
    });

    afterAll(() => {
      proxy.close();
      open.forEach((socket) => socket.destroy());
      process.env = before;
    });

    it.each(['127.0.0.1', 'localhost'])('never sends %s through it', async (host) => {
      expect(await outcome(`esdb://${host}:${plain.port}?tls=false`)).toBe('connected');
      expect(asked).toEqual([]);
    });

    it('reaches another host through it, unless it is an exception', async () => {
      expect(await outcome('esdb://db.example:2113?tls=false')).toBe('connected');
      expect(asked).toContain('db.example:2113');
      asked.length = 0;
      delete process.env.no_grpc_proxy;
      process.env.no_proxy = 'other, db.invalid';
      expect(((await outcome('esdb://db.invalid:2113?tls=false')) as Error).message).toContain('is not known');
      expect(asked).toEqual([]);
    });
  });
});
