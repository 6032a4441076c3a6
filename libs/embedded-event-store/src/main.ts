import {
  absolutePath,
  hide,
  isHost,
  keepCredentials,
  keepNewFilesPrivate,
  messageOf,
  stackOf,
} from '@cohort/surroundings';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { StoreStartError, startEmbeddedEventStore } from '.';

/**
 * Runs the event store as a command, with the settings of README.md. Once ready, it prints one line, and sends
 * `{ready, url}` to a parent that forked it.
 */
const main = async (env: NodeJS.ProcessEnv): Promise<void> => {
  process.title = 'cohort-event-store';
  keepNewFilesPrivate();
  // Errors are reported below, so gRPC's own messages are switched off.
  setLogVerbosity(logVerbosity.NONE);
  // An empty setting counts as unset.
  const setting = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const directory = folder(setting('DATA_DIR') ?? './data');
  const [user, password] = [setting('EVENTSTORE_USER'), setting('EVENTSTORE_PASSWORD')];
  if (password !== undefined) keepCredentials(user ?? '', password);
  const store = await startEmbeddedEventStore({
    directory,
    port: portOf(setting('EVENTSTORE_PORT')),
    host: hostOf(setting('EVENTSTORE_HOST')),
    user,
    password,
    liveBuffer: liveBufferOf(setting('EVENTSTORE_LIVE_BUFFER')),
    tls: tlsOf(setting('EVENTSTORE_TLS_CERT'), setting('EVENTSTORE_TLS_KEY')),
  });

  const stop = () => void store.stop().then(() => process.exit(0), fail);
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // Without its parent, nothing would ever stop this process.
  process.once('disconnect', stop);

  console.log(`Event store ready on port ${store.port}, events in ${directory}.`);
  process.send?.({ ready: true, url: store.connectionString, port: store.port });
};

/** A relative path needs the folder in which the process was started, which may be gone. */
const folder = (dataDir: string): string => {
  try {
    return join(absolutePath(dataDir), 'event-store');
  } catch (error) {
    throw new StoreStartError(`DATA_DIR: ${messageOf(error)}.`);
  }
};

const DEFAULT_PORT = 2113;

const portOf = (text: string | undefined): number => {
  if (text === undefined) return DEFAULT_PORT;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65_535))
    throw new StoreStartError(`EVENTSTORE_PORT must be a whole number from 0 to 65535, not ${JSON.stringify(text)}.`);
  return port;
};

const hostOf = (text: string | undefined): string | undefined => {
  if (text === undefined || isHost(text)) return text;
  throw new StoreStartError(`EVENTSTORE_HOST must be an IP address or a host name, not ${JSON.stringify(text)}.`);
};

const liveBufferOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const events = Number(text);
  if (!Number.isInteger(events) || events < 1)
    throw new StoreStartError(`EVENTSTORE_LIVE_BUFFER must be a whole number from 1, not "${text}".`);
  return events;
};

const tlsOf = (certificate: string | undefined, key: string | undefined) => {
  if (!certificate && !key) return undefined;
  if (!certificate || !key)
    throw new StoreStartError('EVENTSTORE_TLS_CERT and EVENTSTORE_TLS_KEY must be given together.');
  const tls = { certificate: pemFile('EVENTSTORE_TLS_CERT', certificate), key: pemFile('EVENTSTORE_TLS_KEY', key) };
  try {
    createSecureContext({ cert: tls.certificate, key: tls.key });
  } catch {
    throw new StoreStartError('EVENTSTORE_TLS_CERT and EVENTSTORE_TLS_KEY are no certificate and its key in PEM.');
  }
  return tls;
};

const pemFile = (setting: string, file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new StoreStartError(`${setting} names ${file}, which can't be read.`);
  }
};

const fail = (error: unknown): never => {
  // An operator can act on a StoreStartError, so its message is enough. Any other error is shown with its stack.
  console.error(error instanceof StoreStartError ? hide(error.message) : stackOf(error));
  process.exit(1);
};

main(process.env).catch(fail);
