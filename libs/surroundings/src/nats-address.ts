import {
  AddressError,
  decode,
  nodeText,
  parseNode,
  parseNodes,
  splitScheme,
  splitsAtCredentials,
  unreadable,
  type Credentials,
  type Node,
} from './address';
import { keepCredentials, keepSecret } from './secrets';

/** The servers of one NATS cluster and the login for all of them. */
export interface NatsAddress {
  readonly nodes: readonly Node[];
  readonly tls: boolean;
  readonly login?: Credentials | { readonly token: string };
  /** The address for people, without the login: `nats://host:4222,nats://host2:4222`. */
  readonly shown: string;
}

const DEFAULT_PORT = 4222;
const SCHEMES: readonly string[] = ['nats', 'tls'];
const RULE = 'must be one or several URLs nats://host:port, separated by commas';

/**
 * Reads a setting such as `nats://user:password@host:4222,nats://host2`. One of the servers names the login, or all name the
 * same. `nats://token@host` is a login by a token. Special characters of the login may be percent-encoded. Its secrets are
 * hidden from now on.
 *
 * @throws AddressError the text isn't such an address
 */
export function parseNatsAddress(text: string): NatsAddress {
  // A comma may be a part of a password, but not together with the scheme of the next server.
  const items = text.split(/,(?=\s*[a-z][a-z0-9+.-]*:\/\/)/i).map((item) => item.trim());
  try {
    const servers = items.map(parseServer);
    const logins = new Map(servers.flatMap(({ login }) => (login ? [[JSON.stringify(login), login] as const] : [])));
    if (logins.size > 1) throw new AddressError('has different logins: all servers of a cluster take the same one');
    const nodes = [...new Map(servers.map(({ node }) => [nodeText(node), node])).values()];
    const tls = servers.some(({ scheme }) => scheme === 'tls');
    const shown = nodes.map((node) => `${tls ? 'tls' : 'nats'}://${nodeText(node)}`).join(',');
    const [login] = logins.values();
    if (login) {
      keepSecret(text.trim(), shown);
      items.forEach((item, index) => keepSecret(item, `${servers[index]!.scheme}://${nodeText(servers[index]!.node)}`));
    }
    return { nodes, tls, ...(login ? { login } : {}), shown };
  } catch (error) {
    keepUnreadable(text);
    throw error;
  }
}

function parseServer(item: string): { scheme: string; node: Node; login?: NatsAddress['login'] } {
  const split = splitScheme(item);
  if (!split || !SCHEMES.includes(split.scheme)) throw new AddressError(RULE);
  for (const { login, rest } of splitsAtCredentials(split.rest)) {
    const node = parseNode(rest.replace(/\/$/, ''), DEFAULT_PORT);
    if (node) return { scheme: split.scheme, node, ...(login === undefined ? {} : { login: parseLogin(login) }) };
  }
  throw new AddressError(RULE);
}

function parseLogin(text: string): NonNullable<NatsAddress['login']> {
  const colon = text.indexOf(':');
  if (colon < 0) {
    const token = decode(text);
    if (token === '') throw new AddressError('has an empty login before the @');
    [text, token].forEach((form) => keepSecret(form));
    return { token };
  }
  const [user, password] = [decode(text.slice(0, colon)), decode(text.slice(colon + 1))];
  if (user === '' || password === '') {
    throw new AddressError('needs both in the login: nats://user:password@host:port, or nats://token@host:port');
  }
  keepSecret(text);
  keepSecret(text.slice(colon + 1));
  keepCredentials(user, password);
  return { user, password };
}

/** What a message shows of a setting that was refused: its servers if it has nothing else, else its scheme at most. */
export function shownNats(text: string): string {
  const split = splitScheme(text.trim());
  const nodes = parseNodes((split?.rest ?? text).replace(/\/$/, ''), DEFAULT_PORT);
  return nodes ? text.trim() : unreadable(text);
}

/** Hides the text of an address that can't be read. Nothing in it is known to be harmless. */
export function keepUnreadable(text: string): void {
  const trimmed = text.trim();
  const rest = splitScheme(trimmed)?.rest;
  if (rest || trimmed.includes('@')) keepSecret(trimmed, unreadable(trimmed));
  const at = (rest ?? trimmed).lastIndexOf('@');
  if (at < 0) return;
  const login = (rest ?? trimmed).slice(0, at);
  keepSecret(login);
  keepSecret(login.slice(login.indexOf(':') + 1));
}
