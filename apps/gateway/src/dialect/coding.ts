import { CohortError } from '@cohort/contracts';
import { createGunzip, createInflate } from 'node:zlib';
import type { Lease } from './body-bytes';
import { Bytes } from './bytes';

/** A compression of bodies. */
export type Coding = 'gzip' | 'deflate';

const DECODERS = { gzip: createGunzip, deflate: createInflate } as const;

/**
 * The compression that `Content-Encoding` names, or `undefined` for none. Names of character sets are none: WildfireChat's
 * Java SDK sends `Content-Encoding: UTF-8`. Brotli isn't supported, because its decoder takes up to 16 MiB for each body.
 */
export function codingOf(header: string | undefined): Coding | undefined {
  switch ((header ?? '').trim().toLowerCase()) {
    case '':
    case 'identity':
    case 'utf-8':
    case 'utf8':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return 'gzip';
    case 'deflate':
      return 'deflate';
    default:
      throw new CohortError('VALIDATION_FAILED', 'Content-Encoding must be gzip, deflate or identity');
  }
}

/**
 * Decompresses a body, on another thread. `limit` bounds the result, and what doesn't fit is never decompressed. Bytes behind
 * the end of the compressed data are rejected, because the decoder ignores some of them.
 */
export async function decoded(bytes: Buffer, coding: Coding, limit: number, lease: Lease): Promise<Buffer> {
  if (bytes.length === 0) return bytes;
  const decoder = DECODERS[coding]();
  const result = new Bytes(limit, lease, undefined, bytes.length);
  const wrong = () => new CohortError('VALIDATION_FAILED', `the body is not ${coding}, as Content-Encoding says`);
  try {
    for await (const chunk of decoder.end(bytes)) result.add(chunk as Buffer);
  } catch (error) {
    throw error instanceof CohortError ? error : wrong();
  }
  if (decoder.bytesWritten < bytes.length) throw wrong();
  return result.all();
}
