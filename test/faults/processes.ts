import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNats, type TestNats } from '../support/nats-server';
import { startPart, type Part, type PartName } from '../support/stack';
import { PARTS, type PartId } from './plan';

/** What the others need at their start comes first. */
const START_ORDER: readonly PartId[] = ['nats', 'event-store', ...PARTS];
type OurPart = Exclude<PartId, 'nats'>;
const SOURCE: Readonly<Record<OurPart, PartName>> = {
  'event-store': 'event-store',
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
  private nats!: TestNats;

  private constructor(
    readonly directory: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** `env` is for each of our processes. */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<Processes> {
    const processes = new Processes(await mkdtemp(join(tmpdir(), 'cohort-faults-')), env);
    try {
      processes.nats = await startNats();
      await processes.startPart('event-store');
      const others = PARTS.filter((id) => id !== 'nats' && id !== 'event-store');
      await Promise.all(others.map((id) => processes.startPart(id)));
      return processes;
    } catch (error) {
      await processes.stop();
      throw error;
    }
  }

  get natsUrl(): string {
    return this.nats.url;
  }
  get eventStoreUrl(): string {
    return this.parts.get('event-store')!.url;
  }
  get gatewayUrl(): string {
    return this.parts.get('gateway')!.url;
  }
  readModelFile(id: 'query-1' | 'query-2'): string {
    return join(this.directory, 'query', `${id}.db`);
  }

  /** Those that ended without having been killed, and the last they said. */
  ended(): string[] {
    return PARTS.filter((id) => !isAlive(id === 'nats' ? this.nats.pid : this.parts.get(id)!.pid)).map(
      (id) => `${id} ended by itself: ${id === 'nats' ? '' : this.parts.get(id)!.output().slice(-2_000)}`,
    );
  }

  /** Sends SIGKILL to all of them at the same time. */
  async kill(ids: readonly PartId[]): Promise<void> {
    await Promise.all(ids.map((id) => (id === 'nats' ? this.nats.kill() : this.parts.get(id)!.kill())));
  }

  /** Starts those that were killed, and waits until they are ready. */
  async restart(ids: readonly PartId[]): Promise<void> {
    for (const id of new Set(START_ORDER)) {
      if (!ids.includes(id)) continue;
      if (id === 'nats') await this.nats.restart();
      else await this.startPart(id);
    }
  }

  async stop({ keepData = false } = {}): Promise<void> {
    const others = [...this.parts].filter(([id]) => id !== 'event-store');
    await Promise.all(others.map(([, part]) => part.stop()));
    await this.parts.get('event-store')?.stop();
    await (this.nats as TestNats | undefined)?.stop();
    if (!keepData) await rm(this.directory, { recursive: true, force: true });
  }

  private async startPart(id: OurPart): Promise<void> {
    const before = this.parts.get(id);
    const port = before?.url ? new URL(before.url).port : '0';
    const part = await startPart(SOURCE[id], {
      ...this.env,
      NATS_URL: this.nats.url,
      DATA_DIR: this.directory,
      QUERY_NODE: id,
      // Callers continue with the same address.
      ...(id === 'event-store' ? { EVENTSTORE_PORT: port } : { EVENTSTORE_URL: this.eventStoreUrl }),
      ...(id === 'gateway' ? { GATEWAY_PORT: port } : {}),
    });
    this.parts.set(id, part);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
