import { BaseSettings, IsPort } from '@cohort/process';
import { IsString } from 'class-validator';

/** The gateway's environment. */
export class GatewaySettings extends BaseSettings {
  /** Where HTTP is served, health and metrics too. The default is loopback, because the dialects speak plain HTTP. */
  @IsString()
  GATEWAY_HOST = '127.0.0.1';

  @IsPort()
  GATEWAY_PORT = 8080;
}
