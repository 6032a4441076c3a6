import { plainToInstance, Type, type ClassConstructor } from 'class-transformer';
import {
  buildMessage,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  ValidateBy,
  validateSync,
} from 'class-validator';
import { StartError } from './start-error';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** The setting is a port to listen on; 0 selects a free one. */
export function IsPort(): PropertyDecorator {
  const message = 'must be a port from 0 to 65535 (0: a free one)';
  return (target, key) => {
    for (const decorate of [Type(() => Number), IsInt({ message }), Min(0, { message }), Max(65_535, { message })]) {
      decorate(target, key);
    }
  };
}

/** The setting is a whole number from `min` to `max`, both included. */
export function IsWhole(min: number, max: number): PropertyDecorator {
  const message = `must be a whole number from ${min} to ${max}`;
  return (target, key) => {
    for (const decorate of [Type(() => Number), IsInt({ message }), Min(min, { message }), Max(max, { message })]) {
      decorate(target, key);
    }
  };
}

/** The setting is a list of URLs of these schemes, separated by commas. `rule` completes the error "<SETTING> ...". */
export function IsUrls(schemes: readonly string[], rule: string): PropertyDecorator {
  const isUrl = (text: string) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1));
  return ValidateBy({
    name: 'isUrls',
    validator: {
      validate: (value) => typeof value === 'string' && value.split(',').every((item) => isUrl(item.trim())),
      defaultMessage: buildMessage(() => rule),
    },
  });
}

/** The settings of every process, from its environment. An empty value counts as unset. */
export class BaseSettings {
  @IsOptional()
  @IsString()
  NODE_ENV?: string;

  /** Servers of one NATS cluster, separated by commas. A URL may contain user and password. */
  @IsUrls(['nats', 'tls'], 'must be one or several URLs nats://host:port, separated by commas')
  NATS_URL = 'nats://127.0.0.1:4222';

  /** JSON file that lists the tenants. Without one, the only tenant is the demo app. */
  @IsOptional()
  @IsString()
  APPS_FILE?: string;

  @IsIn(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` })
  LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'info';

  /** `json` writes one object per line; `pretty` is for people. */
  @IsIn(['json', 'pretty'], { message: 'must be json or pretty' })
  LOG_FORMAT: 'json' | 'pretty' = 'json';

  /** Address that serves health and metrics. */
  @IsString()
  HEALTH_HOST = '127.0.0.1';

  @IsPort()
  HEALTH_PORT = 0;
}

/** EventStoreDB's form, for one or several nodes: `esdb://[user:password@]host:port,host:port[/][?option=value&...]`. */
const CONNECTION_STRING = /^(esdb|kurrentdb)(\+discover)?:\/\/([^@/?]+@)?[^@/?,\s]+(,[^@/?,\s]+)*\/?(\?\S*)?$/;

/** The settings of a process that reads or writes events. */
export class EventStoreSettings extends BaseSettings {
  /** Connection string of the event store. */
  @Matches(CONNECTION_STRING, { message: 'must be a connection string such as esdb://127.0.0.1:2113?tls=false' })
  EVENTSTORE_URL = 'esdb://127.0.0.1:2113?tls=false';
}

/**
 * Reads the settings that the class declares from the environment.
 *
 * @throws StartError one line for each bad setting, with its rule and its value (without credentials in URLs)
 */
export function readSettings<T extends object>(type: ClassConstructor<T>, env: NodeJS.ProcessEnv = process.env): T {
  // Every declared field is an own property of an instance, even without a default.
  const names = Object.keys(new type());
  const given = Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const settings = plainToInstance(type, given);
  const errors = validateSync(settings, { stopAtFirstError: true });
  if (errors.length === 0) return settings;
  throw new StartError(
    errors
      .sort((a, b) => names.indexOf(a.property) - names.indexOf(b.property))
      .map(({ property, constraints }) => {
        const rule = Object.values(constraints ?? {})[0] ?? 'is not valid';
        const value = env[property] ? `; it is "${withoutCredentials(env[property])}"` : '';
        return `${property} ${rule.replace(`${property} `, '')}${value}.`;
      })
      .join('\n'),
  );
}

const withoutCredentials = (value: string): string => value.replace(/\/\/[^/@]*@/g, '//***@');
