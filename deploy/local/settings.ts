import { EventStoreSettings, IsPort, readSettings } from '@cohort/process';
import { IsString } from 'class-validator';

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

  @IsString()
  GATEWAY_HOST = '127.0.0.1';
}

/** The settings. `natsUrl` and `eventStoreUrl` are set for servers that run already, and undefined for those to start. */
export interface LaunchPlan {
  readonly settings: LauncherSettings;
  readonly natsUrl: string | undefined;
  readonly eventStoreUrl: string | undefined;
}

/**
 * Reads the settings from the environment.
 *
 * @throws StartError every bad setting by name
 */
export function planLaunch(env: NodeJS.ProcessEnv): LaunchPlan {
  const settings = readSettings(LauncherSettings, env);
  return {
    settings,
    natsUrl: env.NATS_URL ? settings.NATS_URL : undefined,
    eventStoreUrl: env.EVENTSTORE_URL ? settings.EVENTSTORE_URL : undefined,
  };
}
