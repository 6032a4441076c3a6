import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CohortError } from '@cohort/contracts';
import { drained, readBody } from './body';

describe('readBody', () => {
  let server: Server;
  const refusals: unknown[] = [];
  const limit = 300_000;

  beforeAll(async () => {
    server = createServer((incoming, response) => {
      readBody(incoming, limit).then(
        (body) => response.end(`${body.length} ${body.subarray(0, 8).toString('hex')}`),
        async (error: unknown) => {
          refusals.push(error);
          await drained(incoming);
          response.writeHead(413).end(error instanceof CohortError ? error.message : 'fault');
        },
      );
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  const send = (chunks: Buffer[], headers: Record<string, string | number> = {}) =>
    new Promise<{ status?: number; text: string }>((done, fail) => {
      const { port } = server.address() as AddressInfo;
      const outgoing = request({ host: '127.0.0.1', port, method: 'POST', headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => done({ ...(response.statusCode ? { status: response.statusCode } : {}), text }));
      });
      outgoing.on('error', fail);
      for (const chunk of chunks) outgoing.write(chunk);
      outgoing.end();
    });

  test('the bytes are read as they are, whatever the headers claim', async () => {
    const bytes = Buffer.from([0x1f, 0x8b, 0xff, 0x00]);
    expect(await send([bytes], { 'Content-Encoding': 'gzip', 'Content-Type': 'text/x' })).toEqual({
      status: 200,
      text: '4 1f8bff00',
    });
    expect(await send([], {})).toEqual({ status: 200, text: '0 ' });
  });

  test('a body up to the limit is read, in one piece or in chunks', async () => {
    const half = Buffer.alloc(limit / 2, 'a');
    expect(await send([half, half])).toEqual({ status: 200, text: `${limit} ${'61'.repeat(8)}` });
  });

  test.each([
    ['announced', { 'Content-Length': limit + 1 }, limit + 1],
    ['chunked', {}, limit + 1],
    ['chunked, far more than socket buffers hold', {}, 20_000_000],
    ['announced, far more than socket buffers hold', { 'Content-Length': 20_000_000 }, 20_000_000],
  ])('a caller with a body above the limit receives the error (%s)', async (_how, headers, size) => {
    const answer = await send([Buffer.alloc(size)], headers);
    expect(answer).toEqual({ status: 413, text: `the body is larger than ${limit} bytes` });
  });

  test('a connection that closes within the body is VALIDATION_FAILED, not an internal error', async () => {
    refusals.length = 0;
    const { port } = server.address() as AddressInfo;
    const outgoing = request({ host: '127.0.0.1', port, method: 'POST', headers: { 'Content-Length': 10 } });
    outgoing.on('error', () => undefined);
    server.once('request', () => outgoing.destroy());
    outgoing.write('half');
    while (refusals.length === 0) await new Promise(setImmediate);
    expect(refusals).toEqual([new CohortError('VALIDATION_FAILED', 'the body ended early')]);
  });
});
