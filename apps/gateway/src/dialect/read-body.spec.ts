import { CohortError } from '@cohort/contracts';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { BodyBytes } from './body-bytes';
import { drained } from './drain';
import { holdBack } from './expect';
import { readBody } from './read-body';

const LIMIT = 300_000;
const PACE = { bytes: 1_000, ms: 100 };

describe('readBody', () => {
  let server: Server;
  let bodies: BodyBytes;
  const refusals: unknown[] = [];
  const sockets: Socket[] = [];

  const listen = (incoming: IncomingMessage, response: ServerResponse) => {
    const lease = bodies.lease('demo');
    readBody(incoming, LIMIT, lease, PACE)
      .then(
        (body) => response.end(`${body.length} ${body.subarray(0, 8).toString('hex')}`),
        async (error: unknown) => {
          refusals.push(error);
          await drained(incoming, response);
          response.writeHead(413).end(error instanceof CohortError ? error.message : 'fault');
        },
      )
      .finally(() => lease.release());
  };

  beforeAll(async () => {
    server = createServer(listen);
    server.on('checkContinue', (incoming: IncomingMessage, response: ServerResponse) => {
      holdBack(incoming, response);
      listen(incoming, response);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  beforeEach(() => {
    refusals.length = 0;
    bodies = new BodyBytes();
  });
  afterEach(() => sockets.splice(0).forEach((socket) => socket.destroy()));
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  const port = () => (server.address() as AddressInfo).port;

  const send = (chunks: Buffer[], headers: Record<string, string | number> = {}) =>
    new Promise<{ status?: number; text: string }>((done, fail) => {
      const outgoing = request(
        { host: '127.0.0.1', port: port(), method: 'POST', headers, agent: false },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () => done({ ...(response.statusCode ? { status: response.statusCode } : {}), text }));
        },
      );
      outgoing.on('error', fail);
      for (const chunk of chunks) outgoing.write(chunk);
      outgoing.end();
    });

  /** Sends text as it is, and returns all that comes back until the server closes the connection. */
  const raw = (text: string) => {
    const socket = connect(port(), '127.0.0.1');
    sockets.push(socket);
    let received = '';
    socket.setEncoding('latin1').on('data', (part: string) => (received += part));
    const closed = new Promise<string>((done) => socket.once('close', () => done(received)));
    socket.on('error', () => undefined);
    socket.write(text);
    return { socket, closed, received: () => received };
  };
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise(setImmediate);
  };

  test('bytes are read as they are, with any Content-Type and without a body', async () => {
    const bytes = Buffer.from([0x1f, 0x8b, 0xff, 0x00]);
    expect(await send([bytes], { 'Content-Type': 'text/x' })).toEqual({ status: 200, text: '4 1f8bff00' });
    expect(await send([], {})).toEqual({ status: 200, text: '0 ' });
  });

  test('a body up to the limit is read, in one piece or in chunks', async () => {
    const half = Buffer.alloc(LIMIT / 2, 'a');
    expect(await send([half, half])).toEqual({ status: 200, text: `${LIMIT} ${'61'.repeat(8)}` });
    expect(await send([half, half], { 'Content-Length': LIMIT })).toMatchObject({ status: 200 });
  });

  test.each([
    ['announced', { 'Content-Length': LIMIT + 1 }, LIMIT + 1],
    ['chunked', {}, LIMIT + 1],
    ['chunked, far more than socket buffers hold', {}, 20_000_000],
    ['announced, far more than socket buffers hold', { 'Content-Length': 20_000_000 }, 20_000_000],
  ])('a caller with a body above the limit receives the error (%s)', async (_how, headers, size) => {
    const answer = await send([Buffer.alloc(size)], headers);
    expect(answer).toEqual({ status: 413, text: `the body is larger than ${LIMIT} bytes` });
  });

  test('the rest of a body that is announced as larger than what is dropped is not read', async () => {
    const { closed } = raw(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${2 ** 40}\r\n\r\nabc`);
    expect(await closed).toMatch(/^HTTP\/1.1 413 .*\r\nConnection: close\r\n.*the body is larger/s);
  });

  test('a connection that closes within the body is VALIDATION_FAILED, not an internal error', async () => {
    const { socket } = raw('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n');
    server.once('request', () => socket.destroy());
    socket.write('half');
    await until(() => refusals.length > 0);
    expect(refusals).toEqual([new CohortError('VALIDATION_FAILED', 'the body ended early')]);
    expect(bodies.held).toBe(0);
  });

  test('a body that comes more slowly than the least pace is refused, and its connection closed', async () => {
    const { socket, closed } = raw('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n');
    const drip = setInterval(() => socket.write('x'), 20);
    const answer = await closed;
    clearInterval(drip);
    expect(answer).toMatch(/the body came too slowly/);
    expect(bodies.held).toBe(0);
  });

  test('a body that keeps the least pace may take long', async () => {
    const { socket, received } = raw('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n');
    for (let i = 0; i < 10; i++) {
      await new Promise((done) => setTimeout(done, 40));
      socket.write('x'.repeat(1_000));
    }
    await until(() => received().includes('\r\n\r\n'));
    expect(received()).toMatch(/^HTTP\/1.1 200 /);
  });

  describe('bytes in memory', () => {
    test('held uploads are counted, and one that has no room left is OVERLOADED', async () => {
      bodies = new BodyBytes(1_000_000);
      const head = `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${LIMIT}\r\n\r\n`;
      const uploads = Array.from({ length: 40 }, () => raw(head + 'x'.repeat(LIMIT - 1)));
      await until(() => refusals.length > 0);
      expect(refusals[0]).toMatchObject({ code: 'OVERLOADED' });
      expect(bodies.held).toBeLessThanOrEqual(500_000);
      uploads.forEach(({ socket }) => socket.destroy());
      await until(() => bodies.held === 0);
    });

    test('chunks of one byte take no more than their bytes', async () => {
      const { socket } = raw('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
      socket.write('1\r\nx\r\n'.repeat(20_000));
      await until(() => bodies.held >= 20_000);
      expect(bodies.held).toBeLessThanOrEqual(40_000);
    });

    test('an announced length takes no bytes before they come', async () => {
      raw(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${LIMIT}\r\n\r\nx`);
      await until(() => bodies.held > 0);
      expect(bodies.held).toBeLessThanOrEqual(4_096);
    });
  });

  describe('compressed bodies', () => {
    const text = Buffer.from('groupId=g');
    const read = { status: 200, text: `${text.length} ${text.subarray(0, 8).toString('hex')}` };

    test.each([
      ['gzip', gzipSync(text)],
      ['x-gzip', gzipSync(text)],
      ['GZIP', gzipSync(text)],
      ['deflate', deflateSync(text)],
      ['identity', text],
      ['UTF-8', text],
    ])('%s is understood', async (coding, bytes) => {
      expect(await send([bytes], { 'Content-Encoding': coding })).toEqual(read);
      expect(bodies.held).toBe(0);
    });

    test.each([
      ['br', brotliCompressSync(text)],
      ['gzip, gzip', gzipSync(gzipSync(text))],
      ['rot13', text],
    ])('%s is refused by its name', async (coding, bytes) => {
      expect(await send([bytes], { 'Content-Encoding': coding })).toMatchObject({
        text: 'Content-Encoding must be gzip, deflate or identity',
      });
    });

    test.each([
      ['gzip', text],
      ['gzip', gzipSync(text).subarray(0, -4)],
      ['deflate', gzipSync(text)],
      ['deflate', Buffer.concat([deflateSync(text), Buffer.from('more')])],
      ['gzip', Buffer.concat([gzipSync(text), Buffer.from('\0more')])],
    ])('a body that is not the %s of its header is refused', async (coding, bytes) => {
      expect(await send([bytes], { 'Content-Encoding': coding })).toMatchObject({
        text: `the body is not ${coding}, as Content-Encoding says`,
      });
    });

    test('the limit holds for the decompressed bytes', async () => {
      const headers = { 'Content-Encoding': 'gzip' };
      expect(await send([gzipSync(Buffer.alloc(LIMIT))], headers)).toMatchObject({ status: 200 });
      const bomb = gzipSync(Buffer.alloc(100_000_000));
      expect(await send([bomb], headers)).toEqual({ status: 413, text: `the body is larger than ${LIMIT} bytes` });
    });

    test('a compressed body without room for what it may become is OVERLOADED', async () => {
      bodies = new BodyBytes(100_000);
      await send([gzipSync(Buffer.alloc(LIMIT))], { 'Content-Encoding': 'gzip' });
      expect(refusals[0]).toMatchObject({ code: 'OVERLOADED' });
      expect(bodies.held).toBe(0);
    });

    test('many are decompressed at once, because each takes the room of what it becomes and not of what it could', async () => {
      bodies = new BodyBytes(2_000_000);
      const small = gzipSync(Buffer.from('x'.repeat(2_000) + String(Math.random())), { level: 0 });
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => send([small], { 'Content-Encoding': 'gzip' })),
      );
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    });

    test.each(['gzip, chunked', 'identity, chunked'])(
      'Transfer-Encoding: %s is refused by its name',
      async (coding) => {
        expect(await send([text], { 'Transfer-Encoding': coding })).toMatchObject({
          text: 'Transfer-Encoding must be chunked',
        });
      },
    );

    test('an empty body may name a compression', async () => {
      expect(await send([], { 'Content-Encoding': 'gzip' })).toEqual({ status: 200, text: '0 ' });
    });
  });

  describe('Expect: 100-continue', () => {
    const head = (length: number) =>
      `POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;

    test('the caller is asked for a body that will be read', async () => {
      const { socket, received } = raw(head(4));
      await until(() => received().includes('100 Continue'));
      socket.write('abcd');
      await until(() => received().includes('200 OK'));
      expect(received()).toContain('4 61626364');
    });

    test('the caller is not asked for a body that is too large', async () => {
      const answer = await raw(head(LIMIT + 1)).closed;
      expect(answer).toMatch(/^HTTP\/1.1 413 .*\r\nConnection: close\r\n/s);
    });
  });
});

describe('BodyBytes', () => {
  test('a tenant may take as much as is left then: one half, the next a quarter', () => {
    const bodies = new BodyBytes(100);
    const [a, b, c] = [bodies.lease('a'), bodies.lease('a'), bodies.lease('c')];
    a.resize(30);
    expect(() => b.resize(21)).toThrow(CohortError);
    b.resize(20);
    expect(() => c.resize(26)).toThrow('Too many bodies are in flight');
    c.resize(25);
    expect(bodies.held).toBe(75);
    a.release();
    expect(bodies.held).toBe(45);
    bodies.lease('d').resize(27);
  });

  test('however many tenants hold what they can, there is room for another one', () => {
    const bodies = new BodyBytes(64 * 1024 * 1024);
    for (let i = 0; i < 8; i++) {
      const fill = () => bodies.lease(`t${i}`).resize(64 * 1024);
      expect(() => Array.from({ length: 2_000 }, fill)).toThrow(CohortError);
    }
    bodies.lease('late').resize(64 * 1024);
  });

  test('a lease that was refused keeps what it has, and gives it back once', () => {
    let full = 0;
    const bodies = new BodyBytes(100, () => full++);
    const lease = bodies.lease('a');
    lease.resize(40);
    expect(() => lease.resize(60)).toThrow();
    expect([bodies.held, full]).toEqual([40, 1]);
    lease.release();
    lease.release();
    expect(bodies.held).toBe(0);
  });
});
