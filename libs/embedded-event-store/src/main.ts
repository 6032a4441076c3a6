import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { StartError, startEmbeddedEventStore } from '.';

/**
 * The event store as a command. Settings: EVENTSTORE_PORT (2113; 0 takes a free one), EVENTSTORE_HOST (127.0.0.1),
 * EVENTSTORE_USER and EVENTSTORE_PASSWORD, EVENTSTORE_TLS_CERT and EVENTSTORE_TLS_KEY (PEM files), DATA_DIR (./data;
 * events go to its folder event-store). Says one line when ready; a parent that forked it gets `{ready, url}`.
 */
const main = async (env: NodeJS.ProcessEnv): Promise<void> => {
  process.title = 'cohort-event-store';
  // What goes wrong is told here, once and in words.
  setLogVerbosity(logVerbosity.NONE);
  // An empty setting is one that isn't there.
  const setting = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const directory = resolve(setting('DATA_DIR') ?? './data', 'event-store');
  const store = await startEmbeddedEventStore({
    directory,
    port: portOf(setting('EVENTSTORE_PORT')),
    host: setting('EVENTSTORE_HOST'),
    user: setting('EVENTSTORE_USER'),
    password: setting('EVENTSTORE_PASSWORD'),
    tls: tlsOf(setting('EVENTSTORE_TLS_CERT'), setting('EVENTSTORE_TLS_KEY')),
  });

  const stop = () => void store.stop().then(() => process.exit(0), fail);
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // Whoever started it has gone: nobody would stop it.
  process.once('disconnect', stop);

  console.log(`Event store ready on port ${store.port}, events in ${directory}.`);
  process.send?.({ ready: true, url: store.connectionString });
};

const DEFAULT_PORT = 2113;

const portOf = (text: string | undefined): number => {
  if (text === undefined) return DEFAULT_PORT;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new StartError(`EVENTSTORE_PORT must be a whole number from 0 to 65535, not "${text}".`);
  return port;
};

const tlsOf = (certificate: string | undefined, key: string | undefined) => {
  if (!certificate && !key) return undefined;
  if (!certificate || !key) throw new StartError('EVENTSTORE_TLS_CERT and EVENTSTORE_TLS_KEY must be given together.');
  return { certificate: pemFile('EVENTSTORE_TLS_CERT', certificate), key: pemFile('EVENTSTORE_TLS_KEY', key) };
};

const pemFile = (setting: string, file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new StartError(`${setting} names ${file}, which can't be read.`);
  }
};

const fail = (error: unknown): never => {
  // A sentence for what a person can put right; anything else is a fault of ours, and shown whole.
  console.error(error instanceof StartError ? error.message : error);
  process.exit(1);
};

main(process.env).catch(fail);
