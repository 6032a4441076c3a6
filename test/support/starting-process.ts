// Starts a nats-server and an event store as tests do, sends their process ids, and waits to be killed.
import { startNats } from './nats-server';
import { startPart } from './stack';

void (async () => {
  const nats = await startNats();
  const eventStore = await startPart('event-store', { EVENTSTORE_PORT: '0', DATA_DIR: process.argv[2]! });
  process.send?.([nats.pid, eventStore.pid]);
})();
