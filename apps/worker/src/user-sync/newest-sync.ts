import { readStored, type Position, type UserEventData } from '@cohort/contracts';
import { readOne, StreamDeleted, streamEnd, type EventStore, type StoredEvent } from '@cohort/event-store';

/** The newest sync in a user's stream. */
export interface Sync {
  readonly number: number;
  readonly request: StoredEvent;
  readonly groups: UserEventData['syncRequested']['groups'];
  readonly capacity: number | undefined;
  /** The user is erased by it. */
  readonly erase: UserEventData['syncRequested']['erase'];
  /** The position up to which the sync was completed; undefined while it isn't. */
  readonly completedAt: Position | undefined;
  /** The revision of the stream's last event. */
  readonly revision: number;
}

type Store = Pick<EventStore, 'read'>;

/**
 * Reads the newest sync: the stream's last event is its request or its completion. Strange events are passed over. Undefined
 * if the stream has no sync, or if an operator deleted it.
 *
 * @throws Error a newer version of this service wrote the last event
 */
export async function newestSync(store: Store, stream: string): Promise<Sync | undefined> {
  try {
    return await read(store, stream);
  } catch (error) {
    if (error instanceof StreamDeleted) return undefined;
    throw error;
  }
}

async function read(store: Store, stream: string): Promise<Sync | undefined> {
  const end = await streamEnd(store, stream);
  const last = end?.ours && usable(end.ours);
  if (end === undefined || last === undefined) return undefined;
  const completed = last.type === 'syncCompleted' ? (last.data as UserEventData['syncCompleted']) : undefined;
  const request = completed ? await requestAt(store, stream, completed.sync) : last;
  if (request === undefined) return undefined;
  const { groups, capacity, erase } = request.data as UserEventData['syncRequested'];
  return {
    number: request.revision,
    request,
    groups,
    capacity,
    erase,
    completedAt: completed?.position,
    revision: end.last.revision,
  };
}

/** The request of a completed sync; undefined if a strange event names it. */
async function requestAt(store: Store, stream: string, sync: number): Promise<StoredEvent | undefined> {
  const event = await readOne(store, stream, { from: sync });
  const request = event && usable(event);
  return request?.revision === sync && request.type === 'syncRequested' ? request : undefined;
}

/** The event in its newest version; undefined for a strange one. */
function usable(event: StoredEvent): StoredEvent | undefined {
  const reading = readStored(event);
  if (reading.kind === 'usable') return reading.event;
  if (reading.kind === 'unknown') throw new Error(`A newer version of this service wrote to ${event.stream}.`);
  return undefined;
}
