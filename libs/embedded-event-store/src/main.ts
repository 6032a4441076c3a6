import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { StoreStartError, startEmbeddedEventStore } from '.';

/**
 * Runs the event store as a command, with the settings of README.md. Once ready, it prints one line, and sends
 * `{ready, url}` to a parent that forked it.
 */
const main = async (env: NodeJS.ProcessEnv): Promise<void> => {
  process.title = 'cohort-event-store';
  // Errors are reported below, so gRPC's own messages are switched off.
  setLogVerbosity(logVerbosity.NONE);
  // An empty setting counts as unset.
  const setting = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const directory = resolve(setting('DATA_DIR') ?? './data', 'event-store');
  const store = await startEmbeddedEventStore({
    directory,
    port: portOf(setting('EVENTSTORE_PORT')),
    host: setting('EVENTSTORE_HOST'),
    user: setting('EVENTSTORE_USER'),
    password: setting('EVENTSTORE_PASSWORD'),
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

const DEFAULT_PORT = 2113;

const portOf = (text: string | undefined): number => {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new StoreStartError(`EVENTSTORE_PORT must be a whole number from 0 to 65535, not "${text}".`);
  return port;
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
  return { certificate: pemFile('EVENTSTORE_TLS_CERT', certificate), key: pemFile('EVENTSTORE_TLS_KEY', key) };
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
  console.error(error instanceof StoreStartError ? error.message : error);
  process.exit(1);
};

main(process.env).catch(fail);
