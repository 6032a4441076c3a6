import {
  actorAttributes,
  cloudEventHeaders,
  eventSubject,
  parseGroupStream,
  readFeedHeaders,
  upcast,
  type EventMetadata,
  type FeedHeaders,
} from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';
import type { StreamMessage } from '@cohort/bus';

/** An event of the log as the feed carries it. */
export interface FeedMessage {
  readonly event: StoredEvent;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The CloudEvent of a group's event, in the newest version of its type; undefined for an event of another stream. */
export function feedMessage(stored: StoredEvent, store: string): FeedMessage | undefined {
  const group = parseGroupStream(stored.stream);
  if (!group) return undefined;
  const event = upcast(stored);
  // Another build may have written the event without some of these.
  const { at, actor, commandId, batch, schemaVersion, traceparent } = event.metadata as Partial<EventMetadata>;
  const headers = cloudEventHeaders({
    specversion: '1.0',
    id: event.id,
    source: `/cohort/apps/${group.app}`,
    type: `group.v1.${event.type}`,
    subject: group.id,
    time: at ?? event.created.toISOString(),
    datacontenttype: 'application/json',
    revision: String(event.revision),
    position: event.position,
    store,
    schemaversion: String(schemaVersion ?? 1),
    ...(actor ? actorAttributes(actor) : {}),
    ...(commandId === undefined ? {} : { commandid: commandId }),
    ...(batch ? { batchindex: String(batch.index), batchsize: String(batch.size) } : {}),
    ...(traceparent === undefined ? {} : { traceparent }),
  });
  return {
    event,
    subject: eventSubject(group.app, group.id, event.type),
    headers,
    body: JSON.stringify(event.data),
  };
}

/** An event that is in the feed, and the sequence of its message. */
export interface PublishedEvent extends FeedHeaders {
  readonly sequence: number;
}

/** The event of a message of the feed; undefined for a message that no relay published. */
export function publishedEvent(message: StreamMessage): PublishedEvent | undefined {
  const headers = readFeedHeaders((name) => message.header(name));
  return headers && { ...headers, sequence: message.sequence };
}
