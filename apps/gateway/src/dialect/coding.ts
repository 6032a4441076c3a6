import { CohortError } from '@cohort/contracts';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import type { Lease } from './body-bytes';
import { tooLarge } from './limits';

/** A compression of bodies. */
export type Coding = 'gzip' | 'deflate';

const DECODERS = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const;
/** Bytes into which one byte of deflate may grow. */
const MAX_RATIO = 1_032;

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

/** Decompresses a body, on another thread. `limit` bounds the result, and what doesn't fit is never decompressed. */
export async function decoded(bytes: Buffer, coding: Coding, limit: number, lease: Lease): Promise<Buffer> {
  if (bytes.length === 0) return bytes;
  // The result is held twice for a moment: in pieces, and as one buffer.
  lease.resize(bytes.length + 2 * Math.min(limit, bytes.length * MAX_RATIO));
  try {
    const result = await DECODERS[coding](bytes, { maxOutputLength: limit });
    lease.resize(result.length);
    return result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw new CohortError('VALIDATION_FAILED', `the body is not ${coding}, as Content-Encoding says`);
  }
}
