import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ensureBuild } from '../../../deploy/local/bootstrap.cjs';
import { useEventStore, type UsedEventStore } from '../event-store';
import { useNats, type UsedNats } from '../nats-server';
import { EVENTSTORE_URL, NATS_URL } from '../servers';
import { startApps, type Apps, type Part } from '../stack';
import { Tenants, type TenantKind } from './tenants';

/** Where the parts of a shared service are. */
export interface Addresses {
  readonly natsUrl: string;
  readonly eventStoreUrl: string;
  readonly commands: readonly Address[];
  readonly queries: readonly Address[];
  readonly worker: Address;
  readonly gateway: Address;
}
type Address = Pick<Part, 'pid' | 'url' | 'healthUrl'>;

/** A shared service, and the servers that it runs on. */
interface Service extends Apps {
  readonly nats: UsedNats;
  readonly eventStore: UsedEventStore;
}

/** What the host does for specs, by the last part of the URL. */
type Requests = Readonly<Record<string, (body: { worker: string; kind: TenantKind }) => unknown>>;

/**
 * Lives in Jest's own process for a whole run: builds, starts a service for each Jest worker whose specs ask for one, and
 * hands out the tenants of these services. A run whose specs ask for nothing costs nothing.
 */
export class Host {
  private built: Promise<void> | undefined;
  private readonly tenants = new Tenants();
  private readonly services = new Map<string, Promise<Service>>();
  private readonly requests: Requests = {
    build: () => this.build(),
    service: ({ worker }) => this.service(worker),
    tenant: ({ kind }) => this.tenants.take(kind),
  };
  private readonly server = createServer((request, response) => {
    // A connection that stays open may end just when the next request is sent on it.
    response.setHeader('Connection', 'close');
    void this.answer(request).then((answer) => response.end(JSON.stringify(answer)));
  });

  static async start(): Promise<Host> {
    const host = new Host();
    host.server.listen(0, '127.0.0.1');
    await once(host.server, 'listening');
    return host;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Stops all services; throws when one of their processes ended before, or did not stop in order. */
  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    const started = await Promise.allSettled(this.services.values());
    const services = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const faults = (await Promise.all(services.map(stopService))).flat();
    if (faults.length > 0) throw new Error(`A shared service had faults.\n${faults.join('\n')}`);
  }

  private async answer(request: IncomingMessage): Promise<{ value?: unknown; error?: string }> {
    try {
      const answer = this.requests[request.url!.slice(1)];
      if (!answer) throw new Error(`The test host doesn't know ${request.url}.`);
      return { value: await answer(JSON.parse(await text(request)) as never) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  private build(): Promise<void> {
    return (this.built ??= ensureBuild());
  }

  private async service(worker: string): Promise<Addresses> {
    // Two services on one server would answer each other's requests.
    const key = NATS_URL === undefined && EVENTSTORE_URL === undefined ? worker : 'all workers';
    let starting = this.services.get(key);
    if (!starting) {
      starting = startService(this.tenants.all);
      this.services.set(key, starting);
    }
    const service = await starting;
    const [fault] = service.faults();
    if (fault !== undefined) throw new Error(`The shared service is no longer whole: ${fault}`);
    return {
      natsUrl: service.nats.url,
      eventStoreUrl: service.eventStore.url,
      commands: service.commands.map(addressOf),
      queries: service.queries.map(addressOf),
      worker: addressOf(service.worker),
      gateway: addressOf(service.gateway),
    };
  }
}

async function startService(tenants: readonly object[]): Promise<Service> {
  const nats = await useNats();
  let eventStore: Service['eventStore'] | undefined;
  try {
    eventStore = await useEventStore();
    // A busy node has more time than usual for the position that a query waits for.
    const env = { QUERY_AFTER_TIMEOUT_MS: '8000' };
    const apps = await startApps(nats, eventStore, { commandNodes: 2, queryNodes: 2, apps: tenants, env });
    return { ...apps, nats, eventStore };
  } catch (error) {
    await eventStore?.stop();
    await nats.stop();
    throw error;
  }
}

async function stopService(service: Service): Promise<string[]> {
  const faults = await service.stop();
  await service.eventStore.stop();
  await service.nats.stop();
  return faults;
}

const addressOf = ({ pid, url, healthUrl }: Part): Address => ({ pid, url, healthUrl });
