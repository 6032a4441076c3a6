import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { oneByOne } from './one-by-one';

describe('requests that are sent before the first is answered', () => {
  const MOST = 500;
  let server: Server;
  const sockets: Socket[] = [];
  const begun: (readonly [request: IncomingMessage, response: ServerResponse])[] = [];
  /** Answers a request as soon as it is taken up, or keeps it. */
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  const listen: RequestListener = (request, response) => {
    begun.push([request, response]);
    answer(request, response);
  };
  const echo = (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => response.end(`<${body}>`));
  };
  const keep = () => undefined;

  beforeAll(async () => {
    server = createServer(oneByOne(listen, MOST));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  beforeEach(() => {
    answer = echo;
    begun.length = 0;
  });
  afterEach(async () => {
    const open = sockets.splice(0);
    open.forEach((socket) => socket.destroy());
    for (const socket of open) if (!socket.closed) await new Promise((done) => socket.once('close', done));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const open = () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    sockets.push(socket);
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => (text += part));
    socket.on('error', () => undefined);
    return { socket, bodies: () => text.match(/<[^>]*>/g) ?? [] };
  };
  const post = (body: string, headers = '') =>
    `POST / HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
  const numbered = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise(setImmediate);
  };

  test('each is answered, in their order, even if their bodies are large', async () => {
    const { socket, bodies } = open();
    const sent = numbered(100).map((n) => (Number(n) % 10 === 0 ? n.repeat(100_000) : n));
    sent.forEach((body) => socket.write(post(body)));
    await until(() => bodies().length === sent.length);
    expect(bodies()).toEqual(sent.map((body) => `<${body}>`));
  });

  test('only the first is begun, and no more than a piece of the others is read', async () => {
    answer = keep;
    const { socket, bodies } = open();
    const pieces = numbered(2_000).map((n) => post(n, `X: ${'x'.repeat(10_000)}\r\n`));
    socket.write(pieces.join(''));
    await until(() => begun.length > 0);
    for (let i = 0; i < 200; i++) await new Promise(setImmediate);
    expect(begun).toHaveLength(1);
    expect(begun[0]![0].socket.bytesRead).toBeLessThan(3_000_000);
    answer = echo;
    echo(...begun[0]!);
    await until(() => bodies().length === pieces.length);
  });

  test('behind an answer that closes the connection, none is begun', async () => {
    answer = (_request, response) => response.setHeader('Connection', 'close').end('<last>');
    const { socket, bodies } = open();
    socket.write(
      numbered(10)
        .map((n) => post(n))
        .join(''),
    );
    await new Promise((done) => socket.once('close', done));
    expect([begun.length, bodies()]).toEqual([1, ['<last>']]);
  });

  test('if far too many wait, the connection is closed, and others are served', async () => {
    answer = keep;
    const { socket } = open();
    socket.write(
      numbered(MOST + 2)
        .map((n) => post(n))
        .join(''),
    );
    await new Promise((done) => socket.once('close', done));
    answer = echo;
    const other = open();
    other.socket.write(
      numbered(100)
        .map((n) => post(n))
        .join(''),
    );
    await until(() => other.bodies().length === 100);
  });
});
