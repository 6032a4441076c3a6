/** A Node process that answers NATS requests with what it got: the most any service written on it could do. */
import { connect } from 'nats';

void connect({ servers: process.argv[2] }).then(async (nats) => {
  nats.subscribe('bench.echo', { callback: (_error, message) => void message.respond(message.data) });
  await nats.flush();
  process.send?.({ ready: true });
});
process.once('disconnect', () => process.exit());
