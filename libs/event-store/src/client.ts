import { EventStoreDBClient, type ChannelCredentialOptions } from '@eventstore/db-client';
import { keepLoopbackOffProxies, nodeText, readTlsFiles, type EventStoreAddress } from '@cohort/surroundings';

/** The client's default, in milliseconds. */
const KEEP_ALIVE_MS = 10_000;
const KEEP_ALIVE_TIMEOUT_MS = 5_000;
/** Keep-alive is off in fact: once in weeks. The client has a value for "off", but each connection needs its own value. */
const HARDLY_EVER_MS = 2_000_000_000;

let generation = 0;

/**
 * Creates a client. Its options are unique: gRPC shares TCP connections, even dead ones, among channels with equal options.
 * A keep-alive interval that differs by milliseconds gives each client its own.
 */
export function createClient(address: EventStoreAddress): EventStoreDBClient {
  const { nodes, byName, credentials } = address;
  keepLoopbackOffProxies(nodes.map(({ host }) => host));
  const channel = channelOf(address);
  const login = credentials && { username: credentials.user, password: credentials.password };
  const more = settingsOf(address);
  const endpoints = nodes.map((node) => {
    const { port } = node;
    // gRPC takes `address:port` as one text.
    return { address: nodeText(node).slice(0, -`:${port}`.length), port };
  });
  const [endpoint] = endpoints;
  if (endpoints.length > 1) return new EventStoreDBClient({ ...more, endpoints }, channel, login);
  return byName
    ? new EventStoreDBClient({ ...more, discover: endpoint! }, channel, login)
    : new EventStoreDBClient({ ...more, endpoint: endpoint! }, channel, login);
}

function channelOf(address: EventStoreAddress): ChannelCredentialOptions {
  if (!address.tls) return { insecure: true };
  const { authority, certificate, key } = readTlsFiles(address);
  return {
    insecure: false,
    ...(authority && { rootCertificate: authority }),
    ...(certificate && key && { userCertFile: certificate, userKeyFile: key }),
  };
}

function settingsOf({ options }: EventStoreAddress) {
  const { tls: _tls, tlsCAFile: _ca, userCertFile: _certificate, userKeyFile: _key, ...settings } = options;
  const { keepAliveInterval: interval = KEEP_ALIVE_MS, keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS } = settings;
  generation += 1;
  const own = interval < 0 ? HARDLY_EVER_MS : interval;
  return { ...settings, keepAliveInterval: own + (generation % 1_000), keepAliveTimeout };
}
