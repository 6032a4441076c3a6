import {
  AddressError,
  decode,
  nodeText,
  parseNodes,
  splitScheme,
  splitsAtCredentials,
  unreadable,
  type Credentials,
  type Node,
} from './address';
import { knowsOptions, parseOptions, shownOptions, type EventStoreOptions } from './event-store-options';
import { keepUnreadable } from './nats-address';
import { keepCredentials, keepSecret } from './secrets';

/** An EventStoreDB: one server, the servers of a cluster, or the name under which a cluster is found. */
export interface EventStoreAddress {
  readonly nodes: readonly Node[];
  /** The scheme is `esdb+discover`: the only host may be a DNS name of all servers of a cluster. */
  readonly byName: boolean;
  readonly tls: boolean;
  readonly credentials?: Credentials;
  readonly options: EventStoreOptions;
  /** The address for people, without credentials: `esdb://host:2113?tls=false`. */
  readonly shown: string;
}

const DEFAULT_PORT = 2113;
const RULE = 'must be a connection string such as esdb://127.0.0.1:2113?tls=false';

/**
 * Reads a connection string: `esdb[+discover]://[user:password@]host:port,host:port[/][?option=value&...]`. Its secrets are
 * hidden from now on. The client's own parser isn't used: it drops a part of some passwords, knows no IPv6 addresses, and
 * prints the whole text together with its warnings.
 *
 * @throws AddressError the text isn't such a connection string
 */
export function parseEventStoreAddress(text: string): EventStoreAddress {
  try {
    return parse(text.trim());
  } catch (error) {
    keepUnreadable(text);
    throw error;
  }
}

function parse(text: string): EventStoreAddress {
  const split = splitScheme(text);
  if (!split) throw new AddressError(RULE);
  const { scheme, rest } = split;
  const [, renamed] = /^(?:kurrentdb|kurrent|kdb)(\+discover)?$/.exec(scheme) ?? [];
  if (/^(?:kurrentdb|kurrent|kdb)/.test(scheme)) {
    throw new AddressError(
      `must begin with esdb${renamed ?? ''}:// instead, which a KurrentDB server understands as well`,
    );
  }
  if (scheme !== 'esdb' && scheme !== 'esdb+discover') throw new AddressError(RULE);
  const { login, nodes, query } = partsOf(rest);
  const options = parseOptions(query);
  const credentials = login === undefined ? undefined : parseCredentials(login);
  const shown = `${scheme}://${nodes.map(nodeText).join(',')}${shownOptions(query)}`;
  if (credentials) keepSecret(text, shown);
  return {
    nodes,
    byName: scheme === 'esdb+discover',
    tls: options.tls ?? true,
    ...(credentials ? { credentials } : {}),
    options,
    shown,
  };
}

interface Parts {
  readonly login: string | undefined;
  readonly nodes: readonly Node[];
  readonly query: string;
}

function partsOf(rest: string): Parts {
  const ways: Parts[] = [];
  for (const { login, rest: after } of splitsAtCredentials(rest)) {
    const [, hosts, query = ''] = /^([^/?#]*)\/?(?:\?([^]*))?$/.exec(after) ?? [];
    const nodes = hosts === undefined ? undefined : parseNodes(hosts, DEFAULT_PORT);
    if (nodes) ways.push({ login, nodes, query });
  }
  const sound = ways.filter(({ login, query }) => (login === undefined || login.includes(':')) && knowsOptions(query));
  // `esdb://a:b@host?connectionName=x@y` can be read in two ways, of which one sends the password to the host `y`.
  if (sound.length > 1) throw new AddressError('can be read in two ways: write each @ but that before the host as %40');
  const way = sound[0] ?? (ways.length === 1 ? ways[0] : undefined);
  if (!way) throw new AddressError(RULE);
  return way;
}

function parseCredentials(login: string): Credentials {
  const colon = login.indexOf(':');
  const [user, password] = colon < 0 ? ['', ''] : [decode(login.slice(0, colon)), decode(login.slice(colon + 1))];
  if (user === '' || password === '') throw new AddressError('needs user and password: esdb://user:password@host:port');
  keepSecret(login);
  keepSecret(login.slice(colon + 1));
  keepCredentials(user, password);
  return { user, password };
}

/** What a message shows of a setting that was refused: its servers if it has nothing else, else its scheme at most. */
export function shownEventStore(text: string): string {
  const rest = splitScheme(text.trim())?.rest ?? text.trim();
  const [hosts, ...more] = rest.split(/\/?\?/);
  const [option] = more;
  const harmless = more.length === 0 || (more.length === 1 && option === shownOptions(option!).slice(1));
  return harmless && parseNodes(hosts!.replace(/\/$/, ''), DEFAULT_PORT) ? text.trim() : unreadable(text);
}
