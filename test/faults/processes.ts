import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventStore, useEventStore, type TestEventStore, type UsedEventStore } from '../support/event-store';
import { startNats, useNats, type TestNats, type UsedNats } from '../support/nats-server';
import { DEMO } from '../support/rongcloud';
import { isAvailable } from '../support/servers';
import { startPart, type Part, type PartName } from '../support/stack';
import { APP, LIMITS_OF_TENANT, PARTS, type PartId } from './plan';

/** What the others need at their start comes first. */
const START_ORDER: readonly PartId[] = ['nats', 'event-store', ...PARTS];
type OurPart = Exclude<PartId, 'nats' | 'event-store'>;
const SOURCE: Readonly<Record<OurPart, PartName>> = {
  'command-1': 'command',
  'command-2': 'command',
  'query-1': 'query',
  'query-2': 'query',
  'worker-1': 'worker',
  'worker-2': 'worker',
  gateway: 'gateway',
};

/** Two of each app, a gateway, a broker and an event store; each can be killed and started again in its place. */
export class Processes {
  private readonly parts = new Map<OurPart, Part>();
  private nats!: TestNats | UsedNats;
  private eventStore!: TestEventStore | UsedEventStore;

  private constructor(
    readonly directory: string,
    private readonly env: Record<string, string>,
  ) {}

  /** `env` is for each of our processes. */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<Processes> {
    const directory = await mkdtemp(join(tmpdir(), 'cohort-faults-'));
    const APPS_FILE = join(directory, 'apps.json');
    const tenant = { id: APP, numericUserIds: true, limits: LIMITS_OF_TENANT, rongcloud: DEMO };
    await writeFile(APPS_FILE, JSON.stringify({ apps: [tenant] }));
    const processes = new Processes(directory, { APPS_FILE, ...env });
    try {
      processes.nats = await (isAvailable('own nats-server') ? startNats() : useNats());
      processes.eventStore = isAvailable('own event store')
        ? await startEventStore({ directory: join(directory, 'events') })
        : await useEventStore();
      await Promise.all(PARTS.filter(isOurs).map((id) => processes.startPart(id)));
      return processes;
    } catch (error) {
      await processes.stop();
      throw error;
    }
  }

  /** All but servers that run already. */
  get killable(): readonly PartId[] {
    return PARTS.filter((id) => this.process(id) !== undefined);
  }
  get natsUrl(): string {
    return this.nats.url;
  }
  get eventStoreUrl(): string {
    return this.eventStore.url;
  }
  get gatewayUrl(): string {
    return this.parts.get('gateway')!.url;
  }
  readModelFile(id: 'query-1' | 'query-2'): string {
    return join(this.directory, 'query', `${id}.db`);
  }

  /** Those that ended without having been killed, and the last they said. */
  ended(): string[] {
    return PARTS.flatMap((id) => {
      const process = this.process(id);
      return process?.endedByItself() ? [`${id} ended by itself: ${process.output().slice(-2_000)}`] : [];
    });
  }

  /** Sends SIGKILL to all of them at the same time. */
  async kill(ids: readonly PartId[]): Promise<void> {
    await Promise.all(ids.map(async (id) => this.process(id)?.kill()));
  }

  /** Starts those that were killed, and waits until they are ready. */
  async restart(ids: readonly PartId[]): Promise<void> {
    for (const id of new Set(START_ORDER)) {
      if (!ids.includes(id)) continue;
      if (isOurs(id)) await this.startPart(id);
      else await this.server(id)?.restart();
    }
  }

  async stop({ keepData = false } = {}): Promise<void> {
    await Promise.all([...this.parts.values()].map((part) => part.stop()));
    await (this.eventStore as UsedEventStore | undefined)?.stop();
    await (this.nats as UsedNats | undefined)?.stop();
    if (!keepData) await rm(this.directory, { recursive: true, force: true });
  }

  /** Undefined for a server that runs already. */
  private process(id: PartId): Pick<Part, 'endedByItself' | 'output' | 'kill'> | undefined {
    return isOurs(id) ? this.parts.get(id)! : this.server(id);
  }

  private server(id: Exclude<PartId, OurPart>): TestNats | TestEventStore | undefined {
    if (id === 'nats') return 'kill' in this.nats ? this.nats : undefined;
    return 'kill' in this.eventStore ? this.eventStore : undefined;
  }

  private async startPart(id: OurPart): Promise<void> {
    const before = this.parts.get(id);
    const port = before?.url ? new URL(before.url).port : '0';
    const part = await startPart(SOURCE[id], {
      ...this.env,
      NATS_URL: this.nats.url,
      EVENTSTORE_URL: this.eventStoreUrl,
      DATA_DIR: this.directory,
      QUERY_NODE: id,
      // Callers continue with the same address.
      ...(id === 'gateway' ? { GATEWAY_PORT: port, WILDFIRECHAT_PORT: 'off' } : {}),
    });
    this.parts.set(id, part);
  }
}

const isOurs = (id: PartId): id is OurPart => id !== 'nats' && id !== 'event-store';
