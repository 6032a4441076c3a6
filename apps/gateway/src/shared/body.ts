import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream';
import { CohortError } from '@cohort/contracts';

/**
 * Reads a request's body as it came, whatever its `Content-Type` or `Content-Encoding` claim: each dialect knows what
 * its vendor's SDKs send better than the headers do. `TOO_LARGE` above `limit` bytes.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
  } catch (error) {
    // The caller is gone, and nobody will read this: but it is no fault of ours.
    throw request.errored ? new CohortError('VALIDATION_FAILED', 'the body ended early') : error;
  }
  return Buffer.concat(chunks);
}

const tooLarge = (limit: number) => new CohortError('TOO_LARGE', `the body is larger than ${limit} bytes`);

/**
 * Resolves when what is left of a request's body has been read and dropped, or the caller is gone: to be awaited before
 * a refusal is written. Else the connection may be closed with bytes unread, which resets it, and the caller never gets
 * to read why. How long that may take is bounded by the server's `requestTimeout`.
 */
export const drained = (request: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    finished(request, () => resolve());
    request.resume();
  });
