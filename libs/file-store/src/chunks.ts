import { createHash } from 'node:crypto';
import type { JetStreamClient } from 'nats';
import { tooLarge } from './errors';

/** Bytes of one message, as NATS's own clients have it. */
const CHUNK_BYTES = 128 * 1024;
/** Messages whose acknowledgement is awaited. So many of a file are in memory, and one that is gathered. */
const WINDOW = 4;

/** Stores the bytes of one file, in messages of one subject. */
export class Chunks {
  private readonly hash = createHash('sha256');
  private readonly pending = new Set<Promise<void>>();
  private gathered: Uint8Array[] = [];
  private gatheredBytes = 0;
  private failed: { readonly error: unknown } | undefined;
  /** The sequence of the first message. */
  first = Infinity;
  count = 0;
  size = 0;

  constructor(
    private readonly client: JetStreamClient,
    private readonly subject: string,
    private readonly maxBytes: number,
    maxPayload: number,
  ) {
    this.chunkBytes = Math.min(CHUNK_BYTES, maxPayload);
  }

  readonly chunkBytes: number;

  /** Resolves when there is room for more. */
  async add(part: Uint8Array): Promise<void> {
    this.size += part.length;
    if (this.size > this.maxBytes) throw tooLarge(this.maxBytes);
    for (let rest = part; rest.length > 0;) {
      const some = rest.subarray(0, this.chunkBytes - this.gatheredBytes);
      this.gathered.push(some);
      this.gatheredBytes += some.length;
      if (this.gatheredBytes === this.chunkBytes) await this.send();
      rest = rest.subarray(some.length);
    }
  }

  /** Resolves with the digest of all bytes when they are stored. */
  async end(): Promise<Buffer> {
    if (this.gatheredBytes > 0) await this.send();
    await Promise.all(this.pending);
    this.mustBeWell();
    return this.hash.digest();
  }

  private async send(): Promise<void> {
    const payload = Buffer.concat(this.gathered, this.gatheredBytes);
    this.gathered = [];
    this.gatheredBytes = 0;
    this.hash.update(payload);
    while (this.pending.size >= WINDOW) await Promise.race(this.pending);
    this.mustBeWell();
    this.count++;
    const one: Promise<void> = this.client
      .publish(this.subject, payload)
      .then(
        ({ seq }) => void (this.first = Math.min(this.first, seq)),
        (error: unknown) => void (this.failed ??= { error }),
      )
      .finally(() => this.pending.delete(one));
    this.pending.add(one);
  }

  private mustBeWell(): void {
    if (this.failed) throw this.failed.error;
  }
}
