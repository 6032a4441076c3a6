import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listener, type Served } from './serve';

/** No error of a dialect or of Nest leaves the listener, where it would end the process. */
describe('an error before or after a dialect serves', () => {
  const fault = new Error('a fault');
  const throws = (): never => {
    throw fault;
  };
  const logged: unknown[] = [];
  let server: Server;

  const start = async (dialect: Served, nest = throws) => {
    server = createServer(listener([dialect], nest, { error: (line: unknown) => void logged.push(line) }));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
  };
  beforeEach(() => (logged.length = 0));
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const serve = () => Promise.resolve();
  test.each<[string, Served]>([
    ['a dialect that can not decide whether it claims the request', { claims: throws, serve }],
    ['a dialect that throws', { claims: () => true, serve: throws }],
    ['a dialect that rejects', { claims: () => true, serve: () => Promise.reject(fault) }],
    ['Nest', { claims: () => false, serve }],
  ])('%s: the caller gets a plain 500, and the error is logged', async (_what, dialect) => {
    const url = await start(dialect);
    for (let i = 0; i < 2; i++) {
      const response = await fetch(url, { method: 'POST', body: 'x'.repeat(100_000) });
      expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error']);
    }
    expect(logged).toEqual([{ err: fault }, { err: fault }]);
  });

  test('an answer to a connection that has ended is dropped', async () => {
    const served = new Promise<void>((done) => {
      const closed: Served['serve'] = async (_request, response) => {
        await new Promise((resolve) => response.once('close', resolve));
        response.write('late');
        response.end('later');
        setImmediate(done);
      };
      void start({ claims: () => true, serve: closed }).then((url) => {
        const outgoing = request(url);
        outgoing.on('error', () => undefined).end();
        server.once('request', () => outgoing.destroy());
      });
    });
    await served;
    expect(logged).toEqual([]);
  });
});
