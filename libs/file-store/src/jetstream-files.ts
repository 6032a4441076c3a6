import { createHash } from 'node:crypto';
import { DiscardPolicy, headers, nuid, StorageType, type JetStreamClient, type NatsConnection } from 'nats';
import { bucketOf, chunksOf, digestText, FIRST, JSON_META, metaOf, stored, streamOf, type Meta } from './bucket';
import { Buckets } from './buckets';
import { Chunks } from './chunks';
import { outward } from './errors';
import type { FileStore, NewFile, OpenFile, StoredFile } from './file-store';

export interface FilesOptions {
  /** Bytes that all files of one tenant take. */
  readonly maxBytes: number;
  /** NATS servers that hold them. Applied when a tenant's bucket is created. */
  readonly replicas: number;
  /** Milliseconds in which the server must answer. */
  readonly timeoutMs?: number;
}

/** Files in object stores of NATS: one bucket for each tenant, made for its first file. */
export class JetStreamFiles implements FileStore {
  private readonly client: JetStreamClient;
  private readonly buckets: Buckets;
  /** Buckets that are there, and have these settings. */
  private readonly ready = new Map<string, Promise<void>>();

  constructor(
    private readonly connection: NatsConnection,
    private readonly options: FilesOptions,
  ) {
    this.buckets = new Buckets(connection, options.timeoutMs);
    this.client = connection.jetstream({ timeout: this.buckets.timeout });
  }

  async put(
    tenant: string,
    { name, labels, maxBytes }: NewFile,
    bytes: AsyncIterable<Uint8Array>,
  ): Promise<StoredFile> {
    const id = nuid.next();
    const { max_payload: maxPayload = 1024 * 1024 } = this.connection.info ?? {};
    const chunks = new Chunks(this.client, chunksOf(tenant, id), maxBytes, maxPayload);
    try {
      await this.bucket(tenant);
      for await (const part of bytes) await chunks.add(part);
      const digest = digestText(await chunks.end());
      const storedAt = new Date();
      const first: Meta['metadata'] = chunks.count === 0 ? {} : { [FIRST]: String(chunks.first) };
      const meta: Meta = {
        ...{ name, bucket: bucketOf(tenant), nuid: id, size: chunks.size, chunks: chunks.count, digest },
        ...{ mtime: storedAt.toISOString(), deleted: false, options: { max_chunk_size: chunks.chunkBytes } },
        metadata: { ...labels, ...first },
      };
      const once = headers();
      once.set('Nats-Expected-Last-Subject-Sequence', '0');
      await this.client.publish(metaOf(tenant, name), JSON_META.encode(meta), { headers: once });
      return { name, labels, size: chunks.size, storedAt };
    } catch (error) {
      // The bucket may have been deleted meanwhile. The next file makes it again.
      this.ready.delete(tenant);
      // What can't be removed now is found by the sweep.
      await this.buckets.undo(tenant, name, id).catch(() => undefined);
      throw outward(error);
    }
  }

  async get(tenant: string, name: string): Promise<OpenFile | undefined> {
    const meta = await this.buckets.meta(tenant, name).catch((error: unknown) => {
      throw outward(error);
    });
    return meta && { ...stored(meta), bytes: () => this.read(tenant, meta) };
  }

  async remove(tenant: string, name: string): Promise<void> {
    try {
      await this.buckets.remove(tenant, name);
    } catch (error) {
      throw outward(error);
    }
  }

  private async *read(tenant: string, { nuid: id, chunks, digest, metadata }: Meta): AsyncIterable<Uint8Array> {
    const hash = createHash('sha256');
    let seq = Number(metadata?.[FIRST] ?? 1);
    for (let read = 1; read <= chunks; read++) {
      const message = await this.buckets.chunk(tenant, { seq, next_by_subj: chunksOf(tenant, id) });
      if (!message) throw new Error('the file was removed while it was read');
      hash.update(message.data);
      if (read === chunks && digestText(hash.digest()) !== digest) throw new Error('the bytes of the file are damaged');
      yield message.data;
      seq = message.seq + 1;
    }
  }

  private bucket(tenant: string): Promise<void> {
    const known = this.ready.get(tenant);
    if (known) return known;
    const making = this.ensured(tenant);
    this.ready.set(tenant, making);
    return making;
  }

  private async ensured(tenant: string): Promise<void> {
    const { maxBytes, replicas } = this.options;
    const manager = await this.buckets.manager();
    const name = streamOf(tenant);
    if (!(await this.buckets.exists(tenant))) {
      await manager.streams.add({
        name,
        description: `files of the tenant ${tenant}`,
        subjects: [chunksOf(tenant, '>'), metaOf(tenant, '>')],
        storage: StorageType.File,
        num_replicas: replicas,
        max_bytes: maxBytes,
        // A full store refuses new files. It never drops those that it has.
        discard: DiscardPolicy.New,
        allow_rollup_hdrs: true,
        allow_direct: true,
      });
      return;
    }
    const { config } = await manager.streams.info(name);
    if (config.max_bytes !== maxBytes) await manager.streams.update(name, { max_bytes: maxBytes });
  }
}
