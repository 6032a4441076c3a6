/** A Node process that follows `$all` from now on and does nothing with it: what any projection would cost at least. */
import { END, EventStoreDBClient } from '@eventstore/db-client';

const client = EventStoreDBClient.connectionString(process.argv[2] ?? '');
client
  .subscribeToAll({ fromPosition: END })
  .once('confirmation', () => process.send?.({ ready: true }))
  .on('data', () => undefined);
process.once('disconnect', () => process.exit());
