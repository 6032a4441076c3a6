import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import {
  Server,
  ServerCredentials,
  status,
  type ServiceDefinition,
  type UntypedServiceImplementation,
  type sendUnaryData,
} from '@grpc/grpc-js';
import type { Credentials } from './authentication';
import { StoreStartError, openDirectory } from './lock';
import { EventLog } from './log';
import { Reader } from './reader';
import { Scavenger } from './scavenger';
import { StreamsServer } from './service';
import { Signals } from './signals';
import { StatusError } from './status';
import {
  GossipService,
  ServerFeaturesService,
  streamsService,
  clusterInfo,
  supportedMethods,
  unsupportedServices,
  type ClusterInfo,
  type SupportedMethods,
} from './wire';
import { Writer } from './writer';

export interface EmbeddedEventStoreOptions {
  /** Directory of the events, created if missing. Required unless `memory` is set. */
  directory?: string;
  /** Keeps the events in memory only, for tests. */
  memory?: boolean;
  /** 0, the default, selects a free port. */
  port?: number;
  /** The address to listen on, by default 127.0.0.1. An address that isn't loopback requires `user` and `password`. */
  host?: string;
  /** With `password`: Basic credentials that every call must carry, except ServerFeatures and Gossip. */
  user?: string;
  password?: string;
  /** PEM texts that enable TLS. The Node client sends credentials only over TLS. */
  tls?: { certificate: string; key: string };
  /**
   * A live subscriber for which there are more events than this at once is dropped with ABORTED "Consumer too slow", as by a
   * real server, whose buffer has 32. By default no subscriber is dropped.
   */
  liveBuffer?: number;
  /** Receives errors of the store itself, such as a full disk. By default they go to stderr. */
  log?: (message: string, error: unknown) => void;
}

export interface EmbeddedEventStore {
  /** For EventStoreDBClient.connectionString. */
  connectionString: string;
  port: number;
  /** Answers the received calls, ends subscriptions, closes the file. Repeated calls return the same promise. */
  stop(): Promise<void>;
}

const DEFAULT_HOST = '127.0.0.1';
/** The limit of a real server: an event may be this large, although an append over gRPC may not. */
const MAX_MESSAGE_BYTES = 17 * 1024 * 1024;
const STOP_GRACE_MS = 1000;

/**
 * Starts a single-node event store that speaks EventStoreDB's gRPC protocol.
 *
 * @throws StoreStartError port in use, directory in use or not writable, full disk, damaged file, or no password for a
 *   public host
 */
export const startEmbeddedEventStore = async (options: EmbeddedEventStoreOptions): Promise<EmbeddedEventStore> => {
  const host = options.host ?? DEFAULT_HOST;
  const credentials = credentialsOf(options, host);
  const log = openLog(options);
  const report = options.log ?? limited(reportToStderr);
  const reportFault = (error: unknown) => report('The event store failed to answer a call.', error);

  const signals = new Signals();
  const writer = new Writer(log, signals);
  const streams = new StreamsServer(writer, new Reader(log, signals, options.liveBuffer), credentials, reportFault);
  const scavenger = new Scavenger(log, (error) => report('The event store failed to erase old events.', error));
  const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES });
  const instanceId = randomUUID();
  let port = 0;

  server.addService(streamsService, streams.handlers);
  server.addService(GossipService, {
    read: (_call: unknown, reply: sendUnaryData<ClusterInfo>) => reply(null, clusterInfo(instanceId, host, port)),
  });
  server.addService(ServerFeaturesService, {
    getSupportedMethods: (_call: unknown, reply: sendUnaryData<SupportedMethods>) => reply(null, supportedMethods()),
  });
  for (const { service, what } of unsupportedServices) server.addService(service, refusing(service, what));

  try {
    port = await listen(server, host, options);
  } catch (error) {
    log.close();
    throw error;
  }
  scavenger.start();

  const stop = async () => {
    scavenger.stop();
    writer.flush();
    streams.endAll();
    await closeServer(server);
    writer.flush();
    log.close();
  };
  let stopping: Promise<void> | undefined;
  return { connectionString: connectionString(options, host, port), port, stop: () => (stopping ??= stop()) };
};

const REPORTED_PER_MINUTE = 10;
const MINUTE_MS = 60_000;

/**
 * Limits reports that repeat: on a full disk, each write fails in the same way. Within a minute, the first reports of a
 * failure are made; the first one after it has the number of those that were held.
 */
const limited = (report: NonNullable<EmbeddedEventStoreOptions['log']>): typeof report => {
  const known = new Map<string, { until: number; count: number }>();
  return (message, error) => {
    const { name, code } = (error ?? {}) as { name?: unknown; code?: unknown };
    const kind = `${message} ${String(name)} ${String(code)}`;
    const now = performance.now();
    const before = known.get(kind);
    if (before && now < before.until) {
      before.count += 1;
      if (before.count <= REPORTED_PER_MINUTE) report(message, error);
      return;
    }
    for (const [other, { until }] of known) if (now >= until) known.delete(other);
    known.set(kind, { until: now + MINUTE_MS, count: 1 });
    const held = (before?.count ?? 0) - REPORTED_PER_MINUTE;
    report(held > 0 ? `${message} (held in the last minute: ${held} such reports)` : message, error);
  };
};

/** Prints an error of SQLite as one line, and any other error with its stack. */
const reportToStderr = (message: string, error: unknown): void => {
  const ofDisk = error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_');
  console.error(message, ofDisk ? error.message : error);
};

const bracketed = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

const credentialsOf = ({ user, password }: EmbeddedEventStoreOptions, host: string): Credentials | undefined => {
  if (user && password) return { user, password };
  if (user || password) throw new StoreStartError('EVENTSTORE_USER and EVENTSTORE_PASSWORD must be given together.');
  if (!isLoopback(host))
    throw new StoreStartError(
      `Other machines can reach EVENTSTORE_HOST ${host}: set EVENTSTORE_USER and EVENTSTORE_PASSWORD as well.`,
    );
  return undefined;
};

const openLog = ({ directory, memory }: EmbeddedEventStoreOptions): EventLog => {
  if ((directory === undefined) === !memory)
    throw new StoreStartError('The event store needs either a directory or memory: true.');
  return directory === undefined ? EventLog.open(':memory:') : openDirectory(directory);
};

const listen = (server: Server, host: string, { port = 0, tls }: EmbeddedEventStoreOptions): Promise<number> => {
  const credentials = tls
    ? ServerCredentials.createSsl(null, [
        { cert_chain: Buffer.from(tls.certificate), private_key: Buffer.from(tls.key) },
      ])
    : ServerCredentials.createInsecure();
  const address = `${bracketed(host)}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) =>
      error ? reject(explainListening(error, host, port)) : resolve(bound),
    );
  });
};

const explainListening = (error: Error, host: string, port: number): Error => {
  if (error.message.includes('EADDRINUSE'))
    return new StoreStartError(
      `Port ${port} on ${host} is in use: stop the process that uses it, or set EVENTSTORE_PORT to another (0: a free one).`,
    );
  if (error.message.includes('EACCES'))
    return new StoreStartError(`This user may not open port ${port}: set EVENTSTORE_PORT to one above 1023.`);
  return new StoreStartError(
    `The event store can't listen on ${host}:${port}: check EVENTSTORE_HOST and EVENTSTORE_PORT.`,
  );
};

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const force = setTimeout(() => server.forceShutdown(), STOP_GRACE_MS);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });

const connectionString = ({ user, password, tls }: EmbeddedEventStoreOptions, host: string, port: number): string => {
  const login = user && password ? `${encodeURIComponent(user)}:${encodeURIComponent(password)}@` : '';
  return `esdb://${login}${bracketed(host)}:${port}?tls=${tls ? 'true' : 'false'}`;
};

/** An implementation that answers UNIMPLEMENTED to every method, with a sentence. */
const refusing = (service: ServiceDefinition, what: string): UntypedServiceImplementation => {
  const error = new StatusError(status.UNIMPLEMENTED, `${what} not supported by the embedded event store.`);
  return Object.fromEntries(
    Object.entries(service).map(([name, { responseStream }]) => [
      name,
      responseStream
        ? (call: NodeJS.EventEmitter) => void call.emit('error', error)
        : (_call: unknown, reply: sendUnaryData<unknown>) => reply(error),
    ]),
  );
};
