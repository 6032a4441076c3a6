import type { JetStreamClient, NatsConnection } from 'nats';
import { bucketOf, chunksOf, idOf, stored, streamOf, tenantOf, type Meta } from './bucket';
import { Buckets } from './buckets';
import { outward } from './errors';
import type { FileInventory, StoredFile, Unfinished } from './file-store';

/** What is in the object stores of NATS in which `JetStreamFiles` stores files. */
export class JetStreamInventory implements FileInventory {
  private readonly client: JetStreamClient;
  private readonly buckets: Buckets;

  constructor(connection: NatsConnection) {
    this.client = connection.jetstream();
    this.buckets = new Buckets(connection);
  }

  async tenants(): Promise<string[]> {
    const manager = await this.buckets.manager();
    const found: string[] = [];
    for await (const name of manager.streams.names()) {
      const tenant = tenantOf(name);
      if (tenant !== undefined) found.push(tenant);
    }
    return found;
  }

  async remove(tenant: string, name: string): Promise<void> {
    try {
      await this.buckets.remove(tenant, name);
    } catch (error) {
      throw outward(error);
    }
  }

  async *list(tenant: string): AsyncIterable<StoredFile> {
    if (!(await this.buckets.exists(tenant))) return;
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
    if (!(await this.buckets.exists(tenant))) return;
    const manager = await this.buckets.manager();
    // The bytes are read first: those of a file that is finished meanwhile are found among the files.
    const { state } = await manager.streams.info(streamOf(tenant), { subjects_filter: chunksOf(tenant, '>') });
    const finished = new Set<string>();
    const store = await this.client.views.os(bucketOf(tenant));
    for (const { nuid: id } of await store.list()) finished.add(id);
    for (const id of Object.keys(state.subjects ?? {}).map(idOf)) {
      if (finished.has(id)) continue;
      const last = await this.buckets.message(tenant, { last_by_subj: chunksOf(tenant, id) });
      if (last) yield { id, at: new Date(last.timestamp) };
    }
  }

  async removeUnfinished(tenant: string, id: string): Promise<void> {
    const manager = await this.buckets.manager();
    await manager.streams.purge(streamOf(tenant), { filter: chunksOf(tenant, id) });
  }
}
