import { EventStoreSettings, IsListenHost, IsPort, IsPortOrOff, readSettings, StartError } from '@cohort/process';
import {
  parseEventStoreAddress,
  parseNatsAddress,
  type EventStoreAddress,
  type NatsAddress,
} from '@cohort/surroundings';
import { IsString } from 'class-validator';

/** The address of all servers that `npm start` runs. */
export const LOOPBACK = '127.0.0.1';

/** The settings of `npm start`, from its environment. It passes its environment to all processes that it starts. */
export class LauncherSettings extends EventStoreSettings {
  override LOG_FORMAT: 'json' | 'pretty' = 'pretty';

  /** Directory of the events, the broker's streams and the read model. */
  @IsString()
  DATA_DIR = './data';

  /** Port of the nats-server that `npm start` runs if `NATS_URL` is unset. */
  @IsPort()
  NATS_PORT = 4222;

  /** Port of the event store that `npm start` runs if `EVENTSTORE_URL` is unset. */
  @IsPort()
  EVENTSTORE_PORT = 2113;

  @IsPort()
  GATEWAY_PORT = 8080;

  /** Port that serves WildfireChat's API alone. */
  @IsPortOrOff()
  WILDFIRECHAT_PORT: number | 'off' = 18_080;

  @IsListenHost()
  GATEWAY_HOST = '127.0.0.1';
}

/** The settings. `nats` and `eventStore` are set for servers that run already, and undefined for those to start. */
export interface LaunchPlan {
  readonly settings: LauncherSettings;
  readonly nats: NatsAddress | undefined;
  readonly eventStore: EventStoreAddress | undefined;
}

/**
 * Reads the settings from the environment.
 *
 * @throws StartError every bad setting by name
 */
export function planLaunch(env: NodeJS.ProcessEnv): LaunchPlan {
  const settings = readSettings(LauncherSettings, env);
  const nats = env.NATS_URL ? parseNatsAddress(settings.NATS_URL) : undefined;
  const eventStore = env.EVENTSTORE_URL ? parseEventStoreAddress(settings.EVENTSTORE_URL) : undefined;
  refuseSamePorts({
    GATEWAY_PORT: settings.GATEWAY_PORT,
    ...(settings.WILDFIRECHAT_PORT === 'off' ? {} : { WILDFIRECHAT_PORT: settings.WILDFIRECHAT_PORT }),
    ...(nats ? {} : { NATS_PORT: settings.NATS_PORT }),
    ...(eventStore ? {} : { EVENTSTORE_PORT: settings.EVENTSTORE_PORT }),
  });
  return { settings, nats, eventStore };
}

function refuseSamePorts(ports: Readonly<Record<string, number>>): void {
  const taken = new Map<number, string>();
  for (const [name, port] of Object.entries(ports)) {
    const other = taken.get(port);
    if (other !== undefined) throw new StartError(`${other} and ${name} are both ${port}. Set one to another port.`);
    if (port !== 0) taken.set(port, name);
  }
}
