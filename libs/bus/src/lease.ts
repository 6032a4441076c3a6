import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { nanos, nuid, StorageType, type KV, type NatsConnection } from 'nats';
import type { Bus } from './bus';
import { JETSTREAM_CODES, translated, unlessCode } from './jetstream-errors';

/** The KV bucket of all leases, one key per duty. Its stream is `KV_COHORT_LEASES`. */
const BUCKET = 'COHORT_LEASES';
/** A lease expires after this time without a renewal, by the server's clock. */
const TTL_MS = 2_000;
/** Milliseconds between two renewals, or between two attempts to take the lease. */
const LOOK_EVERY_MS = 500;
const REQUEST_TIMEOUT_MS = 1_000;
const BUCKET_BYTES = 1024 * 1024;

/** The state of a lease, seen from this process. */
export type LeaseState =
  /** The server has not answered yet. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'held' }
  | { readonly kind: 'elsewhere'; readonly holder: string }
  /** JetStream is missing or doesn't answer. */
  | { readonly kind: 'unavailable'; readonly why: string };

export interface LeaseOptions {
  readonly bus: Pick<Bus, 'connection' | 'status'>;
  /** The task that the lease protects; used as the key in the bucket. */
  readonly duty: string;
  /** Number of NATS servers that hold the bucket. Applied only when the bucket is created. */
  readonly replicas: number;
  onChange(state: LeaseState): void;
}

interface Holder {
  /** Host and process, for operators. */
  readonly node: string;
  /** Identifies one `Lease` object, so that it recognises its own renewal when the reply was lost. */
  readonly token: string;
}

/**
 * A lease on a duty, so that only one of several processes performs it. It is a key in a NATS KV bucket, written with
 * optimistic concurrency. The server drops the key if it isn't renewed, so clocks of different machines are never compared.
 *
 * A lease avoids double work; it isn't a lock. A holder that hung may continue for a moment beside the next holder. Without
 * JetStream the holder is unknown. The duty must therefore be safe when two processes perform it.
 */
export class Lease {
  state: LeaseState = { kind: 'unknown' };
  private readonly stopping = new AbortController();
  private readonly holder: Holder = { node: `${hostname()}/${process.pid}`, token: nuid.next() };
  private kv: KV | undefined;
  /** Revision of the key as this process wrote it; undefined while it doesn't hold the lease. */
  private revision: number | undefined;
  /** When the holder was last known, by this process's own clock. */
  private knownAt = -Infinity;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: LeaseOptions) {}

  /** Takes the lease once it is free, and renews it. Retries until `release`, through any outage. */
  start(): void {
    this.running = this.run();
  }

  /** Releases the lease. Another process takes it within half a second. */
  async release(): Promise<void> {
    const { bus, duty } = this.options;
    this.stopping.abort();
    // Without a connection the lease expires by itself.
    if (bus.status !== 'connected') return;
    await this.running;
    if (this.revision !== undefined) await this.kv?.delete(duty, { previousSeq: this.revision }).catch(() => undefined);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        this.change(await this.renewOrTake());
        this.knownAt = performance.now();
      } catch (error) {
        // The bucket may have been deleted. The next attempt creates it again.
        this.kv = undefined;
        // Without NATS no process can work, so the state stays until NATS is back and had time to answer.
        if (this.options.bus.status !== 'connected') this.knownAt = performance.now();
        else if (performance.now() - this.knownAt >= TTL_MS)
          this.change({ kind: 'unavailable', why: translated(error).message });
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Renews the lease, or takes it if it is free. Otherwise it returns the holder. */
  private async renewOrTake(): Promise<LeaseState> {
    const { bus, duty, replicas } = this.options;
    const kv = (this.kv ??= await bucket(bus.connection, replicas));
    const value = JSON.stringify(this.holder);
    if (this.revision !== undefined) {
      this.revision = await unlessOvertaken(kv.update(duty, value, this.revision));
      if (this.revision !== undefined) return { kind: 'held' };
    }
    for (;;) {
      const entry = await kv.get(duty);
      const holder = entry?.operation === 'PUT' ? entry.json<Holder>() : undefined;
      if (entry && holder?.token === this.holder.token) this.revision = entry.revision;
      else if (holder) return { kind: 'elsewhere', holder: holder.node };
      else this.revision = await unlessOvertaken(kv.create(duty, value));
      // Undefined: another process was faster, so the key is read again.
      if (this.revision !== undefined) return { kind: 'held' };
    }
  }

  private change(state: LeaseState): void {
    const before = this.state;
    this.state = state;
    if (JSON.stringify(before) !== JSON.stringify(state)) this.options.onChange(state);
  }
}

/** Returns the bucket, created if it is missing. It is kept in memory: leases lost with it are taken again. */
async function bucket(connection: NatsConnection, replicas: number): Promise<KV> {
  const kv = await connection.jetstream({ timeout: REQUEST_TIMEOUT_MS }).views.kv(BUCKET, {
    description: 'leases of the workers, by duty',
    ttl: TTL_MS,
    storage: StorageType.Memory,
    replicas,
    max_bytes: BUCKET_BYTES,
    // Reads go to the leader, because a replica may be behind.
    allow_direct: false,
  });
  // A bucket that was created with another TTL may keep the lease of a dead process forever.
  const { ttl, streamInfo } = await kv.status();
  if (ttl !== TTL_MS) {
    const manager = await connection.jetstreamManager({ timeout: REQUEST_TIMEOUT_MS });
    const age = nanos(TTL_MS);
    await manager.streams.update(streamInfo.config.name, { max_age: age, duplicate_window: age });
  }
  return kv;
}

/** Returns the written revision, or undefined if the key was at another revision. */
const unlessOvertaken = (written: Promise<number>): Promise<number | undefined> =>
  written.catch(unlessCode(JETSTREAM_CODES.wrongLastSequence));
