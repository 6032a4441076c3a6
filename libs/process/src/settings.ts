import { isReplyPrefix } from '@cohort/contracts';
import {
  checkEventStoreAddress,
  isHost,
  messageOf,
  parseNatsAddress,
  shownEventStore,
  shownNats,
} from '@cohort/surroundings';
import { plainToInstance, Transform, type ClassConstructor } from 'class-transformer';
import { buildMessage, IsIn, IsInt, IsOptional, IsString, Max, Min, ValidateBy, validateSync } from 'class-validator';
import { StartError } from './start-error';

const ENVIRONMENTS = ['development', 'test', 'production'] as const;
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** The text of a whole number, without blanks, signs of other notations or a fraction. Any other text is no number. */
const exactly = (value: unknown): unknown => (/^-?\d{1,16}$/.test(String(value)) ? Number(value) : NaN);

/** The setting is a port to listen on; 0 selects a free one. */
export const IsPort = (): PropertyDecorator => isNumber(0, 65_535, 'must be a port from 0 to 65535 (0: a free one)');

/** The setting is a port to listen on, or `off`; 0 selects a free one. */
export const IsPortOrOff = (): PropertyDecorator =>
  applyAll(
    Transform(({ value }) => (value === 'off' ? 'off' : exactly(value))),
    ValidateBy({
      name: 'isPortOrOff',
      validator: {
        validate: (value) =>
          value === 'off' || (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535),
        defaultMessage: () => 'must be a port from 0 to 65535 (0: a free one), or off',
      },
    }),
  );

/** The setting is a whole number from `min` to `max`, both included. */
export const IsWhole = (min: number, max: number): PropertyDecorator =>
  isNumber(min, max, `must be a whole number from ${min} to ${max}`);

const isNumber = (min: number, max: number, message: string): PropertyDecorator =>
  applyAll(
    Transform(({ value }) => exactly(value)),
    IsInt({ message }),
    Min(min, { message }),
    Max(max, { message }),
  );

const applyAll =
  (...decorators: readonly PropertyDecorator[]): PropertyDecorator =>
  (target, key) =>
    decorators.forEach((decorate) => decorate(target, key));

/** The setting is an address to listen on: an IP address without brackets, or a host name. */
export const IsListenHost = (): PropertyDecorator =>
  ValidateBy({
    name: 'isListenHost',
    validator: {
      validate: (value) => typeof value === 'string' && isHost(value),
      defaultMessage: buildMessage(() => 'must be an IP address such as 127.0.0.1 or ::1, or a host name'),
    },
  });

/** The setting is an address of servers. It is checked by the code that will use it, whose error is the rule. */
const isAddress = (name: string, check: (text: string) => unknown): PropertyDecorator => {
  const problem = (value: unknown): string | undefined => {
    try {
      check(String(value));
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  };
  return ValidateBy({
    name,
    validator: {
      validate: (value) => problem(value) === undefined,
      defaultMessage: (args) => problem(args?.value) ?? '',
    },
  });
};

/** The setting is a list of prefixes of reply subjects, separated by commas; possibly empty. */
export function IsReplyPrefixes(): PropertyDecorator {
  const rule =
    'must be tokens of reply subjects such as _R_, separated by commas, without wildcards, and none in group or $';
  return ValidateBy({
    name: 'isReplyPrefixes',
    validator: {
      validate: (value) => typeof value === 'string' && listOf(value).every(isReplyPrefix),
      defaultMessage: buildMessage(() => rule),
    },
  });
}

/** The items of a list that is separated by commas. */
export const listOf = (text: string): string[] => (text === '' ? [] : text.split(',').map((item) => item.trim()));

/** The settings of every process, from its environment. An empty value counts as unset. */
export class BaseSettings {
  /** `production` refuses the demo app, its keys, and weak secrets. Other values could be a misspelled `production`. */
  @IsOptional()
  @IsIn(ENVIRONMENTS, {
    message: `must be ${ENVIRONMENTS.slice(0, -1).join(', ')} or ${ENVIRONMENTS.at(-1)}, or unset`,
  })
  NODE_ENV?: (typeof ENVIRONMENTS)[number];

  /** Servers of one NATS cluster, separated by commas. A URL may contain user and password. */
  @isAddress('isNatsUrl', parseNatsAddress)
  NATS_URL = 'nats://127.0.0.1:4222';

  /**
   * Requests are answered on inboxes, and on subjects that begin with one of these tokens. Requests that come from another
   * account of the nats-server, by an import of services, have reply subjects that begin with `_R_`.
   */
  @IsReplyPrefixes()
  NATS_REPLY_PREFIXES = '';

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
  @IsListenHost()
  HEALTH_HOST = '127.0.0.1';

  @IsPort()
  HEALTH_PORT = 0;
}

/** The settings of a process that reads or writes events. */
export class EventStoreSettings extends BaseSettings {
  /** Connection string of the event store. */
  @isAddress('isEventStoreUrl', checkEventStoreAddress)
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
        return `${property} ${rule.replace(`${property} `, '')}${shown(property, env[property])}.`;
      })
      .join('\n'),
  );
}

/** The value for the message, in quotes that show blanks and line ends. */
function shown(name: string, value: string | undefined): string {
  if (!value) return '';
  return `; it is ${JSON.stringify(SHOWN[name]?.(value) ?? value)}`;
}

/** Settings whose value may contain a password. */
const SHOWN: Readonly<Record<string, (value: string) => string>> = {
  NATS_URL: shownNats,
  EVENTSTORE_URL: shownEventStore,
};
