import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  comparePositions,
  commandSubject,
  HEADERS,
  querySubject,
  type CommandAnswer,
  type CommandData,
  type CommandName,
  type GroupCommandAnswer,
  type Position,
  type QueryAnswers,
  type QueryData,
  type QueryName,
} from '@cohort/contracts';
import { EventStoreDBClient, jsonEvent, type RecordedEvent } from '@eventstore/db-client';
import { connect, headers, type JetStreamManager, type NatsConnection } from 'nats';
import { lastFed } from '../support/feed';
import { startEventStore, useEventStore, type TestEventStore, type UsedEventStore } from '../support/event-store';
import { fresh } from '../support/fresh';
import { startNats, useNats, type TestNats, type UsedNats } from '../support/nats-server';
import { DEMO } from '../support/rongcloud';
import { isAvailable } from '../support/servers';
import { startPart, type Part, type PartName } from '../support/stack';
import { waitFor } from '../support/wait-for';
import { startEngine, type Engine } from './engine';
import { residentMebibytes, whileAlive } from './processes';

/** In an event store that others use, a tenant of this run. */
export const APP = isAvailable('own event store') ? 'demo' : fresh('bench');
/** The keys of the tenant for Lanying's API. */
export const LANYING = { appId: 'demo', secret: 'demo-secret' } as const;
const SERVICE = { type: 'service' } as const;
/** The longest that the service allows: a replay of 300,000 events takes longer than its default. */
const TIMEOUT_MS = 60_000;
const PATIENT = { timeout: TIMEOUT_MS, headers: headers() };
PATIENT.headers.append(HEADERS.timeout, String(TIMEOUT_MS));
const DISPOSED_WITHIN_MS = 5_000;
/** The longest that followers of the log may need to be level with it. */
const LEVEL = { withinMs: 300_000, everyMs: 5 } as const;

/** A process of ours to profile: `--profile command` leaves a `.cpuprofile` of it in the current folder. */
export type Profiled = PartName | 'event-store' | undefined;

type Create = Omit<CommandData<'create'>, 'app' | 'actor'> & { readonly groupId: string };

/**
 * The service as it was built, each part a process of its own, in a temporary directory; and a caller of it, on one NATS
 * connection. `store` is a bare client of its event store.
 */
export class Service {
  readonly parts = new Map<PartName, Part>();
  private readonly engines = new Map<string, Engine<unknown>>();
  /** Where the last command's events ended that `call` saw answered. */
  position: Position = '0';

  private constructor(
    readonly directory: string,
    readonly nats: TestNats | UsedNats,
    private readonly eventStore: TestEventStore | UsedEventStore,
    readonly connection: NatsConnection,
    readonly streams: JetStreamManager,
    readonly store: EventStoreDBClient,
    private readonly profiled: Profiled,
  ) {}

  static async start(profiled: Profiled): Promise<Service> {
    const directory = await mkdtemp(join(tmpdir(), 'cohort-bench-'));
    await writeFile(
      join(directory, 'apps.json'),
      JSON.stringify({ apps: [{ id: APP, rongcloud: DEMO, lanying: LANYING }] }),
    );
    const nats = await (isAvailable('own nats-server') ? startNats() : useNats());
    const connection = await connect({ servers: nats.url });
    const eventStore = isAvailable('own event store')
      ? await startEventStore(optionsOf('event-store', profiled))
      : await useEventStore();
    const store = EventStoreDBClient.connectionString(eventStore.url);
    const streams = await connection.jetstreamManager();
    // The client may never answer a hundred first appends at the same time on a new connection.
    await store.appendToStream(`bench-${randomUUID()}`, jsonEvent({ type: 'benchStarted', data: {} }));
    const service = new Service(directory, nats, eventStore, connection, streams, store, profiled);
    for (const name of ['command', 'query', 'worker', 'gateway'] as const) await service.startPart(name);
    return service;
  }

  get eventStoreUrl(): string {
    return this.eventStore.url;
  }
  get gatewayUrl(): string {
    return this.parts.get('gateway')!.url;
  }

  async startPart(name: PartName): Promise<void> {
    const env = {
      NATS_URL: this.nats.url,
      EVENTSTORE_URL: this.eventStoreUrl,
      DATA_DIR: this.directory,
      APPS_FILE: join(this.directory, 'apps.json'),
      GATEWAY_PORT: '0',
    };
    this.parts.set(name, await startPart(name, env, optionsOf(name, this.profiled)));
  }

  async stopPart(name: PartName): Promise<void> {
    await this.parts.get(name)?.stop();
    this.parts.delete(name);
  }

  /** A process of the bench's own, which is ready. */
  async startEngine(file: 'echo' | 'subscriber', url: string): Promise<Pick<Engine<unknown>, 'stop'>> {
    const engine = startEngine(file, url);
    await engine.next();
    this.engines.set(file, engine);
    return {
      stop: async () => {
        this.engines.delete(file);
        await engine.stop();
      },
    };
  }

  /** As `whileAlive` of all that runs. */
  whileAlive<T>(work: Promise<T>): Promise<T> {
    return whileAlive(work, () => [...this.servers(), ...this.parts, ...this.engines]);
  }

  /** Calls a command as any NATS client can; throws what it was refused with. */
  async command<N extends CommandName>(
    name: N,
    data: Omit<CommandData<N>, 'app' | 'actor'>,
  ): Promise<CommandAnswer<N>> {
    const answer = await this.ask<CommandAnswer<N>>(commandSubject(name), { app: APP, actor: SERVICE, ...data });
    const { position } = answer as GroupCommandAnswer;
    if (comparePositions(position, this.position) > 0) this.position = position;
    return answer;
  }

  create(data: Create): Promise<GroupCommandAnswer> {
    return this.command('create', data);
  }

  query<N extends QueryName>(name: N, data: Omit<QueryData<N>, 'app'>): Promise<QueryAnswers[N]> {
    return this.ask(querySubject(name), { app: APP, ...data });
  }

  private async ask<T>(subject: string, body: object): Promise<T> {
    const message = await this.connection.request(subject, JSON.stringify(body), PATIENT);
    const answer = message.json<T>();
    if (message.headers?.has(HEADERS.errorCode)) throw new Error(`${subject} was refused: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** A whole stream: the client can't be disposed of while one is left half read. */
  async readAll(stream: string): Promise<RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const { event } of this.store.readStream(stream)) if (event) events.push(event);
    return events;
  }

  /** Resolves when a query sees all that was acknowledged. */
  async projected(): Promise<void> {
    await waitFor(async () => comparePositions((await this.query('status', {})).position, this.position) >= 0, LEVEL);
  }

  /** Resolves when the feed has all that was acknowledged. */
  async relayed(): Promise<void> {
    await waitFor(async () => {
      const last = await lastFed(this.streams);
      return last !== undefined && comparePositions(last.header.get('ce-position'), this.position) >= 0;
    }, LEVEL);
  }

  async drained(): Promise<void> {
    if (this.parts.has('query')) await this.projected();
    if (this.parts.has('worker')) await this.relayed();
  }

  /** Those that were started here. */
  private servers(): [name: string, server: TestNats | TestEventStore][] {
    return [
      ...('pid' in this.nats ? [['nats-server', this.nats] as [string, TestNats]] : []),
      ...('pid' in this.eventStore ? [['event-store', this.eventStore] as [string, TestEventStore]] : []),
    ];
  }

  /** MiB of memory that each process has from the system. */
  async memory(): Promise<[process: string, mebibytes: number][]> {
    const processes = [...this.servers(), ...this.parts];
    return Promise.all(processes.map(async ([name, { pid }]) => [name, await residentMebibytes(pid)]));
  }

  async stop(): Promise<void> {
    await this.connection.close();
    // The client waits for its subscriptions, and a figure that failed may have left one.
    await Promise.race([this.store.dispose(), delay(DISPOSED_WITHIN_MS, undefined, { ref: false })]);
    for (const name of this.parts.keys()) await this.stopPart(name);
    await this.eventStore.stop();
    await this.nats.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

const optionsOf = (name: Profiled, profiled: Profiled) => ({
  nodeArgs: name === profiled ? ['--cpu-prof', `--cpu-prof-dir=${process.cwd()}`] : [],
});
