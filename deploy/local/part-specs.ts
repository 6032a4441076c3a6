import { parseNatsAddress } from '@cohort/surroundings';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DataDir } from './data-dir';
import { endedWithLauncher, whenNatsAnswers, writeNatsConfig } from './nats-server';
import { whenReadyMessage, type Addresses, type PartSpec } from './part';
import { LOOPBACK, type LaunchPlan } from './settings';

const DIST = resolve(__dirname, '../..');

/** The parts, in the order in which they are stopped: a part stops before those it needs. */
export const PARTS = ['gateway', 'command', 'worker', 'query', 'nats', 'event-store'] as const;
export type PartName = (typeof PARTS)[number];
export type ServiceName = 'gateway' | 'command' | 'worker' | 'query';

/** The addresses of the servers, as the services get them. */
export interface ServerUrls {
  readonly EVENTSTORE_URL: string;
  readonly NATS_URL: string;
}

/** How each part is started. */
export class PartSpecs {
  /** @param natsServer Path of the program. Not needed if `NATS_URL` names a running server. */
  constructor(
    private readonly plan: LaunchPlan,
    private readonly dataDir: DataDir,
    private readonly natsServer: string | undefined,
  ) {}

  eventStore(before: Addresses): PartSpec {
    const port = portAgain(before, this.plan.settings.EVENTSTORE_PORT);
    const env = { EVENTSTORE_PORT: port, EVENTSTORE_HOST: LOOPBACK };
    return { ...this.node('libs/embedded-event-store/src/main.js', env), needed: true };
  }

  nats(before: Addresses): PartSpec {
    const folder = this.dataDir.folder('nats');
    const config = writeNatsConfig(folder);
    const port = Number(portAgain(before, this.plan.settings.NATS_PORT));
    const chatty = ['debug', 'trace'].includes(this.plan.settings.LOG_LEVEL);
    return {
      ...endedWithLauncher(this.natsServer ?? 'nats-server', ['-c', config, '--port', String(port === 0 ? -1 : port)]),
      env: process.env,
      ours: false,
      needed: true,
      keep: (line) => chatty || !line.includes('[INF]'),
      whenReady: async (child, signal) => {
        const url = await whenNatsAnswers(folder, child.pid!, port, signal);
        return { url, port: parseNatsAddress(url).nodes[0]?.port };
      },
    };
  }

  service(name: ServiceName, servers: ServerUrls, before: Addresses): PartSpec {
    return this.node(`apps/${name}/src/main.js`, {
      ...servers,
      ...(name === 'gateway' ? this.gatewayPorts(before) : {}),
    });
  }

  private gatewayPorts(before: Addresses): NodeJS.ProcessEnv {
    const { GATEWAY_PORT, WILDFIRECHAT_PORT } = this.plan.settings;
    const own = before.dialects?.find(({ url }) => url !== undefined)?.url;
    return {
      GATEWAY_PORT: portAgain(before, GATEWAY_PORT),
      WILDFIRECHAT_PORT: own === undefined ? String(WILDFIRECHAT_PORT) : new URL(own).port,
    };
  }

  private node(script: string, env: NodeJS.ProcessEnv): PartSpec {
    const { LOG_FORMAT } = this.plan.settings;
    const file = join(DIST, script);
    if (!existsSync(file)) throw new Error(`The build has no ${file}.`);
    return {
      command: process.execPath,
      args: ['--enable-source-maps', file],
      env: { ...process.env, ...env, DATA_DIR: this.dataDir.path, LOG_FORMAT, HEALTH_PORT: '0' },
      ours: true,
      needed: false,
      keep: () => true,
      whenReady: whenReadyMessage,
    };
  }
}

/** Returns the port to start on. A restarted part keeps its port, so that others find it again. */
const portAgain = ({ port }: Addresses, setting: number): string => String(port ?? setting);
