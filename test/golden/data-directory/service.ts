import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  commandSubject,
  querySubject,
  type CommandData,
  type CommandName,
  type QueryData,
  type QueryName,
} from '@cohort/contracts';
import { connect, type NatsConnection } from 'nats';
import { startEventStore, type TestEventStore } from '../../support/event-store';
import { startNats, type TestNats } from '../../support/nats-server';
import { startPart, type Part, type PartName } from '../../support/stack';

/** The tenants of the data directory. */
export const APPS = [
  { id: 'demo', rongcloud: { appKey: 'demo', appSecret: 'demo-secret' } },
  { id: 'shop', ownerPolicy: 'oldestAdmin', groupCapacity: 50 },
] as const;
export type App = (typeof APPS)[number]['id'];

/** A JSON object off the wire. */
export type Answer = Readonly<Record<string, unknown>>;

/** Ten years: no event of the feed expires between the making of the directory and a test. */
const FEED_MAX_AGE_HOURS = '87600';

/** The parts of Cohort, each started when it is asked for, over one data directory laid out as `npm start` does it. */
export class Service {
  private readonly parts: Part[] = [];

  private constructor(
    readonly dataDir: string,
    readonly nats: TestNats,
    readonly eventStore: TestEventStore,
    readonly client: NatsConnection,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Starts nats-server and the event store. `appsFile` is written. */
  static async over(dataDir: string, appsFile: string): Promise<Service> {
    await writeFile(appsFile, JSON.stringify({ apps: APPS }));
    const nats = await startNats({ directory: join(dataDir, 'nats') });
    const eventStore = await startEventStore({ directory: dataDir });
    const client = await connect({ servers: nats.url, maxReconnectAttempts: -1 });
    const env = {
      DATA_DIR: dataDir,
      APPS_FILE: appsFile,
      NATS_URL: nats.url,
      EVENTSTORE_URL: eventStore.url,
      GATEWAY_PORT: '0',
      LOG_LEVEL: 'info',
      FEED_MAX_AGE_HOURS,
    };
    return new Service(dataDir, nats, eventStore, client, env);
  }

  async start(name: PartName, env: Readonly<Record<string, string>> = {}): Promise<Part> {
    const part = await startPart(name, { ...this.env, ...env });
    this.parts.push(part);
    return part;
  }

  /** A command's answer, or its error. */
  command<N extends CommandName>(name: N, data: CommandData<N>): Promise<Answer> {
    return this.ask(commandSubject(name), data);
  }

  /** A query's answer, or its error. */
  query<N extends QueryName>(name: N, data: QueryData<N>): Promise<Answer> {
    return this.ask(querySubject(name), data);
  }

  async ask(subject: string, body: object): Promise<Answer> {
    return (await this.client.request(subject, JSON.stringify(body), { timeout: 30_000 })).json();
  }

  /** Stops everything in the order in which `npm start` does it; the data stay. */
  async stop(): Promise<void> {
    for (const part of [...this.parts].reverse()) await part.stop();
    await this.client.close();
    await this.nats.stop();
    await this.eventStore.stop();
  }
}

/** The code of an error answer; undefined for any other. */
export const codeOf = (answer: Answer): string | undefined => (answer.error as { code: string } | undefined)?.code;
