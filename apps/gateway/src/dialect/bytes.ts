import type { Lease } from './body-bytes';
import { tooLarge } from './limits';

/** Room for the first bytes of a body of unknown length. */
const FIRST_ROOM = 4 * 1024;

/**
 * The bytes of one body in one buffer. A list of chunks would cost some hundred bytes for each chunk, and a caller may
 * send chunks of one byte.
 */
export class Bytes {
  size = 0;
  private room: Buffer = Buffer.alloc(0);

  constructor(
    private readonly limit: number,
    private readonly lease: Lease,
    /** The length in the header, if it is known. */
    private readonly announced?: string,
    /** Bytes that the lease holds beside these. */
    private readonly beside = 0,
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
      this.lease.resize(this.beside + size);
      this.room = chunk;
      return;
    }
    const most = Math.min(this.limit, Number(this.announced ?? this.limit));
    const next = Math.max(size, Math.min(most, Math.max(FIRST_ROOM, 2 * this.room.length)));
    this.lease.resize(this.beside + next);
    const room = Buffer.allocUnsafeSlow(next);
    this.room.copy(room, 0, 0, this.size);
    chunk.copy(room, this.size);
    this.room = room;
  }
}
