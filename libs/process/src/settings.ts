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

/** A port to listen on: 0 takes a free one. */
export function IsPort(): PropertyDecorator {
  const message = 'must be a port from 0 to 65535 (0: a free one)';
  return (target, key) => {
    for (const decorate of [Type(() => Number), IsInt({ message }), Min(0, { message }), Max(65_535, { message })]) {
      decorate(target, key);
    }
  };
}

/** A whole number within bounds, both included. */
export function IsWhole(min: number, max: number): PropertyDecorator {
  const message = `must be a whole number from ${min} to ${max}`;
  return (target, key) => {
    for (const decorate of [Type(() => Number), IsInt({ message }), Min(min, { message }), Max(max, { message })]) {
      decorate(target, key);
    }
  };
}

/** Every item of a list separated by commas is a URL of one of these schemes. */
export function IsUrls(schemes: readonly string[], says: string): PropertyDecorator {
  const isUrl = (text: string) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1));
  return ValidateBy({
    name: 'isUrls',
    validator: {
      validate: (value) => typeof value === 'string' && value.split(',').every((item) => isUrl(item.trim())),
      defaultMessage: buildMessage(() => says),
    },
  });
}

/** What every process reads from its environment. An empty value counts as none. */
export class BaseSettings {
  @IsOptional()
  @IsString()
  NODE_ENV?: string;

  /** Servers of one NATS cluster, separated by commas; user and password may stand in the URL. */
  @IsUrls(['nats', 'tls'], 'must be one or several URLs nats://host:port, separated by commas')
  NATS_URL = 'nats://127.0.0.1:4222';

  /** JSON file with the apps (tenants); without one there is the demo app. */
  @IsOptional()
  @IsString()
  APPS_FILE?: string;

  @IsIn(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` })
  LOG_LEVEL: (typeof LOG_LEVELS)[number] = 'info';

  /** `json`: one object per line; `pretty`: for people. */
  @IsIn(['json', 'pretty'], { message: 'must be json or pretty' })
  LOG_FORMAT: 'json' | 'pretty' = 'json';

  /** Where health and metrics are served. */
  @IsString()
  HEALTH_HOST = '127.0.0.1';

  @IsPort()
  HEALTH_PORT = 0;
}

/** EventStoreDB's: one node or several, `esdb://[user:password@]host:port,host:port[/][?option=value&...]`. */
const CONNECTION_STRING = /^(esdb|kurrentdb)(\+discover)?:\/\/([^@/?]+@)?[^@/?,\s]+(,[^@/?,\s]+)*\/?(\?\S*)?$/;

/** For processes that read or write events. */
export class EventStoreSettings extends BaseSettings {
  /** Connection string of the event store. */
  @Matches(CONNECTION_STRING, { message: 'must be a connection string such as esdb://127.0.0.1:2113?tls=false' })
  EVENTSTORE_URL = 'esdb://127.0.0.1:2113?tls=false';
}

/**
 * Reads the settings that the class declares from the environment. Throws a `StartError` that names every bad one: what
 * it must be and what it is (credentials in URLs left out).
 */
export function readSettings<T extends object>(type: ClassConstructor<T>, env: NodeJS.ProcessEnv = process.env): T {
  // Declared fields are own properties of an instance, with or without a default.
  const names = Object.keys(new type());
  const given = Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const settings = plainToInstance(type, given);
  const errors = validateSync(settings, { stopAtFirstError: true });
  if (errors.length === 0) return settings;
  throw new StartError(
    errors
      .sort((a, b) => names.indexOf(a.property) - names.indexOf(b.property))
      .map(({ property, constraints }) => {
        const says = Object.values(constraints ?? {})[0] ?? 'is not valid';
        const was = env[property] ? `; it is "${withoutCredentials(env[property])}"` : '';
        return `${property} ${says.replace(`${property} `, '')}${was}.`;
      })
      .join('\n'),
  );
}

const withoutCredentials = (value: string): string => value.replace(/\/\/[^/@]*@/g, '//***@');
