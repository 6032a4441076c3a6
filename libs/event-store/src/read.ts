import { StreamNotFoundError, type ResolvedEvent, type StreamingRead } from '@eventstore/db-client';
import { messageOf, type Connection } from './connection';
import { storedEvent } from './convert';
import { StoreUnavailable } from './errors';
import type { StoredEvent } from './types';

/** Milliseconds without an event after which a read counts as failed. */
const READ_TIMEOUT_MS = 5_000;

/**
 * The events of a read that was started on this connection. A silent server ends it with `StoreUnavailable`, and so does
 * the end of the connection, which the client would show as the end of the stream.
 */
export async function* eventsOf(
  readable: StreamingRead<ResolvedEvent>,
  connection: Connection,
): AsyncGenerator<StoredEvent> {
  // An error may still come after the reader has gone.
  readable.on('error', () => undefined);
  let waiting = true;
  const watchdog = setInterval(() => {
    if (waiting) readable.destroy(new StoreUnavailable(`The event store sent nothing within ${READ_TIMEOUT_MS} ms.`));
  }, READ_TIMEOUT_MS);
  const onClosed = (): void => void readable.destroy(connection.closed.reason as Error);
  connection.closed.addEventListener('abort', onClosed);
  let over = false;
  try {
    for await (const { event } of readable) {
      if (!event) continue;
      waiting = false;
      yield storedEvent(event);
      waiting = true;
      watchdog.refresh();
    }
    connection.closed.throwIfAborted();
    over = true;
  } catch (error) {
    if (error instanceof StreamNotFoundError) {
      over = true;
      return;
    }
    if (error instanceof StoreUnavailable) throw error;
    throw new StoreUnavailable(`The event store can't be read: ${messageOf(error)}`);
  } finally {
    clearInterval(watchdog);
    connection.closed.removeEventListener('abort', onClosed);
    // Not when the server has ended it: cancelling each read would look like an attack, and end the connection.
    if (!over) void readable.cancel().catch(() => undefined);
  }
}
