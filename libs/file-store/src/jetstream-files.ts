import { createHash } from 'node:crypto';
import {
  DiscardPolicy,
  headers,
  JSONCodec,
  nuid,
  StorageType,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
  type StoredMsg,
} from 'nats';
import { bucketOf, chunksOf, digestText, FIRST, idOf, metaOf, streamOf, type Meta } from './bucket';
import { Chunks } from './chunks';
import { isMissing, isNoStream, outward } from './errors';
import type { FileStore, NewFile, OpenFile, StoredFile, Unfinished } from './file-store';

export interface FilesOptions {
  /** Bytes that all files of one tenant take. */
  readonly maxBytes: number;
  /** NATS servers that hold them. Applied when a tenant's bucket is created. */
  readonly replicas: number;
  /** Milliseconds in which the server must answer. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;
const JSON_META = JSONCodec<Meta>();

/** Files in object stores of NATS: one bucket for each tenant, made for its first file. */
export class JetStreamFiles implements FileStore {
  private readonly client: JetStreamClient;
  private readonly timeout: number;
  private jetStreamManager: Promise<JetStreamManager> | undefined;
  /** Buckets that are there, and have these settings. */
  private readonly ready = new Map<string, Promise<void>>();

  constructor(
    private readonly connection: NatsConnection,
    private readonly options: FilesOptions,
  ) {
    this.timeout = options.timeoutMs ?? TIMEOUT_MS;
    this.client = connection.jetstream({ timeout: this.timeout });
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
      await this.undo(tenant, name, id).catch(() => undefined);
      throw outward(error);
    }
  }

  async get(tenant: string, name: string): Promise<OpenFile | undefined> {
    const meta = await this.meta(tenant, name).catch((error: unknown) => {
      throw outward(error);
    });
    return meta && { ...stored(meta), bytes: () => this.read(tenant, meta) };
  }

  async remove(tenant: string, name: string): Promise<void> {
    try {
      const meta = await this.meta(tenant, name);
      if (meta) await this.discard(tenant, name, meta.nuid);
    } catch (error) {
      throw outward(error);
    }
  }

  async *list(tenant: string): AsyncIterable<StoredFile> {
    if (!(await this.exists(tenant))) return;
    const store = await this.client.views.os(bucketOf(tenant));
    const found = await store.watch({ includeHistory: true, ignoreDeletes: true });
    try {
      // After those that are there comes null.
      for await (const info of found) {
        if (info === null) return;
        yield stored(info as unknown as Meta);
      }
    } finally {
      found.stop();
    }
  }

  async *unfinished(tenant: string): AsyncIterable<Unfinished> {
    if (!(await this.exists(tenant))) return;
    const manager = await this.manager();
    // The bytes are read first: those of a file that is finished meanwhile are found among the files.
    const { state } = await manager.streams.info(streamOf(tenant), { subjects_filter: chunksOf(tenant, '>') });
    const finished = new Set<string>();
    const store = await this.client.views.os(bucketOf(tenant));
    for (const { nuid: id } of await store.list()) finished.add(id);
    for (const id of Object.keys(state.subjects ?? {}).map(idOf)) {
      if (finished.has(id)) continue;
      const last = await this.message(tenant, { last_by_subj: chunksOf(tenant, id) });
      if (last) yield { id, at: new Date(last.timestamp) };
    }
  }

  async removeUnfinished(tenant: string, id: string): Promise<void> {
    const manager = await this.manager();
    await manager.streams.purge(streamOf(tenant), { filter: chunksOf(tenant, id) });
  }

  /** A file that isn't described any more isn't there, so that goes first. */
  private async discard(tenant: string, name: string, id: string): Promise<void> {
    const manager = await this.manager();
    await manager.streams.purge(streamOf(tenant), { filter: metaOf(tenant, name) });
    await manager.streams.purge(streamOf(tenant), { filter: chunksOf(tenant, id) });
  }

  /** The file may be there although no answer came. A file that had the name before stays. */
  private async undo(tenant: string, name: string, id: string): Promise<void> {
    const manager = await this.manager();
    const meta = await this.meta(tenant, name);
    if (meta?.nuid === id) await manager.streams.purge(streamOf(tenant), { filter: metaOf(tenant, name) });
    await manager.streams.purge(streamOf(tenant), { filter: chunksOf(tenant, id) });
  }

  private async meta(tenant: string, name: string): Promise<Meta | undefined> {
    const message = await this.message(tenant, { last_by_subj: metaOf(tenant, name) });
    const meta = message && JSON_META.decode(message.data);
    return meta?.deleted ? undefined : meta;
  }

  /** Asks the leader: a replica may be behind. */
  private async message(
    tenant: string,
    which: { last_by_subj: string } | { seq: number; next_by_subj: string },
  ): Promise<StoredMsg | undefined> {
    const manager = await this.manager();
    try {
      return await manager.streams.getMessage(streamOf(tenant), which);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  private async *read(tenant: string, { nuid: id, chunks, digest, metadata }: Meta): AsyncIterable<Uint8Array> {
    const hash = createHash('sha256');
    let seq = Number(metadata?.[FIRST] ?? 1);
    for (let read = 1; read <= chunks; read++) {
      const message = await this.chunk(tenant, { seq, next_by_subj: chunksOf(tenant, id) });
      if (!message) throw new Error('the file was removed while it was read');
      hash.update(message.data);
      if (read === chunks && digestText(hash.digest()) !== digest) throw new Error('the bytes of the file are damaged');
      yield message.data;
      seq = message.seq + 1;
    }
  }

  /** Any server may answer. One that is behind doesn't have it yet; then the leader is asked. */
  private async chunk(
    tenant: string,
    which: { seq: number; next_by_subj: string },
  ): Promise<Pick<StoredMsg, 'data' | 'seq'> | undefined> {
    const subject = `$JS.API.DIRECT.GET.${streamOf(tenant)}`;
    const answer = await this.connection.request(subject, JSON.stringify(which), { timeout: this.timeout });
    const seq = Number(answer.headers?.get('Nats-Sequence'));
    return seq > 0 ? { data: answer.data, seq } : this.message(tenant, which);
  }

  private async exists(tenant: string): Promise<boolean> {
    const manager = await this.manager();
    try {
      await manager.streams.info(streamOf(tenant));
      return true;
    } catch (error) {
      if (isNoStream(error)) return false;
      throw error;
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
    const manager = await this.manager();
    const name = streamOf(tenant);
    if (!(await this.exists(tenant))) {
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

  private manager(): Promise<JetStreamManager> {
    const asked = (this.jetStreamManager ??= this.connection.jetstreamManager({ timeout: this.timeout }));
    asked.catch(() => (this.jetStreamManager = undefined));
    return asked;
  }
}

const stored = ({ name, size, mtime, metadata = {} }: Meta): StoredFile => {
  const { [FIRST]: _, ...labels } = metadata;
  return { name, labels, size, storedAt: new Date(mtime) };
};
