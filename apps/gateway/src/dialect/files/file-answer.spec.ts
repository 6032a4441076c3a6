import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FileAnswer } from './file-answer';

/** A server that sends this file once. `sent` is the end of the sending. */
async function serving(size: number, bytes: () => AsyncIterable<Uint8Array>) {
  let sent!: (end: Promise<void>) => void;
  const end = new Promise<void>((resolve) => (sent = resolve));
  const server: Server = createServer((request, response) => {
    const sending = new FileAnswer({ size, bytes }, 'a.bin', 'application/pdf').send(request, response);
    sending.catch(() => undefined);
    sent(sending);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const request = get(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { response, end, close: () => server.close() };
}

const PART = Buffer.alloc(64 * 1024);

test('a caller who closes the connection ends the reading, and is no error', async () => {
  let ended = false;
  const { response, end, close } = await serving(1e9, async function* () {
    try {
      for (;;) yield await Promise.resolve(PART);
    } finally {
      ended = true;
    }
  });
  response.destroy();
  await end;
  expect(ended).toBe(true);
  close();
});

test('a file that fails while it is sent is an error, and the caller gets less than was announced', async () => {
  const { response, end, close } = await serving(2 * PART.length, async function* () {
    yield await Promise.resolve(PART);
    throw new Error('damaged');
  });
  const failed = once(response.resume(), 'error') as Promise<[NodeJS.ErrnoException]>;
  await expect(end).rejects.toThrow('damaged');
  expect((await failed)[0].code).toBe('ECONNRESET');
  close();
});
