import { readStored, type UserBanEventData } from '@cohort/contracts';
import { StreamDeleted, streamEnd, type EventStore, type StoredEvent } from '@cohort/event-store';

/** The newest request in the stream of a user's bans, which isn't completed yet. */
export interface BanRequest {
  /** The revision of its event. */
  readonly number: number;
  readonly event: StoredEvent;
  readonly wanted: { readonly kind: 'ban'; readonly until?: string } | { readonly kind: 'unban' };
  /** The revision of the stream's last event. */
  readonly revision: number;
}

/**
 * Reads the newest request: the stream's last event is a request, or completes one. Strange events are passed over. Undefined if
 * there is nothing to do, or if an operator deleted the stream.
 *
 * @throws Error a newer version of this service wrote the last event
 */
export async function newestRequest(store: Pick<EventStore, 'read'>, stream: string): Promise<BanRequest | undefined> {
  try {
    const end = await streamEnd(store, stream);
    if (end?.ours === undefined) return undefined;
    const reading = readStored(end.ours);
    if (reading.kind === 'unknown') throw new Error(`A newer version of this service wrote to ${stream}.`);
    if (reading.kind !== 'usable' || reading.event.type === 'banEverywhereCompleted') return undefined;
    const { event } = reading;
    const common = { number: event.revision, event, revision: end.last.revision };
    if (event.type === 'unbanEverywhereRequested') return { ...common, wanted: { kind: 'unban' } };
    const { until } = event.data as UserBanEventData['banEverywhereRequested'];
    return { ...common, wanted: { kind: 'ban', ...(until === undefined ? {} : { until }) } };
  } catch (error) {
    if (error instanceof StreamDeleted) return undefined;
    throw error;
  }
}
