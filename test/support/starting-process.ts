// Starts a nats-server and an event store as tests do, sends their process ids, and waits to be killed.
import { startNats } from './nats-server';
import { startEventStore } from './event-store';

void (async () => {
  const nats = await startNats();
  const eventStore = await startEventStore({ directory: process.argv[2]! });
  process.send?.([nats.pid, eventStore.pid]);
})();
