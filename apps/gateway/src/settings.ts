import { BaseSettings, IsListenHost, IsPort, IsPortOrOff, IsWhole } from '@cohort/process';
import { IsOptional, IsUrl, ValidateBy } from 'class-validator';
import { BODIES_MAX_BYTES } from './dialect/body-bytes';
import { originsOf } from './dialect/cors';

const MIB = 1024 * 1024;

const IsOrigins = (): PropertyDecorator =>
  ValidateBy({
    name: 'isOrigins',
    validator: {
      validate: (value) => typeof value === 'string' && originsOf(value) !== undefined,
      defaultMessage: () => 'must be *, off, or origins such as https://shop.example, separated by commas',
    },
  });

/** The gateway's environment. */
export class GatewaySettings extends BaseSettings {
  /** Where HTTP is served. The default is loopback, because the dialects speak plain HTTP. */
  @IsListenHost()
  GATEWAY_HOST = '127.0.0.1';

  @IsPort()
  GATEWAY_PORT = 8080;

  /** Port at `GATEWAY_HOST` that serves WildfireChat's API alone, beside `GATEWAY_PORT`. `off`: none. Its SDKs expect 18080. */
  @IsPortOrOff()
  WILDFIRECHAT_PORT: number | 'off' = 18_080;

  /** Port at `HEALTH_HOST` for health and metrics. If it is unset, they are served at the address of HTTP. */
  @IsOptional()
  @IsPort()
  GATEWAY_HEALTH_PORT?: number;

  /** Connections that are open together. A further one is closed. */
  @IsWhole(1, 1_000_000)
  GATEWAY_MAX_CONNECTIONS = 5_000;

  /** Bytes of all bodies that are in memory together. A tenant's may take half of them. The least holds one large body. */
  @IsWhole(32 * MIB, 2 ** 40)
  GATEWAY_BODIES_MAX_BYTES = BODIES_MAX_BYTES;

  /** Bytes of the largest file that may be uploaded. A tenant may have a smaller limit. */
  @IsWhole(1, MIB * 1024)
  UPLOAD_MAX_BYTES = 10 * MIB;

  /** Bytes of the nats-server's disk that the files of one tenant take. Beyond them, an upload is refused. */
  @IsWhole(MIB, Number.MAX_SAFE_INTEGER)
  FILES_MAX_BYTES = 1024 * MIB;

  /** Servers of the NATS cluster that hold the files of a tenant; applied when its first file is stored. */
  @IsWhole(1, 5)
  FILES_REPLICAS = 1;

  /** Where callers reach the gateway, such as `https://im.example.com`, for answers that contain it. */
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_tld: false, require_protocol: true })
  PUBLIC_URL?: string;

  /** Sites whose pages may call the dialects that work with tokens: `*` for all, `off` for none, or a list of origins. */
  @IsOrigins()
  CORS_ORIGINS = '*';
}
