import { type JetStreamManager, type NatsConnection, type StoredMsg } from 'nats';
import { chunksOf, JSON_META, metaOf, streamOf, type Meta } from './bucket';
import { isMissing, isNoStream } from './errors';

const TIMEOUT_MS = 5_000;

/** The buckets of all tenants, on one connection. */
export class Buckets {
  private jetStreamManager: Promise<JetStreamManager> | undefined;

  constructor(
    readonly connection: NatsConnection,
    /** Milliseconds in which the server must answer. */
    readonly timeout: number = TIMEOUT_MS,
  ) {}

  async exists(tenant: string): Promise<boolean> {
    const manager = await this.manager();
    try {
      await manager.streams.info(streamOf(tenant));
      return true;
    } catch (error) {
      if (isNoStream(error)) return false;
      throw error;
    }
  }

  async meta(tenant: string, name: string): Promise<Meta | undefined> {
    const message = await this.message(tenant, { last_by_subj: metaOf(tenant, name) });
    const meta = message && JSON_META.decode(message.data);
    return meta?.deleted ? undefined : meta;
  }

  /** Asks the leader: a replica may be behind. */
  async message(
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

  /** Any server may answer. One that is behind doesn't have it yet; then the leader is asked. */
  async chunk(
    tenant: string,
    which: { seq: number; next_by_subj: string },
  ): Promise<Pick<StoredMsg, 'data' | 'seq'> | undefined> {
    const subject = `$JS.API.DIRECT.GET.${streamOf(tenant)}`;
    // An operator may have forbidden such reads. Then nobody answers.
    const answer = await this.connection
      .request(subject, JSON.stringify(which), { timeout: this.timeout })
      .catch(() => undefined);
    const seq = Number(answer?.headers?.get('Nats-Sequence'));
    return answer && seq > 0 ? { data: answer.data, seq } : this.message(tenant, which);
  }

  /** Removes a file. One that isn't described any more isn't there, so that goes first. */
  async remove(tenant: string, name: string): Promise<void> {
    const meta = await this.meta(tenant, name);
    if (!meta) return;
    const manager = await this.manager();
    await manager.streams.purge(streamOf(tenant), { filter: metaOf(tenant, name) });
    await manager.streams.purge(streamOf(tenant), { filter: chunksOf(tenant, meta.nuid) });
  }

  /**
   * Removes what a failed upload left. The file may be there although no answer came. A file that had the name before stays.
   */
  async undo(tenant: string, name: string, id: string): Promise<void> {
    const manager = await this.manager();
    const meta = await this.meta(tenant, name);
    if (meta?.nuid === id) await manager.streams.purge(streamOf(tenant), { filter: metaOf(tenant, name) });
    await manager.streams.purge(streamOf(tenant), { filter: chunksOf(tenant, id) });
  }

  manager(): Promise<JetStreamManager> {
    const asked = (this.jetStreamManager ??= this.connection.jetstreamManager({ timeout: this.timeout }));
    asked.catch(() => (this.jetStreamManager = undefined));
    return asked;
  }
}
