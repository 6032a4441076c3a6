import type { IncomingMessage } from 'node:http';
import { CohortError } from '@cohort/contracts';

/**
 * Reads a request's body as it came, whatever its `Content-Type` or `Content-Encoding` claim: each dialect knows what
 * its vendor's SDKs send better than the headers do. `TOO_LARGE` above `limit` bytes; the rest is read and dropped, so
 * that the caller gets to read the answer in place of a reset.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  if (Number(request.headers['content-length'] ?? 0) > limit) return refuse(request, limit);
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) return refuse(request, limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuse(request: IncomingMessage, limit: number): never {
  request.resume();
  throw new CohortError('TOO_LARGE', `the body is larger than ${limit} bytes`);
}
