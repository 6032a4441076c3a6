import { CohortError } from '@cohort/contracts';
import type { IncomingMessage } from 'node:http';
import type { Lease } from './body-bytes';
import { codingOf, decoded } from './coding';
import { askForBody } from './expect';
import { tooLarge } from './limits';

interface Pace {
  readonly bytes: number;
  readonly ms: number;
}

/** A body must bring so many bytes in each such time, or end. */
const PACE: Pace = { bytes: 64 * 1024, ms: 10_000 };
/** Room for the first bytes of a body of unknown length. */
const FIRST_ROOM = 4 * 1024;

/**
 * Reads the bytes of a body, decompressed if they are compressed, and ignores `Content-Type`: the vendors' SDKs send
 * wrong ones. Throws `TOO_LARGE` above `limit` bytes, and `OVERLOADED` if the lease has no room for them.
 */
export async function readBody(request: IncomingMessage, limit: number, lease: Lease, pace = PACE): Promise<Buffer> {
  const coding = codingOf(request.headers['content-encoding']);
  const announced = request.headers['content-length'];
  if (Number(announced ?? 0) > limit) throw tooLarge(limit);
  askForBody(request);
  const bytes = await collected(request, new Bytes(limit, lease, announced), pace);
  return coding === undefined ? bytes : decoded(bytes, coding, limit, lease);
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

/**
 * The bytes of one body in one buffer. A list of chunks would cost some hundred bytes for each chunk, and a caller may
 * send chunks of one byte.
 */
class Bytes {
  size = 0;
  private room: Buffer = Buffer.alloc(0);

  constructor(
    private readonly limit: number,
    private readonly lease: Lease,
    private readonly announced: string | undefined,
  ) {}

  add(chunk: Buffer): void {
    const size = this.size + chunk.length;
    if (size > this.limit) throw tooLarge(this.limit);
    if (size > this.room.length) this.grow(size, chunk);
    else chunk.copy(this.room, this.size);
    this.size = size;
  }

  all(): Buffer {
    return this.room.subarray(0, this.size);
  }

  private grow(size: number, chunk: Buffer): void {
    if (String(size) === this.announced && this.size === 0) {
      this.lease.resize(size);
      this.room = chunk;
      return;
    }
    const most = Math.min(this.limit, Number(this.announced ?? this.limit));
    const next = Math.max(size, Math.min(most, Math.max(FIRST_ROOM, 2 * this.room.length)));
    this.lease.resize(next);
    const room = Buffer.allocUnsafeSlow(next);
    this.room.copy(room, 0, 0, this.size);
    chunk.copy(room, this.size);
    this.room = room;
  }
}
