import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QUERY_APPLIED_SUBJECT, type QueryNodeApplied } from '@cohort/contracts';
import { user } from '@cohort/contracts/testing';
import { connectEventStore, type EventStore } from '@cohort/event-store';
import { connect, type NatsConnection } from 'nats';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { freePort } from '../support/free-port';
import { LogWriter } from '../support/log-writer';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';
import { startPart, type Part } from '../support/stack';
import { waitFor } from '../support/wait-for';

requires('own event store', 'own nats-server');

/** Waits until a process has written this text: its output may come later than its answers. */
export const wrote = ({ output }: Pick<Part, 'output'>, text: string | RegExp): Promise<void> =>
  waitFor(() => (typeof text === 'string' ? output().includes(text) : text.test(output())));

/** A broker, an event store, and a directory, for query nodes. */
export class Surroundings {
  private readonly parts: Part[] = [];
  store!: EventStore;
  writer!: LogWriter;

  private constructor(
    readonly directory: string,
    readonly nats: TestNats,
    public eventStore: TestEventStore,
    readonly client: NatsConnection,
  ) {}

  static async start(): Promise<Surroundings> {
    const directory = await mkdtemp(join(tmpdir(), 'cohort-query-'));
    // A port of its own, which it has again after a restart.
    const port = await freePort();
    const [nats, eventStore] = await Promise.all([
      startNats(),
      startEventStore({ directory: join(directory, 'events'), port }),
    ]);
    const client = await connect({ servers: nats.url, maxReconnectAttempts: -1 });
    const surroundings = new Surroundings(directory, nats, eventStore, client);
    await surroundings.connectStore();
    return surroundings;
  }

  async connectStore(): Promise<void> {
    this.store = await connectEventStore({ url: this.eventStore.url });
    this.writer = new LogWriter(this.store, user('ann'));
  }

  /** Replaces the event store by another one; empty, if the name is new. */
  async replaceEventStore(name: string): Promise<void> {
    await this.store.close();
    await this.eventStore.stop();
    this.eventStore = await startEventStore({ directory: join(this.directory, name) });
    await this.connectStore();
  }

  env(over: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      NATS_URL: this.nats.url,
      EVENTSTORE_URL: this.eventStore.url,
      DATA_DIR: this.directory,
      LOG_LEVEL: 'info',
      // Long enough for a query with `after` to be answered on a slow machine.
      QUERY_AFTER_TIMEOUT_MS: '10000',
      ...over,
    };
  }

  file(node: string): string {
    return join(this.directory, 'query', `${node}.db`);
  }

  /** Starts a query node and waits until it is ready. */
  async node(name: string, env: Readonly<Record<string, string>> = {}): Promise<Part> {
    const part = await startPart('query', this.env({ QUERY_NODE: name, ...env }));
    this.parts.push(part);
    return part;
  }

  /** Asks a query, by default on the subject for trusted services, with the tenant in the body. */
  async ask(name: string, body: object, subject = `group.v1.query.${name}`): Promise<unknown> {
    const reply = await this.client.request(subject, JSON.stringify(body), { timeout: 15_000 });
    return reply.json();
  }

  /**
   * Subscribes to the last announcement of a node, sent when it takes no more queries. Returns a function that waits for it.
   */
  async goodbyeOf(name: string): Promise<() => Promise<void>> {
    let said = false;
    this.client.subscribe(QUERY_APPLIED_SUBJECT, {
      callback: (_error, message) => {
        const { node, leaseMs } = message.json<QueryNodeApplied>();
        if (node.startsWith(`${name}-`)) said = leaseMs === 0;
      },
    });
    await this.client.flush();
    return () => waitFor(() => said);
  }

  async stopNodes(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.stop()));
  }

  async stop(): Promise<void> {
    await this.stopNodes();
    await Promise.all([this.client.close(), this.store.close()]);
    await Promise.all([this.eventStore.stop(), this.nats.stop()]);
    await rm(this.directory, { recursive: true, force: true });
  }
}
