import { CohortError } from '@cohort/contracts';
import type { IncomingMessage } from 'node:http';
import type { Lease } from './body-bytes';
import { Bytes } from './bytes';
import { codingOf, decoded } from './coding';
import { askForBody } from './expect';
import { tooLarge } from './limits';

interface Pace {
  readonly bytes: number;
  readonly ms: number;
}

/** A body must bring so many bytes in each such time, or end. */
const PACE: Pace = { bytes: 64 * 1024, ms: 10_000 };

/**
 * Reads the bytes of a body, decompressed if they are compressed, and ignores `Content-Type`: the vendors' SDKs send
 * wrong ones. Throws `TOO_LARGE` above `limit` bytes, and `OVERLOADED` if the lease has no room for them.
 */
export async function readBody(request: IncomingMessage, limit: number, lease: Lease, pace = PACE): Promise<Buffer> {
  const coding = codingOf(request.headers['content-encoding']);
  const announced = request.headers['content-length'];
  onlyChunked(request.headers['transfer-encoding']);
  if (Number(announced ?? 0) > limit) throw tooLarge(limit);
  askForBody(request);
  const bytes = await collected(request, new Bytes(limit, lease, announced), pace);
  return coding === undefined ? bytes : decoded(bytes, coding, limit, lease);
}

/** `gzip, chunked` is a compression, too. Nobody sends it, and Node removes the chunks alone. */
function onlyChunked(transferEncoding: string | undefined): void {
  if (transferEncoding !== undefined && transferEncoding.trim().toLowerCase() !== 'chunked')
    throw new CohortError('VALIDATION_FAILED', 'Transfer-Encoding must be chunked');
}

/** Reads as bytes arrive, so that nothing of the body is held elsewhere. */
const collected = (request: IncomingMessage, bytes: Bytes, pace: Pace): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    let before = 0;
    const take = (chunk: Buffer) => {
      try {
        bytes.add(chunk);
      } catch (error) {
        fail(error);
      }
    };
    const end = () => {
      settle();
      resolve(bytes.all());
    };
    const fail = (error: unknown) => {
      settle();
      reject(error instanceof Error ? error : new Error(String(error)));
    };
    const invalid = (message: string) => fail(new CohortError('VALIDATION_FAILED', message));
    // The caller closed the connection. That isn't an internal error, and the answer will not be read.
    const early = () => invalid('the body ended early');
    const timer = setInterval(() => {
      if (bytes.size - before < pace.bytes) invalid('the body came too slowly');
      before = bytes.size;
    }, pace.ms);
    const settle = () => {
      clearInterval(timer);
      request.off('data', take).off('end', end).off('error', early).off('close', early).pause();
    };
    if (request.destroyed && !request.readableEnded) return early();
    request.on('data', take).on('end', end).on('error', early).on('close', early);
  });
