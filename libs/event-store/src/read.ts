import { status } from '@grpc/grpc-js';
import { StreamDeletedError, StreamNotFoundError, type ResolvedEvent, type StreamingRead } from '@eventstore/db-client';
import { messageOf } from '@cohort/surroundings';
import type { Connection } from './connection';
import { storedEvent } from './convert';
import { StoreRefused, StoreUnavailable, StreamDeleted } from './errors';
import type { StoredEvent } from './types';

const isDenied = (error: unknown): boolean =>
  [status.PERMISSION_DENIED, status.UNAUTHENTICATED].includes((error as { code?: status } | null)?.code ?? status.OK);

/** Milliseconds without an event after which a read fails. */
const READ_TIMEOUT_MS = 5_000;

/**
 * Yields the events of a read on this connection; none for a missing stream.
 *
 * @throws StreamDeleted the stream was deleted for ever
 * @throws StoreUnavailable the server is silent, or the connection was dropped (which the client shows as a normal end)
 * @throws StoreRefused the user may not read
 */
export async function* eventsOf(
  readable: StreamingRead<ResolvedEvent>,
  connection: Connection,
): AsyncGenerator<StoredEvent> {
  // An error may still be emitted after the caller has stopped reading.
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
    if (error instanceof StreamDeletedError) {
      over = true;
      throw new StreamDeleted(error.streamName);
    }
    if (error instanceof StoreUnavailable) throw error;
    if (isDenied(error)) throw new StoreRefused('denied', `The event store denies reading: ${messageOf(error)}`);
    throw new StoreUnavailable(`The event store can't be read: ${messageOf(error)}`, { cause: error });
  } finally {
    clearInterval(watchdog);
    connection.closed.removeEventListener('abort', onClosed);
    // A read that the server has ended isn't cancelled: the server takes many cancellations for an attack and disconnects.
    if (!over) void readable.cancel().catch(() => undefined);
  }
}
