import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groupStream, type Actor, type GroupEvent } from '@cohort/contracts';
import { created, joined, service } from '@cohort/contracts/testing';
import { connectEventStore, type EventStore } from '@cohort/event-store';
import { connect, Events, type JetStreamManager, type NatsConnection, type StoredMsg } from 'nats';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { fed, lastFed, logged } from '../support/feed';
import { LogWriter } from '../support/log-writer';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';
import { startPart, type Part } from '../support/stack';
import { waitFor } from '../support/wait-for';

requires('own event store', 'own nats-server');

/** A broker, an event store to which the test appends as a command process would, and workers. */
export class Surroundings {
  private readonly parts: Part[] = [];
  private readonly writer: LogWriter;
  /** The groups of `writeMany` that have begun. */
  private readonly begun = new Set<string>();

  private constructor(
    readonly directory: string,
    readonly nats: TestNats,
    readonly eventStore: TestEventStore,
    readonly store: EventStore,
    readonly client: NatsConnection,
    readonly manager: JetStreamManager,
  ) {
    this.writer = new LogWriter(store);
  }

  static async start(options: Parameters<typeof startNats>[0] = {}): Promise<Surroundings> {
    const directory = await mkdtemp(join(tmpdir(), 'cohort-feed-'));
    const [nats, eventStore] = await Promise.all([
      startNats(options),
      startEventStore({ directory: join(directory, 'events') }),
    ]);
    const store = await connectEventStore({ url: eventStore.url });
    const client = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    const manager = await client.jetstreamManager({ checkAPI: false });
    return new Surroundings(directory, nats, eventStore, store, client, manager);
  }

  async part(name: 'worker' | 'query' | 'command', env: Readonly<Record<string, string>> = {}): Promise<Part> {
    const part = await startPart(name, {
      NATS_URL: this.nats.url,
      EVENTSTORE_URL: this.eventStore.url,
      DATA_DIR: this.directory,
      FEED_DUPLICATE_WINDOW_SECONDS: '1',
      FEED_MAX_BYTES: String(64 * 1024 * 1024),
      LOG_LEVEL: 'info',
      ...env,
    });
    this.parts.push(part);
    return part;
  }
  readonly worker = (env?: Readonly<Record<string, string>>): Promise<Part> => this.part('worker', env);

  /** Appends events of one command to a group's stream. */
  async write(groupId: string, events: readonly GroupEvent[], actor: Actor = service): Promise<void> {
    await this.writer.append(groupStream('demo', groupId), events, actor);
  }

  /** Appends this many events, in batches, to several groups. */
  async writeMany(count: number, batch = 50): Promise<void> {
    for (let done = 0; done < count; done += batch) {
      const group = `g${(done / batch) % 7}`;
      const events: GroupEvent[] = Array.from({ length: Math.min(batch, count - done) }, (_, i) =>
        joined('add', 2, `u${done + i}`),
      );
      if (!this.begun.has(group)) events[0] = created('ann');
      this.begun.add(group);
      await this.write(group, events);
    }
  }

  /** The ids of all group events, in the order of the log. */
  logged(): Promise<string[]> {
    return logged(this.store);
  }

  /** The ids of the stream's messages, in its order. */
  fed(): Promise<string[]> {
    return fed(this.client);
  }

  /** Waits until the stream's last message is the log's last event. */
  async upToDate(withinMs = 60_000): Promise<void> {
    const last = (await this.logged()).at(-1);
    await waitFor(async () => (await this.lastMessage()).header.get('ce-id') === last, { withinMs });
  }

  /** Waits until the relay's checkpoint is at the end of the log. */
  async checkpointed(): Promise<void> {
    const last = (await this.logged()).at(-1);
    await waitFor(async () => {
      for await (const { data } of this.store.read('checkpoint-relay', { backwards: true, limit: 1 })) {
        return (data as { eventId: string }).eventId === last;
      }
      return false;
    });
  }

  async lastMessage(): Promise<StoredMsg> {
    const last = await lastFed(this.manager);
    if (!last) throw new Error('The stream is empty.');
    return last;
  }

  /**
   * Resolves when the test's own connection was lost and is back, with its subscriptions. To be called before the connection
   * is lost.
   */
  async reconnected(): Promise<void> {
    for await (const { type } of this.client.status()) if (type === Events.Reconnect) break;
    await this.client.flush();
  }

  async stopParts(): Promise<void> {
    await Promise.all(this.parts.splice(0).map((part) => part.stop()));
  }

  async stop(): Promise<void> {
    await this.stopParts();
    await Promise.all([this.client.close(), this.store.close()]);
    await Promise.all([this.eventStore.stop(), this.nats.stop()]);
    await rm(this.directory, { recursive: true, force: true });
  }
}
