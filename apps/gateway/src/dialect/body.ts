import type { IncomingMessage } from 'node:http';
import { finished } from 'node:stream';
import { CohortError } from '@cohort/contracts';

/** Reads the body of a request into what the fields of an operation read. */
export interface BodyReader<B> {
  /** Media type for the documents; absent: the operation has no body. */
  readonly contentType: string | undefined;
  readonly read: (request: IncomingMessage) => Promise<B>;
}

/** For operations without a body. Bytes that come anyway are not read. */
export const noBody: BodyReader<undefined> = { contentType: undefined, read: () => Promise.resolve(undefined) };

/** A form. URLSearchParams keeps repeated fields, brackets and small numbers as they are; Express's parser doesn't. */
export const form = (limit: number): BodyReader<URLSearchParams> => ({
  contentType: 'application/x-www-form-urlencoded',
  read: async (request) => new URLSearchParams((await readBody(request, limit)).toString('utf8')),
});

/** One JSON object; anything else is `VALIDATION_FAILED`. */
export const jsonObject = (limit: number): BodyReader<Readonly<Record<string, unknown>>> => ({
  contentType: 'application/json',
  read: async (request) => {
    const text = (await readBody(request, limit)).toString('utf8');
    const value = parseJson(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    throw new CohortError('VALIDATION_FAILED', 'the body must be one JSON object');
  },
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads the bytes of a body, and ignores `Content-Type` and `Content-Encoding`: the vendors' SDKs send wrong headers.
 * `TOO_LARGE` above `limit` bytes.
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
    // The caller closed the connection. That isn't an internal error, and the answer will not be read.
    throw request.errored ? new CohortError('VALIDATION_FAILED', 'the body ended early') : error;
  }
  return Buffer.concat(chunks);
}

const tooLarge = (limit: number) => new CohortError('TOO_LARGE', `the body is larger than ${limit} bytes`);

/**
 * Reads and drops the rest of a body. Resolves at its end, or when the connection is closed. Await it before an error is
 * written: closing a connection with unread bytes resets it, and the caller then loses the error. The server's
 * `requestTimeout` bounds the wait.
 */
export const drained = (request: IncomingMessage): Promise<void> =>
  new Promise((resolve) => {
    finished(request, () => resolve());
    request.resume();
  });
