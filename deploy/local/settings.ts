import { EventStoreSettings, IsPort, readSettings } from '@cohort/process';
import { IsString } from 'class-validator';

/** What `npm start` reads from its environment; it hands all of it on to what it starts. */
export class LauncherSettings extends EventStoreSettings {
  override LOG_FORMAT: 'json' | 'pretty' = 'pretty';

  /** Where everything is kept: events, the broker's streams, the read model. */
  @IsString()
  DATA_DIR = './data';

  /** The port of the nats-server that it starts, when `NATS_URL` names none. */
  @IsPort()
  NATS_PORT = 4222;

  /** The port of the event store that it starts, when `EVENTSTORE_URL` names none. */
  @IsPort()
  EVENTSTORE_PORT = 2113;

  @IsPort()
  GATEWAY_PORT = 8080;

  @IsString()
  GATEWAY_HOST = '127.0.0.1';
}

/** The settings, and which servers are given rather than started here. */
export interface LaunchPlan {
  readonly settings: LauncherSettings;
  readonly natsUrl: string | undefined;
  readonly eventStoreUrl: string | undefined;
}

/** Throws a `StartError` that names every bad setting. */
export function planLaunch(env: NodeJS.ProcessEnv): LaunchPlan {
  const settings = readSettings(LauncherSettings, env);
  return {
    settings,
    natsUrl: env.NATS_URL ? settings.NATS_URL : undefined,
    eventStoreUrl: env.EVENTSTORE_URL ? settings.EVENTSTORE_URL : undefined,
  };
}
