import { AddressError, decode } from './address';
import { safely } from './texts';

const NODE_PREFERENCES = ['leader', 'follower', 'read_only_replica', 'random'] as const;
type NodePreference = (typeof NODE_PREFERENCES)[number];

/** The options of a connection string. The client's documentation has their meaning and defaults. */
export interface EventStoreOptions {
  readonly tls?: boolean;
  readonly tlsCAFile?: string;
  readonly userCertFile?: string;
  readonly userKeyFile?: string;
  readonly connectionName?: string;
  readonly nodePreference?: NodePreference;
  readonly maxDiscoverAttempts?: number;
  readonly discoveryInterval?: number;
  readonly gossipTimeout?: number;
  readonly defaultDeadline?: number;
  readonly keepAliveInterval?: number;
  readonly keepAliveTimeout?: number;
  readonly throwOnAppendFailure?: boolean;
}

type Reader = (name: string, value: string) => unknown;

const flag: Reader = (name, value) => {
  if (value === 'true' || value === 'false') return value === 'true';
  throw new AddressError(`has an option ${name} that is neither true nor false`);
};

const whole =
  (least: number): Reader =>
  (name, value) => {
    const number = /^-?\d{1,10}$/.test(value) ? Number(value) : NaN;
    if (number >= least && number <= 0x7fffffff) return number;
    throw new AddressError(`has an option ${name} that is no whole number from ${least}`);
  };

const text: Reader = (_name, value) => decode(value);

const flat = (value: string): string => value.trim().toLowerCase().replace(/[_-]/g, '');

const preference: Reader = (name, value) => {
  const known = NODE_PREFERENCES.find((one) => flat(one) === flat(value));
  if (known) return known;
  throw new AddressError(`has an option ${name} that is none of ${NODE_PREFERENCES.join(', ')}`);
};

/** Each option, its reader, and whether a message may show its value. */
const OPTIONS: Readonly<Record<keyof EventStoreOptions, { read: Reader; show: boolean }>> = {
  tls: { read: flag, show: true },
  tlsCAFile: { read: text, show: false },
  userCertFile: { read: text, show: false },
  userKeyFile: { read: text, show: false },
  connectionName: { read: text, show: false },
  nodePreference: { read: preference, show: true },
  maxDiscoverAttempts: { read: whole(1), show: true },
  discoveryInterval: { read: whole(1), show: true },
  gossipTimeout: { read: whole(1), show: true },
  defaultDeadline: { read: whole(1), show: true },
  keepAliveInterval: { read: whole(-1), show: true },
  keepAliveTimeout: { read: whole(-1), show: true },
  throwOnAppendFailure: { read: flag, show: true },
};
/** The client knows it, warns, and ignores it. */
const VERIFY = 'tlsverifycert';
const NAMES = Object.keys(OPTIONS) as (keyof EventStoreOptions)[];
const nameOf = (key: string): keyof EventStoreOptions | undefined => NAMES.find((name) => flat(name) === flat(key));

/** Reads `option=value&...`. Like the client, it ignores case, `_` and `-` in names. */
export function parseOptions(query: string): EventStoreOptions {
  const options: Partial<Record<keyof EventStoreOptions, unknown>> = {};
  for (const [key, value] of pairs(query)) {
    const name = nameOf(key);
    if (flat(key) === VERIFY) {
      if (value === 'true') continue;
      throw new AddressError('has the option tlsVerifyCert, which the client ignores: name the authority by tlsCAFile');
    }
    // The name of an unknown option isn't shown: it may be the second half of a password.
    if (name === undefined || value === '') throw new AddressError(`has an option that is none of ${NAMES.join(', ')}`);
    if (name in options) throw new AddressError(`has the option ${name} twice`);
    options[name] = OPTIONS[name].read(name, value);
  }
  if ((options.userCertFile === undefined) !== (options.userKeyFile === undefined)) {
    throw new AddressError('needs both options or none: userCertFile and userKeyFile');
  }
  return options as EventStoreOptions;
}

/** Whether the text has options of these names only. */
export const knowsOptions = (query: string): boolean =>
  pairs(query).every(([key, value]) => value !== '' && (nameOf(key) !== undefined || flat(key) === VERIFY));

/** Returns `?option=value&...` for people: with values that can't be secrets. */
export function shownOptions(query: string): string {
  const shown = pairs(query).flatMap(([key, value]) => {
    const name = nameOf(key);
    return name === undefined ? [] : [`${name}=${isHarmless(name, value) ? value : '***'}`];
  });
  return shown.length === 0 ? '' : `?${shown.join('&')}`;
}

const isHarmless = (name: keyof EventStoreOptions, value: string): boolean =>
  OPTIONS[name].show && safely(() => OPTIONS[name].read(name, value) !== undefined, false);

const pairs = (query: string): readonly (readonly [key: string, value: string])[] =>
  query === ''
    ? []
    : query.split('&').map((pair) => {
        const equals = pair.indexOf('=');
        return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1).trim()];
      });
