import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import { isHeldBack } from './expect';

/** What is read of a body that nobody wants, before its connection is closed. */
const DRAIN = { bytes: 32 * 1024 * 1024, ms: 5_000 } as const;

/**
 * Reads and drops the rest of a body, within bounds. Await it before an answer is written: closing a connection with
 * unread bytes resets it, and the caller then loses the answer. If the body has not ended then, the connection is closed
 * after the answer.
 */
export async function drained(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!request.complete) await rest(request);
  if (!request.complete && !response.headersSent) response.setHeader('Connection', 'close');
}

function rest(request: IncomingMessage): Promise<void> {
  if (isHeldBack(request) || Number(request.headers['content-length'] ?? 0) > DRAIN.bytes) return Promise.resolve();
  return new Promise((resolve) => {
    let size = 0;
    const drop = (chunk: Buffer) => {
      size += chunk.length;
      if (size > DRAIN.bytes) end();
    };
    const end = () => {
      clearTimeout(timer);
      request.off('data', drop).pause();
      forget();
      resolve();
    };
    const timer = setTimeout(end, DRAIN.ms);
    const forget = finished(request, end);
    request.on('data', drop).resume();
  });
}
