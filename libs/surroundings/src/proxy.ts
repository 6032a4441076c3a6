import { isIPv4 } from 'node:net';
import { isLoopback } from './address';

/** As `grpc-js` reads them, which ignores names in capitals. The first that is set counts. */
const PROXIES = ['grpc_proxy', 'https_proxy', 'http_proxy'] as const;
const LOOPBACK = ['localhost', '127.0.0.0/8'] as const;

/**
 * Keeps gRPC to this machine off any proxy, in this process. gRPC reads `http_proxy` and sends even loopback through it. Its
 * own list of exceptions is `no_grpc_proxy`, else `no_proxy`. It compares ends of names and knows neither blanks nor `*`, so
 * the list is completed, and written in its form.
 */
export function keepLoopbackOffProxies(hosts: readonly string[], env: NodeJS.ProcessEnv = process.env): void {
  const list = exceptions(env);
  // To gRPC, every name ends with an empty one.
  if (list.includes('*')) env.no_grpc_proxy = ',';
  else env.no_grpc_proxy = [...new Set([...list, ...LOOPBACK, ...hosts.filter(isLoopback)])].join(',');
}

/** Returns the setting of the proxy through which gRPC reaches a host; undefined without one. */
export function proxyFor(host: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const setting = PROXIES.find((name) => env[name]);
  if (setting === undefined || isLoopback(host)) return undefined;
  const except = exceptions(env).some(
    (entry) => entry === '*' || host.endsWith(entry) || (isIPv4(host) && isInRange(host, entry)),
  );
  return except ? undefined : setting;
}

const exceptions = (env: NodeJS.ProcessEnv): readonly string[] =>
  (env.no_grpc_proxy === ',' ? '*' : (env.no_grpc_proxy ?? [env.no_proxy, env.NO_PROXY].filter(Boolean).join(',')))
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

function isInRange(host: string, range: string): boolean {
  const [, base, bits] = /^([\d.]+)\/(\d{1,2})$/.exec(range) ?? [];
  if (base === undefined || !isIPv4(base)) return false;
  const shift = 2 ** (32 - Number(bits));
  return Math.floor(number(host) / shift) === Math.floor(number(base) / shift);
}

const number = (ip: string): number => ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
