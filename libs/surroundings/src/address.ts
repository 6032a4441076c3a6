import { isIPv4, isIPv6 } from 'node:net';

/** A setting that isn't a usable address. The message completes "<SETTING> ..." and contains no part of the value. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/** One server. An IPv6 address has no brackets here. */
export interface Node {
  readonly host: string;
  readonly port: number;
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

const LARGEST_PORT = 65_535;
const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9_.])?$/;

/** Whether the text is an IP address, without brackets, or a well-formed host name. */
export const isHost = (text: string): boolean => isIPv6(text) || HOST_NAME.test(text);

/** Returns `host:port`, with brackets around an IPv6 address. */
export const nodeText = ({ host, port }: Node): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Whether the host is this machine, reached without a network. */
export const isLoopback = (host: string): boolean =>
  /^(.+\.)?localhost\.?$/i.test(host) ||
  host === '::1' ||
  (isIPv4(host) && host.startsWith('127.')) ||
  /^::ffff:127\./i.test(host);

/** Reads `host[:port]`. Returns undefined if the text isn't exactly that. */
export function parseNode(text: string, defaultPort: number): Node | undefined {
  const [, bracketed, name, digits] = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? name;
  if (host === undefined || (bracketed === undefined ? !HOST_NAME.test(host) : !isIPv6(host))) return undefined;
  const port = digits === undefined ? defaultPort : Number(digits);
  return port >= 1 && port <= LARGEST_PORT ? { host, port } : undefined;
}

/** Reads `host[:port],host[:port],...`, each server once. Returns undefined if the text isn't exactly that. */
export function parseNodes(text: string, defaultPort: number): readonly Node[] | undefined {
  const nodes = new Map<string, Node>();
  for (const item of text.split(',')) {
    const node = parseNode(item.trim(), defaultPort);
    if (!node) return undefined;
    nodes.set(nodeText(node), node);
  }
  return [...nodes.values()];
}

/** Splits `scheme://rest`. The scheme is lower-case. */
export function splitScheme(text: string): { scheme: string; rest: string } | undefined {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):\/\/([^]*)$/i.exec(text) ?? [];
  return scheme === undefined || rest === undefined ? undefined : { scheme: scheme.toLowerCase(), rest };
}

/**
 * Yields each way to split `[credentials@]rest`. A password may contain `@`, `/` and `?`, so only the rest shows which `@` ends
 * the credentials.
 */
export function* splitsAtCredentials(text: string): Generator<{ login?: string; rest: string }> {
  yield { rest: text };
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    yield { login: text.slice(0, at), rest: text.slice(at + 1) };
  }
}

/** Decodes `%40` and the like. Refuses a percent sign that begins no code: a decoder would throw, or guess. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AddressError('has a percent sign that begins no code such as %40: write it as %25');
  }
}

/** What a message shows of a value that can't be read: its scheme at most. */
export function unreadable(text: string): string {
  const split = splitScheme(text.trim());
  return split ? `${split.scheme}://***` : '***';
}
