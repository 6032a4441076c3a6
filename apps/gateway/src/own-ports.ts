import { closeHttp, listenHttp, type Address, type Serving } from '@cohort/process';
import type { Server } from 'node:http';

/** The address at which one dialect is served alone, beside that of the gateway. */
export interface OwnPort {
  /** The key of the dialect. */
  readonly key: string;
  readonly address: Address;
}

/** The servers of dialects with a port of their own. */
export class OwnPorts implements Serving {
  private constructor(
    private readonly servers: ReadonlyMap<string, { readonly server: Server; readonly url: string }>,
  ) {}

  /**
   * Listens at the ports.
   *
   * @throws StartError a port can't be used; none of the others stays open
   */
  static async open(ports: readonly OwnPort[], serverOf: (key: string) => Server): Promise<OwnPorts> {
    const servers = new Map<string, { readonly server: Server; readonly url: string }>();
    const opened = new OwnPorts(servers);
    try {
      for (const { key, address } of ports) {
        const server = serverOf(key);
        const { url } = await listenHttp(server, address);
        servers.set(key, { server, url });
      }
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }

  /** Where the dialect is served alone. */
  urlOf(key: string): string | undefined {
    return this.servers.get(key)?.url;
  }

  async close(): Promise<void> {
    await Promise.all([...this.servers.values()].map(({ server }) => closeHttp(server)));
  }
}
