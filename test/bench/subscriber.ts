/**
 * A Node process that follows `$all` from now on and does nothing with it: what any projection would cost at least. Sends
 * its parent the number of events and drops each time it was dropped.
 */
import { EventStoreDBClient } from '@eventstore/db-client';
import { followAll } from './follow-all';

export interface Seen {
  readonly events: number;
  readonly drops: number;
}

let events = 0;
let drops = 0;
const say = (): void => void process.send?.({ events, drops } satisfies Seen);

void followAll(EventStoreDBClient.connectionString(process.argv[2] ?? ''), {
  onEvent: () => (events += 1),
  onDropped: () => {
    drops += 1;
    say();
  },
}).then(() => {
  process.send?.({ ready: true });
  // The parent asks for the present numbers.
  process.on('message', say);
});
process.once('disconnect', () => process.exit());
