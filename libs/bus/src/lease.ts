import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { nanos, nuid, StorageType, type KV, type NatsConnection } from 'nats';
import type { Bus } from './bus';
import { JETSTREAM_CODES, translated, unlessCode } from './jetstream-errors';

/** The KV bucket that holds who has which lease; its stream is `KV_COHORT_LEASES`. */
const BUCKET = 'COHORT_LEASES';
/** A lease that isn't renewed for so long is over, by the server's clock. */
const TTL_MS = 2_000;
/** How often a lease is renewed, or it is looked whether it is free. */
const LOOK_EVERY_MS = 500;
const REQUEST_TIMEOUT_MS = 1_000;
const BUCKET_BYTES = 1024 * 1024;

/** Where a lease stands, as this process knows. */
export type LeaseState =
  /** It was not told yet. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'held' }
  | { readonly kind: 'elsewhere'; readonly holder: string }
  /** Nobody can say: there is no JetStream, or it doesn't answer. */
  | { readonly kind: 'unavailable'; readonly why: string };

export interface LeaseOptions {
  readonly bus: Pick<Bus, 'connection' | 'status'>;
  /** What it is for: the bucket's key. */
  readonly duty: string;
  /** Servers of the NATS cluster that hold the bucket; counts when it is made. */
  readonly replicas: number;
  onChange(state: LeaseState): void;
}

interface Holder {
  /** For people: host and process. */
  readonly node: string;
  /** Of one `Lease` object, so that a renewal whose answer was lost is known for one's own. */
  readonly token: string;
}

/**
 * A lease on a duty, so that of several processes one does it: a key in a NATS KV bucket, written at the revision one
 * knows, which the server drops when it isn't renewed. Nobody's clock is held against another's. A lease saves double
 * work and is no lock: a holder that hung may go on for a moment beside the next, and without JetStream nobody can say who
 * holds it. What it is for must be safe when two do it.
 */
export class Lease {
  state: LeaseState = { kind: 'unknown' };
  private readonly stopping = new AbortController();
  private readonly holder: Holder = { node: `${hostname()}/${process.pid}`, token: nuid.next() };
  private kv: KV | undefined;
  /** Of the key, as this process wrote it; undefined while it doesn't hold the lease. */
  private revision: number | undefined;
  /** When it was last known who holds it, by this process's own clock. */
  private knownAt = -Infinity;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: LeaseOptions) {}

  /** Takes the lease when it is free, and keeps it; tries for ever, whatever is away. */
  start(): void {
    this.running = this.run();
  }

  /** Gives it back, so that another has it within half a second. */
  async release(): Promise<void> {
    const { bus, duty } = this.options;
    this.stopping.abort();
    // It ends by itself where that can't be said.
    if (bus.status !== 'connected') return;
    await this.running;
    if (this.revision !== undefined) await this.kv?.delete(duty, { previousSeq: this.revision }).catch(() => undefined);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        this.change(await this.ask());
        this.knownAt = performance.now();
      } catch (error) {
        // The bucket may be gone: it is made again.
        this.kv = undefined;
        // Without NATS there is nothing to do for anyone: all stays as it was, until it is back and had time to answer.
        if (this.options.bus.status !== 'connected') this.knownAt = performance.now();
        else if (performance.now() - this.knownAt >= TTL_MS)
          this.change({ kind: 'unavailable', why: translated(error).message });
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Renews the lease, or takes it if it is free, or says who holds it. */
  private async ask(): Promise<LeaseState> {
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
      // Else another was quicker.
      if (this.revision !== undefined) return { kind: 'held' };
    }
  }

  private change(state: LeaseState): void {
    const before = this.state;
    this.state = state;
    if (JSON.stringify(before) !== JSON.stringify(state)) this.options.onChange(state);
  }
}

/** The bucket, in memory: leases that are lost with it are taken anew. */
async function bucket(connection: NatsConnection, replicas: number): Promise<KV> {
  const kv = await connection.jetstream({ timeout: REQUEST_TIMEOUT_MS }).views.kv(BUCKET, {
    description: 'which worker does what',
    ttl: TTL_MS,
    storage: StorageType.Memory,
    replicas,
    max_bytes: BUCKET_BYTES,
    // Read from the leader: a copy may be behind.
    allow_direct: false,
  });
  // One that somebody else made may keep a dead process's lease for ever.
  const { ttl, streamInfo } = await kv.status();
  if (ttl !== TTL_MS) {
    const manager = await connection.jetstreamManager({ timeout: REQUEST_TIMEOUT_MS });
    const age = nanos(TTL_MS);
    await manager.streams.update(streamInfo.config.name, { max_age: age, duplicate_window: age });
  }
  return kv;
}

/** The revision that was written; undefined when the key was at another one. */
const unlessOvertaken = (written: Promise<number>): Promise<number | undefined> =>
  written.catch(unlessCode(JETSTREAM_CODES.wrongLastSequence));
