import { FEED_STREAM, FEED_SUBJECTS, GROUP_STREAM_PREFIX, START } from '@cohort/contracts';
import type { EventStore } from '@cohort/event-store';
import type { JetStreamManager, NatsConnection, StoredMsg } from 'nats';

/** The ids of all groups' events, in the order of the log. */
export async function logged(store: Pick<EventStore, 'follow'>): Promise<string[]> {
  const ids: string[] = [];
  const end = new AbortController();
  await store.follow({
    from: START,
    prefixes: [GROUP_STREAM_PREFIX],
    onDropped: () => undefined,
    onBatch: (events) => Promise.resolve(void ids.push(...events.map(({ id }) => id))),
    onCaughtUp: () => end.abort(),
    signal: end.signal,
  });
  return ids;
}

/** The ids of the events in the feed, in its order. */
export async function fed(connection: NatsConnection): Promise<string[]> {
  const ids: string[] = [];
  const manager = await connection.jetstreamManager({ checkAPI: false });
  const { state } = await manager.streams.info(FEED_STREAM);
  if (state.messages === 0) return ids;
  const consumer = await connection.jetstream().consumers.get(FEED_STREAM);
  // Ends with the last message; what is not there by `expires` would be left out, and be taken for a gap.
  for await (const message of await consumer.fetch({ max_messages: state.messages, expires: 60_000 })) {
    ids.push(message.headers?.get('ce-id') ?? '');
    if (message.info.pending === 0) break;
  }
  return ids;
}

/**
 * The feed's last message; undefined while it has none. Asks only if the stream has messages: nats-server 2.9 crashes if
 * asked while it creates the stream.
 */
export async function lastFed({ streams }: JetStreamManager): Promise<StoredMsg | undefined> {
  const { state } = await streams.info(FEED_STREAM);
  return state.messages === 0 ? undefined : streams.getMessage(FEED_STREAM, { last_by_subj: FEED_SUBJECTS });
}
